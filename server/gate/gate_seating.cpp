// How a connection gets to its room: who joins, and who comes back.
#include <utility>
#include <variant>

#include "server/gate/gate_state.h"

namespace tidewire::server {

void Gate::State::seat(Peer& peer, TimePoint now) {
    if (peer.departs) return;
    if (peer.resumes()) return resume(peer, now);
    if (draining) return peer.turn_away(ws::CloseCode::GoingAway, stop_reason, now);
    if (peer.lists_rooms()) return peer.watch(now);
    if (!site->census.may_join(peer.place()))
        return peer.turn_away(ws::CloseCode::TooManyJoins, "the places of this address are kept for players who have lost their connections", now);
    auto answer = site->admission.admit(peer.applicant(), site->directory, now);
    if (const auto* const turned_away = std::get_if<Admission::TurnedAway>(&answer))
        return peer.turn_away(turned_away->code, turned_away->reason, now);
    auto& [pass, seat] = std::get<Admission::Admitted>(answer);
    const RoomPlace place = seat.place();
    peer.identify(std::move(pass));
    lobby.remove(peer);
    if (place.shard != shard) {
        peer.keep_seat(std::move(seat));
        // The room may be a new one, and its player be gone before it has moved.
        if (site->wake) site->wake(place.shard);
        return send_away(peer, place.shard);
    }
    obey_orders(now);
    sit(peer, std::move(seat), now);
}

void Gate::State::sit(Peer& peer, Seat seat, TimePoint now) {
    HostedRoom* const room = seat.taken() ? rooms.find(seat.place().room) : nullptr;
    // The book may have changed since it was asked. What it says from now on the room sees, which looks at who is in it.
    const auto banned = peer.refused_by_bans();
    if (!draining && room != nullptr && !banned) return peer.sit(*room, std::move(seat), now);
    lobby.add(peer);
    if (banned) return peer.turn_away(ws::CloseCode::Banned, *banned, now);
    peer.turn_away(draining ? ws::CloseCode::GoingAway : ws::CloseCode::RoomOver,
                   draining ? stop_reason : "the room has just ended", now);
}

/// Who has lost a connection of this server's and comes by another. A room that drains still takes back its own.
void Gate::State::resume(Peer& peer, TimePoint now) {
    if (shutting_down) return peer.turn_away(ws::CloseCode::GoingAway, stop_reason, now);
    if (const auto banned = site->bans.refusal(peer.applicant().address, {}))
        return peer.turn_away(ws::CloseCode::Banned, *banned, now);
    // It may come from another gate, which has asked already.
    if (!peer.counted && !site->admission.may_try(peer.applicant().address, now))
        return peer.put_off(ws::CloseCode::TooManyJoins, "too many have tried to come back from this address; wait a little", now);
    peer.counted = true;
    lobby.remove(peer);
    const auto found = site->sessions.find(peer.resumes()->token);
    if (found && found->place.shard != shard) return send_away(peer, found->place.shard);
    HostedRoom* const room = found ? rooms.find(found->place.room) : nullptr;
    if (room != nullptr && room->has_overtaken(found->id, peer.resumes()->attempt)) {
        lobby.add(peer);
        // Whoever it is may try again: should it have been a thief who came later, its silence gives the place back.
        return peer.put_off(ws::CloseCode::SessionTaken, "the player has come back by a later attempt", now);
    }
    MembershipPointer membership = room != nullptr ? room->reclaim(found->id, now) : nullptr;
    if (membership == nullptr) {
        lobby.add(peer);
        // Its room may be in a file already, while others drain.
        if (draining) return peer.turn_away(ws::CloseCode::GoingAway, stop_reason, now);
        return peer.turn_away(ws::CloseCode::SessionOver, "there is no session to come back to: it is over, or its token was used", now);
    }
    peer.resume(*room, std::move(membership), now);
    list(*room);  // whoever had it before is told
}

void Gate::State::send_away(Peer& peer, std::uint32_t to) {
    peer.departs = true;
    departures.push_back({peer.id(), to});
}

}  // namespace tidewire::server
