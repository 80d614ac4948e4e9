// What a gate knows: its connections, its rooms, and who waits for a seat in one.
#pragma once

#include <cassert>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/connection_table.h"
#include "server/gate/gate.h"
#include "server/gate/lobby.h"
#include "server/gate/ordered_room.h"
#include "server/gate/peer.h"
#include "server/gate/room_list.h"

namespace tidewire::server {

struct Gate::State {
    State(Site& shared, std::uint32_t number, TimePoint now)
        : site(&shared), shard(number), shard_metrics(&shared.metrics.shard(number)), period(Duration(std::chrono::seconds(1)) / shared.options.tick_rate),
          lobby_looked_at(now) {}

    Peer& peer(ConnectionId id) const {
        Peer* const found = peers.find(id);
        assert(found != nullptr && "the connection was forgotten, or never accepted");
        return *found;
    }
    GateCounters& counters_of(const Peer& peer) {
        return peer.room() != nullptr ? peer.room()->counters() : counters;
    }

    void list(Peer& peer) {
        if (peer.listed || !(peer.has_output() || peer.wants_shutdown() || peer.finished())) return;
        peer.listed = true;
        ready.push_back(peer.id());
    }
    void list(const HostedRoom& room) {
        for (Peer* const peer : room.peers()) list(*peer);
    }

    /// After anything that a connection said or did.
    void settle(Peer& peer, TimePoint now);
    void settle(HostedRoom& room, TimePoint now);
    void seat(Peer& peer, TimePoint now);
    /// In the room of its seat, if that is still there.
    void sit(Peer& peer, Seat seat, TimePoint now);
    /// What was asked for before a stop is done before it; only rooms that were to be opened are not.
    void finish_orders(TimePoint now);
    void obey_orders(TimePoint now) { server::obey_orders(*site, shard, rooms, draining, events, now); }
    void resume(Peer& peer, TimePoint now);
    /// To the gate of its room.
    void send_away(Peer& peer, std::uint32_t shard);
    void run_room(HostedRoom& room, TimePoint now);
    void look_at_lobby(TimePoint now);
    /// A place for one who comes while all are taken: mute sockets must not keep out who would play. Empty when there is none.
    std::optional<ConnectionCensus::Entry> make_room(std::string_view peer_address, TimePoint now);
    /// Those leave who have not come back in time.
    void tell_expired(HostedRoom& room, TimePoint now);
    /// Of rooms that are over and empty.
    void remove_ended();
    void note_shard(TimePoint now);

    std::unique_ptr<Site> own_site;  // of a server of one gate
    Site* site;
    std::uint32_t shard;
    ShardMetrics* shard_metrics;
    Duration period;
    bool draining = false;
    bool shutting_down = false;  // and so no room ticks
    std::string stop_reason;
    std::deque<GateEvent> events;
    RoomList rooms;
    ConnectionTable<Peer> peers;
    Lobby lobby;
    TimePoint lobby_looked_at;
    std::vector<ConnectionId> ready;  // from ready_taken on
    std::size_t ready_taken = 0;
    TimePoint noted_at{};  // of the shard's figures
    StreamFigures streams;
    std::vector<Departure> departures;
    std::vector<RoomNumber> closed_rooms;
    GateCounters counters;       // of rooms that are gone, and of connections in none
    RoomCounters room_counters;  // of rooms that are gone
};

}  // namespace tidewire::server
