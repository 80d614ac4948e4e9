// Who is connected, who waits for a seat, and the list of connections to be written.
#include "server/gate/gate.h"

#include <string>
#include <utility>
#include <vector>

#include "server/gate/gate_state.h"
#include "server/gate/http.h"

namespace tidewire::server {

void Gate::State::settle(Peer& peer, TimePoint now) {
    if (peer.seeks_seat()) seat(peer, now);
    if (peer.room() != nullptr) settle(*peer.room(), now);
    list(peer);
}

/// Once a period is enough for their deadlines, and with the ticks, where there are any, it wakes nobody.
void Gate::State::look_at_lobby(TimePoint now) {
    if (now - lobby_looked_at < period / 2) return;
    lobby_looked_at = now;
    const std::vector<Peer*>& waiting = lobby.peers();
    for (std::size_t i = 0; i < waiting.size();) {
        Peer& peer = *waiting[i];
        if (peer.poll_timeout() <= now) peer.handle_timeout(now);
        settle(peer, now);
        if (i < waiting.size() && waiting[i] == &peer) ++i;
    }
    site->directory.handle_timeout(now);
    for (Peer* const told : lobby.tell_rooms(*site, now)) list(*told);
}

std::optional<ConnectionCensus::Entry> Gate::State::make_room(std::string_view peer_address, TimePoint now) {
    // Where no seat is free either, nobody would play: who comes is told so.
    if (draining || !(site->directory.has_seat() || site->directory.has_seat(SeatKind::Spectator))) return std::nullopt;
    Peer* const oldest = lobby.oldest_mute();
    if (oldest == nullptr) return std::nullopt;
    oldest->make_room(now);
    list(*oldest);
    return site->census.enter(peer_address);
}

/// Once a second: it looks at every connection.
void Gate::State::note_shard(TimePoint now) {
    if (now - noted_at < std::chrono::seconds(1)) return;
    noted_at = now;
    ShardFigures figures{.connections = static_cast<std::uint32_t>(peers.size()),
                         .rooms = static_cast<std::uint32_t>(rooms.size()),
                         .streams = streams};
    peers.for_each([&](ConnectionId, const Peer& peer) { figures.memory_bytes += peer.memory_bytes(); });
    for (const auto& room : rooms) room->note_memory();
    shard_metrics->note(figures);
}

Gate::Gate(Site& site, std::uint32_t shard, TimePoint now) : state_(std::make_unique<State>(site, shard, now)) {}

Gate::Gate(const Game& game, const ServerOptions& options, TimePoint now, RoomResources resources,
           AdmissionSetup admission, RandomSource random) {
    auto site = std::make_unique<Site>(*game.schema, options, std::move(resources), std::move(admission), std::move(random));
    site->make_game = [game](RoomNumber, const RoomDescription&) { return game; };
    state_ = std::make_unique<State>(*site, 0, now);
    state_->own_site = std::move(site);
    open_room({.game = game}, now);
}

Gate::~Gate() {
    // The players leave while the rooms are there.
    state_->peers = {};
}

Site& Gate::site() { return *state_->site; }

std::optional<ConnectionId> Gate::accept(std::string_view peer_address, TimePoint now) {
    State& state = *state_;
    if (state.shutting_down) return std::nullopt;
    auto entry = state.site->census.enter(peer_address);
    using Verdict = ConnectionCensus::Verdict;
    const bool all_taken = entry.verdict() == Verdict::Surplus || entry.verdict() == Verdict::Refused;
    if (auto made = all_taken ? state.make_room(peer_address, now) : std::nullopt) entry = std::move(*made);
    if (entry.verdict() == Verdict::Refused) {
        state.events.push_back(
            {.kind = GateEvent::Kind::Refused,
             .peer_address = std::string(peer_address),
             .reason = no_connection_free(state.site->options, Verdict::Surplus)});
        return std::nullopt;
    }
    const auto id = ConnectionId{++state.site->connections_made};
    Peer& peer =
        state.peers.insert(id, std::make_unique<Peer>(PeerIdentity{.id = id, .address = std::string(peer_address)},
                                                      *state.site, std::move(entry), state.events, now));
    state.lobby.add(peer);
    return id;
}

void Gate::note_no_descriptor(std::string_view reason, std::uint64_t turned_away) {
    state_->events.push_back({.kind = GateEvent::Kind::Refused, .reason = std::string(reason)});
    // Of those the event itself counts as one.
    if (turned_away > 1) state_->site->metrics.count_refused(RefusalClass::NoDescriptor, turned_away - 1);
}

void Gate::note_streams(const StreamFigures& figures) { state_->streams = figures; }

void Gate::set_peer_address(ConnectionId connection, std::string_view address) {
    state_->peer(connection).set_address(std::string(address));
}

void Gate::receive(ConnectionId connection, MutableByteSpan bytes, TimePoint arrived, TimePoint now) {
    Peer& peer = state_->peer(connection);
    state_->counters_of(peer).bytes_received += bytes.size();
    peer.receive(bytes, arrived, now);
    state_->settle(peer, now);
}

void Gate::receive_eof(ConnectionId connection, TimePoint now) {
    Peer& peer = state_->peer(connection);
    peer.receive_eof(now);
    state_->settle(peer, now);
}

void Gate::abort(ConnectionId connection, std::string_view reason, TimePoint now) {
    Peer& peer = state_->peer(connection);
    peer.abort(reason, now);
    state_->settle(peer, now);
}

void Gate::handle_timeout(TimePoint now) {
    State& state = *state_;
    state.obey_orders(now);
    while (const auto due = due_room(now)) run_room(*due, now);
    while (const auto due = due_stand(now)) run_stand(*due, now);
    state.look_at_lobby(now);
    state.note_shard(now);
}

std::optional<Gate::Departure> Gate::poll_departure() {
    std::vector<Departure>& departures = state_->departures;
    if (departures.empty()) return std::nullopt;
    const Departure departure = departures.back();
    departures.pop_back();
    return departure;
}

std::unique_ptr<Peer> Gate::take(ConnectionId connection) {
    state_->lobby.remove(state_->peer(connection));
    return state_->peers.take(connection);
}

void Gate::adopt(ConnectionId connection, std::unique_ptr<Peer> peer, TimePoint now) {
    State& state = *state_;
    Peer& adopted = state.peers.insert(connection, std::move(peer));
    adopted.move_to(state.events);
    adopted.departs = false;
    if (adopted.resumes()) {
        state.lobby.add(adopted);
        return state.settle(adopted, now);
    }
    state.obey_orders(now);
    state.sit(adopted, adopted.take_seat(), now);
    state.settle(adopted, now);
}

std::optional<ConnectionId> Gate::poll_ready() {
    State& state = *state_;
    while (state.ready_taken < state.ready.size()) {
        const ConnectionId id = state.ready[state.ready_taken++];
        Peer* const peer = state.peers.find(id);
        if (peer == nullptr) continue;
        peer->listed = false;
        return id;
    }
    state.ready.clear();
    state.ready_taken = 0;
    return std::nullopt;
}

std::span<const ByteSpan> Gate::poll_transmit(ConnectionId connection) {
    return state_->peer(connection).poll_transmit();
}

void Gate::transmitted(ConnectionId connection, std::size_t bytes, TimePoint now) {
    Peer& peer = state_->peer(connection);
    state_->counters_of(peer).bytes_sent += bytes;
    peer.transmitted(bytes, now);
}

Gate::Standing Gate::standing(ConnectionId connection) const {
    const Peer& peer = state_->peer(connection);
    return {.finished = peer.finished(),
            .wants_shutdown = peer.wants_shutdown(),
            .waits_for_tick = peer.waits_for_tick() ? std::optional(peer.tick_set()) : std::nullopt};
}

void Gate::forget(ConnectionId connection) { take(connection); }

std::optional<GateEvent> Gate::poll_event() {
    if (state_->events.empty()) return std::nullopt;
    GateEvent event = std::move(state_->events.front());
    state_->events.pop_front();
    if (event.kind == GateEvent::Kind::Refused) state_->site->metrics.count_refused(class_of(event));
    return event;
}

TimePoint Gate::poll_timeout() const {
    const State& state = *state_;
    if (state.rooms.empty()) return state.lobby.empty() ? never : state.lobby_looked_at + state.period;
    return state.rooms.next_due();
}

std::size_t Gate::connection_count() const { return state_->peers.size(); }

std::size_t Gate::memory_bytes(ConnectionId connection) const { return state_->peer(connection).memory_bytes(); }

GateCounters Gate::counters() const {
    GateCounters sum = state_->counters;
    for (const auto& room : state_->rooms) sum += room->counters();
    return sum;
}

}  // namespace tidewire::server
