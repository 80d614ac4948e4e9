// How a connection gets to its room: who joins, and who comes back.
#include <utility>
#include <variant>

#include "server/gate/gate_state.h"

namespace tidewire::server {

void Gate::State::seat(Peer& peer, TimePoint now) {
    if (peer.departs) return;
    if (peer.resumes()) return resume(peer, now);
    if (draining) return peer.turn_away(ws::CloseCode::GoingAway, stop_reason, now);
    if (!site->census.may_join(peer.place()))
        return peer.turn_away(ws::CloseCode::TooManyJoins, "the places of this address are kept for players who have lost their connections", now);
    auto answer = site->admission.admit(peer.applicant(), site->directory, now);
    if (const auto* const turned_away = std::get_if<Admission::TurnedAway>(&answer))
        return peer.turn_away(turned_away->code, turned_away->reason, now);
    auto& [identity, seat] = std::get<Admission::Admitted>(answer);
    const RoomPlace place = seat.place();
    peer.identify(std::move(identity));
    lobby.remove(peer);
    if (place.shard != shard) {
        peer.keep_seat(std::move(seat));
        return send_away(peer, place.shard);
    }
    HostedRoom* const room = rooms.find(place.room);
    assert(room != nullptr);
    peer.sit(*room, std::move(seat), now);
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
