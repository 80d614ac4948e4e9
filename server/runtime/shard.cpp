// The order of a turn: read all that has come, then tick, then write all that is due. Reading is part of every turn: a tick that takes
// longer than its period must not keep the shard from it.
#include "server/runtime/shard.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sdk/net/system.h"

namespace tidewire::server {

namespace {

constexpr std::uint64_t listener_key = 0;  // connections are numbered from 1
constexpr std::uint64_t waker_key = std::numeric_limits<std::uint64_t>::max();

std::uint64_t key_of(ConnectionId id) { return static_cast<std::uint64_t>(id); }

}  // namespace

Result<Shard> Shard::create(Gate& gate, net::Listener listener, net::Waker& waker, ShardOptions options) {
    auto live = net::Poller::create();
    if (!live) return Unexpected{std::move(live).error()};
    auto ticks = net::Poller::create();
    if (!ticks) return Unexpected{std::move(ticks).error()};
    if (auto added = live->add(listener.fd(), listener_key, {.readable = true}); !added)
        return Unexpected{added.error()};
    if (auto added = live->add(waker.fd(), waker_key, {.readable = true}); !added) return Unexpected{added.error()};
    return Shard(gate, std::move(listener), waker, std::move(*live), std::move(*ticks), options);
}

Shard::Shard(Gate& gate, net::Listener listener, net::Waker& waker, net::Poller live, net::Poller ticks,
             ShardOptions options)
    : gate_(&gate),
      listener_(std::move(listener)),
      waker_(&waker),
      live_(std::move(live)),
      ticks_(std::move(ticks)),
      options_(options),
      buffer_(options.read_bytes_max) {}

void Shard::run(ShardSignals& signals, const ShardCallbacks& callbacks) {
    TimePoint end = never;
    for (;;) {
        const TimePoint turn = net::now();
        if (signals.stop && listener_) {
            end = turn + options_.shut_down_max;
            live_.remove(listener_->fd());
            listener_.reset();
            gate_->shut_down("the server is stopping", turn);
        } else {
            wait_and_read(std::min(gate_->poll_timeout(), end));
        }
        if (signals.reload.exchange(false) && callbacks.on_reload)
            if (auto tls = callbacks.on_reload()) set_tls(std::move(*tls));

        const TimePoint began = net::now();
        const bool ticks = began >= gate_->poll_timeout();
        if (ticks) {
            read_players();
            // A Pong tells how long its Ping was held: until now, and not until a whole tick has been made and written.
            write_ready();
            gate_->handle_timeout(net::now());
            if (!listener_watched_) watch_listener(true);
        }
        const TimePoint told = net::now();
        write_ready();
        if (ticks && callbacks.on_tick) callbacks.on_tick({.began = began, .told = told, .written = net::now()});
        while (const auto event = gate_->poll_event())
            if (callbacks.on_event) callbacks.on_event(*event);
        if (!listener_ && (gate_->connection_count() == 0 || net::now() >= end)) return;
    }
}

void Shard::wait_and_read(TimePoint until) {
    for (const net::Poller::Ready& ready : live_.wait(std::max(until - net::now(), Duration::zero()))) {
        if (ready.key == listener_key)
            accept_waiting();
        else if (ready.key == waker_key)
            waker_->reset();
        else
            look_at(ready);
    }
}

void Shard::read_players() {
    const TimePoint began = net::now();
    // Who sends more than is read at once stays ready, and must not be read again for each of the others: a look at each is enough.
    for (std::size_t left = peers_.size(); left > 0;) {
        const std::span<const net::Poller::Ready> ready = ticks_.wait(Duration::zero());
        for (const net::Poller::Ready& each : ready) look_at(each);
        if (ready.size() < net::Poller::ready_max) break;
        left -= std::min(left, ready.size());
    }
    players_read_ = began;
}

void Shard::look_at(const net::Poller::Ready& ready) {
    const auto id = ConnectionId{ready.key};
    const auto found = peers_.find(ready.key);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    if (peer.proxy_header && !read_proxy_header(id, peer)) return;
    if (!peer.stream.established()) return establish(id, peer);
    if (ready.readable && peer.interest.readable)
        read(id, peer);
    else if (ready.hangup)
        gate_->abort(id, "the connection was lost", net::now());
    if (ready.writable) {
        watch(id, peer, {.readable = peer.interest.readable, .writable = false});
        write(id);
    }
}

void Shard::accept_waiting() {
    for (std::size_t i = 0; i < options_.accepts_per_turn_max && listener_; ++i) {
        auto accepted = listener_->accept();
        if (!accepted) return watch_listener(false);
        if (!*accepted) return;
        Peer peer{.stream = net::Stream(std::move((**accepted).socket)), .interest = {.readable = true}};
        if (proxy_fronts_ != nullptr && proxy_fronts_->trusts((**accepted).peer_address))
            peer.proxy_header.emplace();
        else if (tls_ && !peer.stream.start_tls(*tls_))
            continue;
        const auto id = gate_->accept((**accepted).peer_address, net::now());
        if (!id) continue;
        if (!live_.add(peer.stream.fd(), key_of(*id), peer.interest)) {
            gate_->forget(*id);
            continue;
        }
        peers_.emplace(key_of(*id), std::move(peer));
    }
}

void Shard::watch_listener(bool watch) {
    listener_watched_ = watch;
    if (listener_) live_.modify(listener_->fd(), listener_key, {.readable = watch});
}

/// True: the header is behind us, and TLS may begin.
bool Shard::read_proxy_header(ConnectionId id, Peer& peer) {
    const auto header = peer.proxy_header->read(peer.stream);
    if (!header) {
        gate_->abort(id, header.error().message, net::now());
        return false;
    }
    if (!*header) return false;
    if ((*header)->client) gate_->set_peer_address(id, (*header)->client->to_string());
    peer.proxy_header.reset();
    if (!tls_) return true;
    if (const auto started = peer.stream.start_tls(*tls_); !started) {
        gate_->abort(id, started.error().message, net::now());
        return false;
    }
    return true;
}

/// Goes on with the TLS handshake. Its time limit is the gate's: a connection opens within so long, whatever it does.
void Shard::establish(ConnectionId id, Peer& peer) {
    const net::Transfer transfer = peer.stream.establish();
    switch (transfer.outcome) {
        case net::Transfer::Outcome::Done:
            watch(id, peer, {.readable = true});
            read(id, peer);
            break;
        case net::Transfer::Outcome::WouldBlock:
            watch(id, peer, {.readable = true, .writable = peer.stream.wants_write()});
            break;
        case net::Transfer::Outcome::Eof:
            gate_->abort(id, "the stream ended before it was open", net::now());
            break;
        case net::Transfer::Outcome::Failed:
            gate_->abort(id, transfer.message, net::now());
            break;
    }
}

void Shard::read(ConnectionId id, Peer& peer) {
    std::size_t bytes = 0;
    do {
        const net::Transfer transfer = peer.stream.read(buffer_);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done: {
                const TimePoint now = net::now();
                // What was not there at the last look has come since then, whatever its stamp says: the time of day may have been set, and
                // of what had to wait for a lost packet the stamp is its own.
                const TimePoint since = peer.at_ticks ? players_read_ : TimePoint{};
                gate_->receive(id, MutableByteSpan(buffer_).first(transfer.bytes),
                               std::max(transfer.arrived.value_or(now), since), now);
                bytes += transfer.bytes;
                break;
            }
            case net::Transfer::Outcome::WouldBlock:
                return;
            case net::Transfer::Outcome::Eof:
                // The end stays readable for ever: look for writability and hang-up only.
                watch(id, peer, {.readable = false, .writable = peer.interest.writable});
                return gate_->receive_eof(id, net::now());
            case net::Transfer::Outcome::Failed:
                return gate_->abort(id, transfer.message, net::now());
        }
        // What TLS has decrypted already the poller does not see. And a read yields one record of it, where more may wait: the next look is a
        // tick away.
    } while (peer.stream.pending() || (peer.at_ticks && peer.stream.secured() && bytes < options_.read_bytes_max));
}

