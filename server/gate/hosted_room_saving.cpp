// How a hosted room outlives the server: what it is when the server stops, with the sessions of its players, and how it goes on.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "sdk/core/base/printable.h"
#include "server/gate/hosted_room.h"
#include "server/gate/peer.h"
#include "server/save/save_format.h"

namespace tidewire::server {

namespace {

SaveLimits limits_of(const ServerOptions& options) { return {.entities_max = options.entities_max}; }

SavedSession to_saved(const Membership& member, const SessionBook& book, bool connected) {
    const SessionBook::Kept kept = book.keep(member.session);
    SavedSession session{.player = member.player,
                         .id = static_cast<std::uint64_t>(kept.id),
                         .secret = kept.secret,
                         .before = kept.before,
                         .events_received = member.events_received,
                         .events_sent = member.events.sent(),
                         .connected = connected};
    member.events.for_each([&](const SharedMessage& event) { session.events.push_back(event); });
    return session;
}

Unexpected refuse(std::string reason) { return unexpected(Blame::Caller, std::move(reason)); }

}  // namespace

bool HostedRoom::saves() const {
    return site_->save_room && setup_.game.on_save && setup_.game.on_restore && !ended_ && room_.tick_number() > 0;
}

void HostedRoom::save(std::string_view reason) {
    SavedGame game{.number = static_cast<std::uint32_t>(number()),
                   .tick_rate = static_cast<std::uint16_t>(room_.options().tick_rate),
                   .entities_max = room_.options().entities_max,
                   .description = setup_.room,
                   .opened_by = setup_.opened_by};
    // As many as there may be stay as many as there may be.
    if (game.description.seats == site_->options.players_max) game.description.seats = 0;
    guarded([&] { game.room = room_.save(); });
    if (ended_) return;
    for (Peer* const peer : peers_)
        if (const Membership* const member = peer->member(); member != nullptr && member->session.has_token())
            game.sessions.push_back(to_saved(*member, site_->sessions, true));
    for (const MembershipPointer& member : lost_)
        if (!member->dismissal) game.sessions.push_back(to_saved(*member, site_->sessions, false));
    const Result<Bytes> bytes = encode_save(game, site_->layout, limits_of(site_->options));
    const Result<void> saved = bytes ? site_->save_room(number(), *bytes) : Result<void>(Unexpected{bytes.error()});
    ended_ = RoomEnd{.reason = std::string(reason), .saved = saved.has_value()};
    if (!saved) {
        ended_->not_saved = saved.error().message;
        return;
    }
    // Nobody leaves it: the game goes on with them.
    lost_.clear();
}

void HostedRoom::stop(std::string_view reason) {
    halt();
    if (saves()) save(reason);
}

Result<std::unique_ptr<HostedRoom>> HostedRoom::restore(Site& site, RoomSetup setup, const SavedGame& saved,
                                                        std::uint32_t shard, TimePoint start) {
    const RoomPlace place{.room = setup.number, .shard = shard};
    if (setup.room.seats > site.options.players_max) setup.room.seats = 0;
    if (saved.room.players.size() > site.options.players_max)
        return refuse("it has " + std::to_string(saved.room.players.size()) + " players, more than players_max (--players-max), which is " +
                      std::to_string(site.options.players_max));
    setup.restored = true;
    setup.opened_by = saved.opened_by;
    auto room = std::make_unique<HostedRoom>(site, std::move(setup), start);
    if (auto restored = room->go_on_from(saved, place); !restored) {
        room.reset();
        // Whoever reads them would see a room that nobody runs.
        site.metrics.close_room(static_cast<std::uint32_t>(place.room));
        return Unexpected{std::move(restored).error()};
    }
    room->take_back(saved, place, site, start);
    return room;
}

Result<void> HostedRoom::go_on_from(const SavedGame& saved, RoomPlace place) {
    if (saved.room.interest.cells != room_.interest().cell_count())
        return refuse("its grid has " + std::to_string(saved.room.interest.cells) + " cells, and that of the game " +
                      std::to_string(room_.interest().cell_count()));
    Result<void> restored;
    guarded([&] { restored = room_.restore(saved.room); });
    if (ended_) return refuse("its game has failed with it: " + ended_->reason);
    if (!restored) return restored;
    const auto is_bot = [](const SavedPlayer& player) { return player.bot; };
    const auto bots = std::count_if(saved.room.players.begin(), saved.room.players.end(), is_bot);
    const RoomDescription& room = description();
    if (saved.room.players.size() > room.seats)
        return refuse("it has " + std::to_string(saved.room.players.size()) + " players, and " + std::to_string(room.seats) + " seats");
    if (!site_->directory.open(place, room, static_cast<std::uint32_t>(bots), saved.opened_by == RoomOrigin::Client))
        return refuse("another room is called \"" + printable(room.name) + "\"");
    return {};
}

/// Its players are away, and may come back. Whoever has no way to leaves.
void HostedRoom::take_back(const SavedGame& saved, RoomPlace place, Site& site, TimePoint now) {
    const auto player_of = [&](const SavedSession& session) -> const SavedPlayer& {
        return *std::find_if(saved.room.players.begin(), saved.room.players.end(),
                             [&](const SavedPlayer& each) { return each.id == session.player; });
    };
    for (const SavedSession& each : saved.sessions) {
        auto seat = site.directory.take_seat(SeatWish{.room = {.name = setup_.room.name}, .invited = true}, now);
        auto session = site.sessions.restore(place, {.id = SessionId{each.id}, .secret = each.secret, .before = each.before});
        if (std::holds_alternative<Refusal>(seat) || !session.has_token()) continue;
        auto member = std::make_unique<Membership>(
            Membership{.player = each.player,
                       .name = player_of(each).name,
                       .subject = player_of(each).identity.subject,
                       .address = {},
                       .seat = std::move(std::get<Seat>(seat)),
                       .session = std::move(session),
                       .events = session::ReliableLog({.messages_max = site_->options.events_unsent_max,
                                                       .bytes_max = site_->options.event_bytes_unsent_max},
                                                      each.events_sent - static_cast<std::uint32_t>(each.events.size())),
                       .events_received = each.events_received,
                       .kept_until = now + site_->options.resume_within,
                       .restored = true});
        for (const SharedMessage& event : each.events) member->events.push(event);
        lost_.push_back(std::move(member));
        if (each.connected) guarded([&] { room_.disconnect(each.player, "the server has stopped, and is back"); });
    }
    for (const SavedPlayer& player : saved.room.players) {
        const bool may_come_back = std::any_of(lost_.begin(), lost_.end(), [&](const auto& each) { return each->player == player.id; });
        if (!player.bot && !may_come_back) leave(player.id);
    }
}

}  // namespace tidewire::server
