// Plain values into the tables of saved.fbs.
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "saved_generated.h"
#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/replication/body.h"
#include "sdk/core/wire/zstd_frame.h"
#include "server/save/save_format.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

constexpr int zstd_level = 3;  // a server that stops has other things to do

std::vector<std::uint8_t> to_octets(ByteSpan bytes) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return {data, data + bytes.size()};
}

flat::Entity to_flat(EntityId id) { return {id.index, id.generation}; }

/// Whatever one event after another is.
void append(std::vector<std::uint8_t>& out, ByteSpan bytes) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    out.insert(out.end(), data, data + bytes.size());
}

void write_world(const SavedGame& game, const replication::Layout& layout, flat::RoomT& out) {
    const replication::CodeTables& tables = replication::CodeTables::built_in();
    const replication::Codec codec(layout, tables, game.tick_rate);
    const replication::Snapshot nothing;
    const replication::Members all = replication::all_members(game.room.world);
    const auto keyframe = [&](replication::Coverage coverage) {
        Bytes body;
        replication::encode_keyframe({.codec = codec, .before = nothing, .after = game.room.world, .coverage = coverage}, all, body);
        return to_octets(body);
    };
    out.state_hash = replication::state_hash(game.room.world);
    out.code_tables = to_octets(tables.bytes());
    out.world = keyframe(replication::Coverage::Public);
    for (std::size_t table = 1; table < layout.table_count() && out.private_world.empty(); ++table)
        if (replication::covers(layout, replication::Coverage::Private, table))
            out.private_world = keyframe(replication::Coverage::Private);
}

std::unique_ptr<flat::IdentityT> to_flat(const Identity& identity) {
    auto out = std::make_unique<flat::IdentityT>();
    out->subject = identity.subject;
    out->name = identity.name;
    out->room = identity.room;
    out->token_id = identity.token_id;
    for (const auto& [name, value] : identity.claims) {
        auto claim = std::make_unique<flat::ClaimT>();
        claim->name = name;
        claim->value = value;
        out->claims.push_back(std::move(claim));
    }
    out->expires = identity.expires.time_since_epoch().count();
    return out;
}

void write_players(const SavedRoom& room, flat::RoomT& out) {
    std::map<const void*, std::uint32_t> blobs;  // the same map goes to many players
    for (const SavedPlayer& each : room.players) {
        auto player = std::make_unique<flat::PlayerT>();
        player->id = each.id;
        player->name = each.name;
        player->bot = each.bot;
        player->identity = to_flat(each.identity);
        player->bulks_received = each.bulks_received;
        player->muted_until = each.muted_until;
        for (const BulkItem& item : each.bulk) {
            const auto [blob, added] = blobs.try_emplace(item.bytes.get(), static_cast<std::uint32_t>(out.blobs.size()));
            if (added) {
                out.blobs.push_back(std::make_unique<flat::BlobT>());
                out.blobs.back()->bytes = to_octets(*item.bytes);
            }
            player->bulk.emplace_back(item.id, blob->second);
        }
        out.players.push_back(std::move(player));
    }
}

std::unique_ptr<flat::InterestT> to_flat(const SavedInterest& interest) {
    auto out = std::make_unique<flat::InterestT>();
    out->cells = interest.cells;
    out->next_group = interest.ids.next;
    for (const auto& each : interest.ids.returned) out->returned.emplace_back(each.from, each.id);
    for (const auto& each : interest.game_groups) out->game_groups.emplace_back(each.group, each.priority);
    for (const auto& each : interest.teams) out->teams.emplace_back(each.team, each.group);
    for (const auto& each : interest.places) out->places.emplace_back(to_flat(each.entity), each.group, each.for_owner);
    for (const SavedInterest::Viewer& each : interest.viewers) {
        auto viewer = std::make_unique<flat::ViewerT>();
        viewer->player = each.player;
        viewer->own_group = each.own_group;
        viewer->team = each.team;
        viewer->focus = static_cast<std::uint8_t>(each.focus);
        viewer->x = each.point.x;
        viewer->y = each.point.y;
        viewer->followed = std::make_unique<flat::Entity>(to_flat(each.followed));
        for (const auto& subscribed : each.subscribed)
            viewer->subscribed.emplace_back(subscribed.group, static_cast<std::uint8_t>(subscribed.rate));
        out->viewers.push_back(std::move(viewer));
    }
    return out;
}

