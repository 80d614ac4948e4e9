// The schedule: ticks in fixed steps of given time, deadlines once a tick, and the list of connections to be written.
#include "server/gate/gate.h"

#include <cassert>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/ring_queue.h"
#include "server/gate/fronts.h"
#include "server/gate/http.h"
#include "server/gate/peer.h"
#include "server/gate/tick_schedule.h"
#include "server/room/fanout.h"

namespace tidewire::server {

namespace {

RoomOptions room_options(const ServerOptions& options) {
    return {.tick_rate = options.tick_rate,
            .players_max = options.players_max,
            .entities_max = options.entities_max,
            .snapshots_held = options.snapshots_held,
            .ticks_held_for_joins_max = options.ticks_held_for_joins_max,
            .bulk_bytes_max = options.bulk_bytes_max,
            .rewind = options.rewind};
}

}  // namespace

struct Gate::State {
    State(const Game& game, const ServerOptions& server_options, RoomResources resources, TimePoint now)
        : options(server_options),
          layout(*game.schema),
          room(game, layout, room_options(options)),
          fanout(room, std::move(resources), options.client_bytes_per_tick),
          fronts(Fronts::parse(options.trusted_proxies).value()),
          schedule(options.tick_rate, now) {
        for (std::uint32_t bot = 1; bot <= options.bots; ++bot) room.join("bot " + std::to_string(bot), true);
    }

    Peer& peer(ConnectionId id) {
        const auto found = peers.find(id);
        assert(found != peers.end() && "the connection was forgotten, or never accepted");
        return *found->second;
    }

    void list(ConnectionId id, Peer& peer) {
        if (peer.listed || !(peer.has_output() || peer.wants_shutdown() || peer.finished())) return;
        peer.listed = true;
        ready.push_back(id);
    }

    /// Queues what the game has sent, for everybody who gets it.
    void send_events(TimePoint now);
    bool run_due_ticks(TimePoint now);
    void fan_out(TimePoint now);

