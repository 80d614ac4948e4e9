// A room trusts what it is restored from as far as this has looked: whatever a file says, it makes no reader go astray.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "sdk/core/base/room_texts.h"
#include "sdk/core/replication/event_codec.h"
#include "server/save/save_format.h"

namespace tidewire::server {

namespace {

Unexpected refuse(std::string reason) { return unexpected(Blame::Machine, std::move(reason)); }

Result<void> check_description(const RoomDescription& room) {
    if (const auto refusal = refuse_room_texts(room.name, room.properties, room.code)) return refuse("of its description: " + *refusal);
    if (room.empty_for.count() < 0 || room.empty_for > std::chrono::hours(24)) return refuse("it would be empty for longer than any");
    return {};
}

Result<void> check_players(const SavedRoom& room) {
    PlayerId before = 0;
    for (const SavedPlayer& player : room.players) {
        if (player.id <= before) return refuse("its players do not come by number");
        before = player.id;
    }
    if (before >= room.next_player || room.next_player == std::numeric_limits<PlayerId>::max())
        return refuse("its next player is one of those that are there");
    return {};
}

const SavedPlayer* find(const SavedRoom& room, PlayerId player) {
    const auto found = std::lower_bound(room.players.begin(), room.players.end(), player,
                                        [](const SavedPlayer& each, PlayerId wanted) { return each.id < wanted; });
    return found != room.players.end() && found->id == player ? &*found : nullptr;
}

Result<void> check_interest(const SavedInterest& interest, const SaveLimits& limits) {
    const std::uint32_t first = group_first_cell + interest.cells;
    const auto is_taken = [&](GroupId group) { return group >= first && group < interest.ids.next; };
    const auto good = [&](GroupId group, GroupId none) { return group == none || is_taken(group); };
    bool valid = first <= group_private && interest.ids.next >= first && interest.ids.next <= group_private;
    for (const auto& each : interest.ids.returned) valid = valid && is_taken(each.id);
    for (const auto& each : interest.game_groups) valid = valid && is_taken(each.group);
    for (const auto& each : interest.teams) valid = valid && each.team != 0 && is_taken(each.group);
    for (const auto& each : interest.places)
        valid = valid && each.entity.index < limits.entities_max &&
                (each.group == group_always || each.group == group_nobody || is_taken(each.group));
    for (const auto& each : interest.viewers) {
        valid = valid && good(each.own_group, group_nobody) && good(each.team, group_none) &&
                each.focus <= SavedInterest::Viewer::Focus::Entity && std::isfinite(each.point.x) && std::isfinite(each.point.y);
        for (const auto& subscribed : each.subscribed)
            valid = valid && is_taken(subscribed.group) && subscribed.rate <= replication::Rate::Quarter;
    }
    return valid ? Result<void>{} : refuse("its interest groups cannot be");
}

Result<void> check_events(const SavedRoom& room, const replication::Layout& layout) {
    for (const PlayerEvent& each : room.arrived)
        if (each.type >= layout.event_count() || !replication::check_event(layout, each.type, each.data))
            return refuse("an event of a client is none");
    for (const OutgoingEvent& each : room.outgoing)
        if (each.to > OutgoingEvent::To::Near || each.message->empty()) return refuse("an event of the game is none");
    return {};
}

}  // namespace

Result<void> check_save(const SavedGame& game, const replication::Layout& layout, const SaveLimits& limits) {
    if (auto description = check_description(game.description); !description) return description;
    if (game.opened_by > RoomOrigin::Client) return refuse("nobody could have opened it");
    if (auto players = check_players(game.room); !players) return players;
    if (auto interest = check_interest(game.room.interest, limits); !interest) return interest;
    if (auto events = check_events(game.room, layout); !events) return events;
    for (const EntityId id : game.room.retired)
        if (id.index >= limits.entities_max || id.generation == 0) return refuse("an entity that is gone cannot have been");
    std::vector<PlayerId> with_session;
    for (const SavedSession& session : game.sessions) {
        const SavedPlayer* const player = find(game.room, session.player);
        if (player == nullptr || player->bot) return refuse("a session is of no player");
        if (session.events_sent < session.events.size()) return refuse("a session has more events than were sent");
        with_session.push_back(session.player);
    }
    std::sort(with_session.begin(), with_session.end());
    if (std::adjacent_find(with_session.begin(), with_session.end()) != with_session.end())
        return refuse("a player has two sessions");
    return {};
}

}  // namespace tidewire::server