void write_events(const SavedRoom& room, flat::RoomT& out) {
    for (const PlayerEvent& each : room.arrived) {
        auto arrived = std::make_unique<flat::ArrivedT>();
        arrived->player = each.player;
        arrived->type = each.type;
        arrived->data = to_octets(each.data);
        arrived->request = each.request;
        out.arrived.push_back(std::move(arrived));
    }
    for (const OutgoingEvent& each : room.outgoing) {
        auto outgoing = std::make_unique<flat::OutgoingT>();
        outgoing->to = static_cast<std::uint8_t>(each.to);
        outgoing->player = each.player;
        outgoing->team = each.team;
        outgoing->group = each.group;
        outgoing->entity = std::make_unique<flat::Entity>(to_flat(each.entity));
        outgoing->message = to_octets(*each.message);
        outgoing->hidden = each.hidden;
        out.outgoing.push_back(std::move(outgoing));
    }
}

void write_sessions(const SavedGame& game, flat::RoomT& out) {
    for (const SavedSession& each : game.sessions) {
        auto session = std::make_unique<flat::SessionT>();
        session->player = each.player;
        session->id = each.id;
        session->secret = to_octets(each.secret);
        if (each.before) session->before = to_octets(*each.before);
        session->events_received = each.events_received;
        session->events_sent = each.events_sent;
        for (const SharedMessage& message : each.events) {
            session->event_sizes.push_back(static_cast<std::uint32_t>(message->size()));
            append(session->events, *message);
        }
        session->connected = each.connected;
        out.sessions.push_back(std::move(session));
    }
}

void write_description(const RoomDescription& room, flat::RoomT& out) {
    out.name = room.name;
    for (const auto& [name, value] : room.properties) {
        out.properties.push_back(std::make_unique<flat::PropertyT>());
        out.properties.back()->name = name;
        out.properties.back()->value = value;
    }
    out.code = room.code;
    out.seats = room.seats;
    out.empty_for_ms = static_cast<std::uint64_t>(room.empty_for.count());
}

/// What is large, nearly: the builder of the tables cannot say that something does not fit.
std::size_t content_bytes(const flat::RoomT& room) {
    std::size_t bytes = room.world.size() + room.private_world.size() + room.game.size() + room.code_tables.size();
    for (const auto& blob : room.blobs) bytes += blob->bytes.size();
    for (const auto& session : room.sessions) bytes += session->events.size();
    return bytes;
}

Unexpected too_large(std::size_t bytes, const SaveLimits& limits) {
    return unexpected(Blame::Caller, "the room takes " + std::to_string(bytes) + " bytes, more than a save may have (" +
                                         std::to_string(limits.content_bytes_max) + "); are there bulk transfers that nobody takes?");
}

}  // namespace

Result<Bytes> encode_save(const SavedGame& game, const replication::Layout& layout, const SaveLimits& limits) {
    flat::RoomT room;
    room.sdk_version = version;
    room.number = game.number;
    room.tick_rate = game.tick_rate;
    room.entities_max = game.entities_max;
    room.tick = game.room.tick;
    room.next_player = game.room.next_player;
    write_world(game, layout, room);
    for (const EntityId id : game.room.retired) room.retired.push_back(to_flat(id));
    write_players(game.room, room);
    room.interest = to_flat(game.room.interest);
    write_events(game.room, room);
    room.game = to_octets(game.room.game);
    write_sessions(game, room);
    write_description(game.description, room);
    room.opened_by = static_cast<std::uint8_t>(game.opened_by);
    if (const std::size_t bytes = content_bytes(room); bytes > limits.content_bytes_max) return too_large(bytes, limits);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(flat::Room::Pack(builder, &room));
    if (builder.GetSize() > limits.content_bytes_max) return too_large(builder.GetSize(), limits);
    Bytes frame;
    wire::append_zstd(frame, {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()}, zstd_level);

    Bytes file(save_magic.begin(), save_magic.end());
    file.push_back(std::byte{save_version});
    file.resize(8);
    append_little_endian(file, layout.schema().hash);
    append_little_endian(file, fnv1a(frame));
    tidewire::append(file, frame);
    return file;
}

}  // namespace tidewire::server
