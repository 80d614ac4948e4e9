// How a gate stops: what was asked for before is done, rooms end or are saved, and everybody is sent away.
#include <string_view>
#include <vector>

#include "server/gate/gate_state.h"

namespace tidewire::server {

/// Whoever stops now keeps what is not over, and neither a room that was to end nor a player who was to go may come back with it.
void Gate::State::finish_orders(TimePoint now) {
    server::obey_orders(*site, shard, rooms, true, events, now);
    for (const auto& room : rooms) {
        settle(*room, now);
        tell_expired(*room, now);
    }
}

void Gate::drain(std::string_view reason, std::chrono::milliseconds left, TimePoint now) {
    State& state = *state_;
    // As what it was asked for, and not yet as a part of the stop.
    state.finish_orders(now);
    state.draining = true;
    state.stop_reason = reason;
    state.site->directory.close_all();
    for (const auto& room : state.rooms) {
        if (!room->ended()) room->drain(reason, left);
        state.settle(*room, now);
    }
    const std::vector<Peer*> waiting = state.lobby.peers();
    for (Peer* const peer : waiting) {
        peer->shut_down(ws::CloseCode::GoingAway, reason, now);
        state.settle(*peer, now);
    }
    state.remove_ended();
}

void Gate::shut_down(std::string_view reason, TimePoint now) {
    State& state = *state_;
    state.finish_orders(now);
    state.shutting_down = true;
    state.draining = true;
    state.stop_reason = reason;
    state.site->directory.close_all();
    for (const auto& room : state.rooms) {
        room->stop(reason);
        if (room->ended()) state.settle(*room, now);
        // Who is away leaves with the others.
        state.tell_expired(*room, never);
    }
    state.peers.for_each([&](ConnectionId, Peer& peer) {
        peer.shut_down(ws::CloseCode::GoingAway, reason, now);
        state.list(peer);
    });
}

}  // namespace tidewire::server
