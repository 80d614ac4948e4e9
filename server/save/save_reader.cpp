// The tables of saved.fbs, once they are verified, into plain values; check_save() looks at what those say.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "saved_generated.h"
#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/base/printable.h"
#include "sdk/core/replication/body.h"
#include "sdk/core/wire/zstd_frame.h"
#include "server/save/save_format.h"

namespace tidewire::server {

namespace {

constexpr const char* damaged = "it is damaged or cut off";

Unexpected refuse(std::string reason) { return unexpected(Blame::Machine, std::move(reason)); }

ByteSpan to_span(const std::vector<std::uint8_t>& octets) {
    return {reinterpret_cast<const std::byte*>(octets.data()), octets.size()};
}

Bytes to_bytes(const std::vector<std::uint8_t>& octets) {
    const ByteSpan span = to_span(octets);
    return {span.begin(), span.end()};
}

EntityId to_id(const flat::Entity& entity) { return {entity.index(), entity.generation()}; }

/// As a client reads it, but from nothing and all at once.
Result<replication::Snapshot> read_world(const flat::RoomT& room, const replication::Layout& layout, const SaveLimits& limits) {
    auto tables = replication::CodeTables::parse(to_span(room.code_tables));
    if (!tables) return Unexpected{tables.error()};
    const replication::Codec codec(layout, *tables, room.tick_rate);
    replication::SnapshotEdit edit(layout, {});
    const auto read = [&](const std::vector<std::uint8_t>& body, replication::Coverage coverage) -> Result<void> {
        replication::StreamState state;
        const auto decoded = replication::decode_body(codec, to_span(body), replication::BodyKind::Keyframe, coverage, room.tick,
                                                      {.entities_max = limits.entities_max}, state, edit);
        if (!decoded) return Unexpected{decoded.error()};
        return {};
    };
    if (auto ours = read(room.world, replication::Coverage::Public); !ours) return Unexpected{ours.error()};
    if (!room.private_world.empty())
        if (auto ours = read(room.private_world, replication::Coverage::Private); !ours) return Unexpected{ours.error()};
    replication::Snapshot world = std::move(edit).finish(room.tick);
    if (replication::state_hash(world) != room.state_hash) return refuse("its world has another hash than when it was saved");
    return world;
}

Identity to_identity(const flat::IdentityT* from) {
    Identity identity;
    if (from == nullptr) return identity;
    identity.subject = from->subject;
    identity.name = from->name;
    identity.room = from->room;
    identity.token_id = from->token_id;
    for (const auto& claim : from->claims) identity.claims.emplace(claim->name, claim->value);
    identity.expires = SystemTime(std::chrono::seconds(from->expires));
    return identity;
}

Result<void> read_players(const flat::RoomT& from, SavedRoom& room) {
    std::vector<BulkBytes> blobs;
    for (const auto& blob : from.blobs) blobs.push_back(std::make_shared<const Bytes>(to_bytes(blob->bytes)));
    for (const auto& each : from.players) {
        SavedPlayer player{.id = each->id,
                           .name = each->name,
                           .bot = each->bot,
                           .identity = to_identity(each->identity.get()),
                           .bulks_received = each->bulks_received,
                           .muted_until = each->muted_until};
        for (const flat::BulkItem& item : each->bulk) {
            if (item.blob() >= blobs.size() || blobs[item.blob()]->empty()) return refuse("a bulk transfer has no bytes");
            player.bulk.push_back({.id = item.id(), .bytes = blobs[item.blob()]});
        }
        room.players.push_back(std::move(player));
    }
    return {};
}

SavedInterest to_interest(const flat::InterestT& from) {
    SavedInterest interest{.cells = from.cells, .ids = {.next = from.next_group}};
    for (const auto& each : from.returned) interest.ids.returned.push_back({each.from(), each.group()});
    for (const auto& each : from.game_groups) interest.game_groups.push_back({each.group(), each.priority()});
    for (const auto& each : from.teams) interest.teams.push_back({each.team(), each.group()});
    for (const auto& each : from.places) interest.places.push_back({to_id(each.entity()), each.for_owner(), each.group()});
    for (const auto& each : from.viewers) {
        SavedInterest::Viewer viewer{.player = each->player,
                                     .own_group = each->own_group,
                                     .team = each->team,
                                     .focus = static_cast<SavedInterest::Viewer::Focus>(each->focus),
                                     .point = {each->x, each->y},
                                     .followed = each->followed ? to_id(*each->followed) : EntityId{}};
        for (const auto& subscribed : each->subscribed)
            viewer.subscribed.push_back({subscribed.group(), static_cast<replication::Rate>(subscribed.rate())});
        interest.viewers.push_back(std::move(viewer));
    }
    return interest;
}

void read_events(const flat::RoomT& from, SavedRoom& room) {
    for (const auto& each : from.arrived)
        room.arrived.push_back(
            {.player = each->player, .type = each->type, .data = to_bytes(each->data), .request = each->request});
    for (const auto& each : from.outgoing)
        room.outgoing.push_back({.to = static_cast<OutgoingEvent::To>(each->to),
                                 .player = each->player,
                                 .team = each->team,
                                 .group = each->group,
                                 .entity = each->entity ? to_id(*each->entity) : EntityId{},
                                 .hidden = each->hidden,
                                 .message = std::make_shared<const Bytes>(to_bytes(each->message))});
}

bool read_digest(const std::vector<std::uint8_t>& from, SavedSession::Digest& digest) {
    const ByteSpan bytes = to_span(from);
    if (bytes.size() != digest.size()) return false;
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return true;
}

Result<void> read_sessions(const flat::RoomT& from, SavedGame& game) {
    for (const auto& each : from.sessions) {
        SavedSession session{.player = each->player,
                             .id = each->id,
                             .events_received = each->events_received,
                             .events_sent = each->events_sent,
                             .connected = each->connected};
        if (!read_digest(each->secret, session.secret)) return refuse("a session has no secret");
        if (!each->before.empty() && !read_digest(each->before, session.before.emplace())) return refuse("a session has half a secret");
        ByteSpan rest = to_span(each->events);
        for (const std::uint32_t size : each->event_sizes) {
            if (size == 0 || size > rest.size()) return refuse("the events of a session do not have the sizes that it says");
            session.events.push_back(std::make_shared<const Bytes>(rest.begin(), rest.begin() + size));
            rest = rest.subspan(size);
        }
        if (!rest.empty()) return refuse("the events of a session do not have the sizes that it says");
        game.sessions.push_back(std::move(session));
    }
    return {};
}

RoomDescription to_description(const flat::RoomT& from) {
    RoomDescription room{.name = from.name,
                         .properties = {},
                         .seats = from.seats,
                         .code = from.code,
                         .empty_for = std::chrono::milliseconds(from.empty_for_ms)};
    for (const auto& each : from.properties) room.properties.emplace(each->name, each->value);
    return room;
}

Result<SavedGame> read(const flat::RoomT& from, const replication::Layout& layout, const SaveLimits& limits) {
    if (from.tick == 0 || from.tick_rate == 0 || !from.interest) return refuse(damaged);
    SavedGame game{.number = from.number,
                   .tick_rate = from.tick_rate,
                   .entities_max = from.entities_max,
                   .sdk_version = printable(from.sdk_version),
                   .description = to_description(from),
                   .opened_by = static_cast<RoomOrigin>(from.opened_by),
                   .room = {.tick = from.tick, .next_player = from.next_player}};
    auto world = read_world(from, layout, limits);
    if (!world)
        return refuse(world.error().message + (from.entities_max > limits.entities_max
                                                   ? " (entities_max was " + std::to_string(from.entities_max) +
                                                         " when it was saved, and is " + std::to_string(limits.entities_max) + " now)"
                                                   : ""));
    game.room.world = std::move(*world);
    for (const flat::Entity& each : from.retired) game.room.retired.push_back(to_id(each));
    if (auto players = read_players(from, game.room); !players) return Unexpected{players.error()};
    game.room.interest = to_interest(*from.interest);
    read_events(from, game.room);
    game.room.game = to_bytes(from.game);
    if (auto sessions = read_sessions(from, game); !sessions) return Unexpected{sessions.error()};
    if (auto checked = check_save(game, layout, limits); !checked) return Unexpected{checked.error()};
    return game;
}

}  // namespace

Result<SavedGame> parse_save(ByteSpan file, const replication::Layout& layout, const SaveLimits& limits) {
    if (file.size() < save_head_bytes || !std::equal(save_magic.begin(), save_magic.end(), file.begin()))
        return refuse("it is no saved room");
    if (const auto its_version = std::to_integer<unsigned>(file[save_magic.size()]); its_version != save_version)
        return refuse("it is of version " + std::to_string(its_version) + " of the format, and this server reads version " +
                      std::to_string(save_version));
    if (load_little_endian<std::uint64_t>(file.subspan(8)) != layout.schema().hash)
        return refuse("it is of another schema than " + std::string(layout.schema().name) +
                      " as this server has it, and only one of the very same schema takes it: start the server that saved it, "
                      "with this file, or let the room begin anew");
    const ByteSpan frame = file.subspan(save_head_bytes);
    if (load_little_endian<std::uint64_t>(file.subspan(16)) != fnv1a(frame)) return refuse(damaged);
    Bytes content;
    if (auto inflated = wire::inflate(frame, limits.content_bytes_max, content); !inflated) return refuse(inflated.error().message);
    flatbuffers::Verifier::Options options;
    options.max_depth = 8;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(content.data());
    flatbuffers::Verifier verifier(bytes, content.size(), options);
    if (!verifier.VerifyBuffer<flat::Room>(nullptr)) return refuse(damaged);
    flat::RoomT room;
    flatbuffers::GetRoot<flat::Room>(bytes)->UnPackTo(&room);
    return read(room, layout, limits);
}

}  // namespace tidewire::server