void Shard::write_ready() {
    while (const auto id = gate_->poll_ready()) write(*id);
}

void Shard::write(ConnectionId id) {
    const auto found = peers_.find(key_of(id));
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    while (!peer.interest.writable && peer.stream.established() && !peer.proxy_header) {
        const std::span<const ByteSpan> parts = gate_->poll_transmit(id);
        if (parts.empty()) break;
        const net::Transfer transfer = peer.stream.write(parts);
        if (transfer.outcome == net::Transfer::Outcome::Done)
            gate_->transmitted(id, transfer.bytes, net::now());
        else if (transfer.outcome == net::Transfer::Outcome::WouldBlock)
            watch(id, peer, {.readable = peer.interest.readable, .writable = true});
        else
            gate_->abort(id, transfer.message, net::now());
    }
    if (gate_->finished(id)) return close(id);
    place(id, peer);
    if (!gate_->wants_shutdown(id) || peer.shut) return;
    peer.shut = true;
    peer.stream.shut_down_sending();
}

void Shard::watch(ConnectionId id, Peer& peer, net::Interest interest) {
    peer.interest = interest;
    set_of(peer).modify(peer.stream.fd(), key_of(id), interest);
}

void Shard::place(ConnectionId id, Peer& peer) {
    const bool at_ticks =
        !peer.interest.writable && peer.stream.established() && !peer.proxy_header && gate_->waits_for_tick(id);
    if (at_ticks == peer.at_ticks) return;
    // What a tick is told of the times of inputs must be true: without stamps everybody is read at once.
    if (at_ticks && !peer.notes_arrivals && !(peer.notes_arrivals = peer.stream.note_arrivals())) return;
    set_of(peer).remove(peer.stream.fd());
    peer.at_ticks = at_ticks;
    if (!set_of(peer).add(peer.stream.fd(), key_of(id), peer.interest))
        gate_->abort(id, "no memory is left to wait for the connection", net::now());
}

void Shard::close(ConnectionId id) {
    const auto found = peers_.find(key_of(id));
    set_of(found->second).remove(found->second.stream.fd());
    peers_.erase(found);
    gate_->forget(id);
}

}  // namespace tidewire::server