    ServerOptions options;
    replication::Layout layout;
    Room room;
    Fanout fanout;
    Fronts fronts;
    TickSchedule schedule;  // in time: ticks that are dropped are steps of it too
    bool shutting_down = false;
    std::deque<GateEvent> events;
    std::map<ConnectionId, std::unique_ptr<Peer>> peers;
    std::size_t surplus = 0;  // of the peers: beyond the connections' limit
    std::uint64_t last_connection = 0;
    RingQueue<ConnectionId> ready;
    std::function<void()> on_tick;
    GateCounters counters;
};

void Gate::State::send_events(TimePoint now) {
    // Who is closed for what it does not read leaves, and the game may have something to say about that.
    while (room.outbox().ready()) {
        for (const OutgoingEvent& event : room.outbox().take())
            for (const auto& [id, peer] : peers) counters.events_sent += peer->send_event(event, now) ? 1U : 0U;
        for (const auto& [id, peer] : peers) list(id, *peer);
    }
}

bool Gate::State::run_due_ticks(TimePoint now) {
    int ticks = 0;
    for (; now >= schedule.due() && ticks < options.catch_up_ticks_max; ++ticks, schedule.advance()) {
        if (shutting_down) continue;
        room.tick();
        ++counters.ticks;
        if (on_tick) on_tick();
    }
    for (; now >= schedule.due(); schedule.advance()) ++counters.ticks_dropped;
    return ticks > 0 && !shutting_down;
}

void Gate::State::fan_out(TimePoint now) {
    for (const auto& [id, peer] : peers) peer->retain_unsent();
    fanout.begin();
    counters.clients_on_rung = {};
    for (const auto& [id, peer] : peers) {
        const Peer::TickOutcome outcome = peer->send_tick(fanout, now);
        if (const auto rung = peer->rung()) ++counters.clients_on_rung[static_cast<std::size_t>(*rung)];
        switch (outcome) {
            case Peer::TickOutcome::NotPlaying:
                break;
            case Peer::TickOutcome::LeftOut:
                ++counters.ticks_left_out;
                break;
            case Peer::TickOutcome::Keyframe:
                ++counters.keyframes;
                [[fallthrough]];
            case Peer::TickOutcome::Delta:
                ++counters.ticks_sent;
                break;
        }
    }
}

Gate::Gate(const Game& game, const ServerOptions& options, TimePoint now, RoomResources resources)
    : state_(std::make_unique<State>(game, options, std::move(resources), now)) {}

Gate::~Gate() = default;

std::optional<ConnectionId> Gate::accept(std::string_view peer_address, TimePoint now) {
    State& state = *state_;
    if (state.shutting_down) return std::nullopt;
    const bool surplus = state.peers.size() - state.surplus >= state.options.connections_limit();
    if (surplus && state.surplus >= connections_reserve) {
        state.events.push_back({.kind = GateEvent::Kind::Refused,
                                .peer_address = std::string(peer_address),
                                .reason = no_connection_free(state.options)});
        return std::nullopt;
    }
    if (surplus) ++state.surplus;
    const auto id = ConnectionId{++state.last_connection};
    state.peers.emplace(
        id, std::make_unique<Peer>(PeerIdentity{.id = id, .address = std::string(peer_address), .surplus = surplus},
                                   state.options, state.fronts, state.room, state.schedule, state.fanout, state.events,
                                   now));
    return id;
}

void Gate::set_peer_address(ConnectionId connection, std::string_view address) {
    state_->peer(connection).set_address(std::string(address));
}

void Gate::receive(ConnectionId connection, MutableByteSpan bytes, TimePoint arrived, TimePoint now) {
    state_->counters.bytes_received += bytes.size();
    Peer& peer = state_->peer(connection);
    peer.receive(bytes, arrived, now);
    state_->send_events(now);
    state_->list(connection, peer);
}

void Gate::receive_eof(ConnectionId connection, TimePoint now) {
    Peer& peer = state_->peer(connection);
    peer.receive_eof(now);
    state_->send_events(now);
    state_->list(connection, peer);
}

void Gate::abort(ConnectionId connection, std::string_view reason, TimePoint now) {
    Peer& peer = state_->peer(connection);
    peer.abort(reason, now);
    state_->send_events(now);
    state_->list(connection, peer);
}

void Gate::handle_timeout(TimePoint now) {
    State& state = *state_;
    const bool ticked = state.run_due_ticks(now);
    // Before the state of their tick.
    state.send_events(now);
    if (ticked) state.fan_out(now);
    for (const auto& [id, peer] : state.peers)
        if (peer->poll_timeout() <= now) peer->handle_timeout(now);
    state.send_events(now);
    for (const auto& [id, peer] : state.peers) state.list(id, *peer);
}

void Gate::on_tick(std::function<void()> callback) { state_->on_tick = std::move(callback); }

void Gate::shut_down(std::string_view reason, TimePoint now) {
    State& state = *state_;
    state.shutting_down = true;
    for (const auto& [id, peer] : state.peers) {
        peer->shut_down(reason, now);
        state.list(id, *peer);
    }
}

std::optional<ConnectionId> Gate::poll_ready() {
    State& state = *state_;
    while (!state.ready.empty()) {
        const ConnectionId id = state.ready.front();
        state.ready.pop_front();
        const auto found = state.peers.find(id);
        if (found == state.peers.end()) continue;
        found->second->listed = false;
        return id;
    }
    return std::nullopt;
}

std::span<const ByteSpan> Gate::poll_transmit(ConnectionId connection) {
    return state_->peer(connection).poll_transmit();
}

void Gate::transmitted(ConnectionId connection, std::size_t bytes, TimePoint now) {
    state_->counters.bytes_sent += bytes;
    Peer& peer = state_->peer(connection);
    peer.transmitted(bytes, now);
}

bool Gate::wants_shutdown(ConnectionId connection) const { return state_->peer(connection).wants_shutdown(); }

bool Gate::waits_for_tick(ConnectionId connection) const { return state_->peer(connection).waits_for_tick(); }

bool Gate::finished(ConnectionId connection) const { return state_->peer(connection).finished(); }

void Gate::forget(ConnectionId connection) {
    if (state_->peer(connection).surplus()) --state_->surplus;
    state_->peers.erase(connection);
}

std::optional<GateEvent> Gate::poll_event() {
    if (state_->events.empty()) return std::nullopt;
    GateEvent event = std::move(state_->events.front());
    state_->events.pop_front();
    return event;
}

TimePoint Gate::poll_timeout() const { return state_->schedule.due(); }

std::size_t Gate::connection_count() const { return state_->peers.size(); }

Room& Gate::room() { return state_->room; }

const Room& Gate::room() const { return state_->room; }

const GateCounters& Gate::counters() const { return state_->counters; }

}  // namespace tidewire::server
