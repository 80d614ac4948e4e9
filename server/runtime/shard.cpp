// The order of a turn: read all that has come, then tick, then write all that is due.
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
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{std::move(poller).error()};
    if (auto added = poller->add(listener.fd(), listener_key, {.readable = true}); !added)
        return Unexpected{added.error()};
    if (auto added = poller->add(waker.fd(), waker_key, {.readable = true}); !added) return Unexpected{added.error()};
    return Shard(gate, std::move(listener), waker, std::move(*poller), options);
}

Shard::Shard(Gate& gate, net::Listener listener, net::Waker& waker, net::Poller poller, ShardOptions options)
    : gate_(&gate),
      listener_(std::move(listener)),
      waker_(&waker),
      poller_(std::move(poller)),
      options_(options),
      buffer_(options.read_bytes_max) {}

void Shard::run(const std::atomic<bool>& stopping, const std::function<void(const GateEvent&)>& on_event) {
    TimePoint end = never;
    for (;;) {
        const TimePoint turn = net::now();
        if (stopping && listener_) {
            end = turn + options_.shut_down_max;
            poller_.remove(listener_->fd());
            listener_.reset();
            gate_->shut_down("the server is stopping", turn);
        } else {
            wait_and_read(std::min(gate_->poll_timeout(), end));
        }

        if (const TimePoint now = net::now(); now >= gate_->poll_timeout()) {
            gate_->handle_timeout(now);
            if (!listener_watched_) watch_listener(true);
        }
        while (const auto id = gate_->poll_ready()) write(*id);
        while (const auto event = gate_->poll_event())
            if (on_event) on_event(*event);
        if (!listener_ && (gate_->connection_count() == 0 || net::now() >= end)) return;
    }
}

void Shard::wait_and_read(TimePoint until) {
    for (const net::Poller::Ready& ready : poller_.wait(std::max(until - net::now(), Duration::zero()))) {
        if (ready.key == listener_key) {
            accept_waiting();
            continue;
        }
        if (ready.key == waker_key) {
            waker_->reset();
            continue;
        }
        const auto id = ConnectionId{ready.key};
        const auto found = streams_.find(ready.key);
        if (found == streams_.end()) continue;
        if (ready.readable && found->second.interest.readable)
            read(id, found->second);
        else if (ready.hangup)
            gate_->abort(id, "the connection was lost", net::now());
        if (ready.writable) {
            watch(id, found->second, {.readable = found->second.interest.readable, .writable = false});
            write(id);
        }
    }
}

void Shard::accept_waiting() {
    for (std::size_t i = 0; i < options_.accepts_per_turn_max && listener_; ++i) {
        auto accepted = listener_->accept();
        if (!accepted) return watch_listener(false);
        if (!*accepted) return;
        net::Socket& socket = (**accepted).socket;
        const auto id = gate_->accept((**accepted).peer_address, net::now());
        if (!id) continue;
        if (!poller_.add(socket.fd(), key_of(*id), {.readable = true})) {
            gate_->forget(*id);
            continue;
        }
        streams_.emplace(key_of(*id),
                         Stream{.socket = std::move(socket), .interest = {.readable = true}, .shut = false});
    }
}

void Shard::watch_listener(bool watch) {
    listener_watched_ = watch;
    if (listener_) poller_.modify(listener_->fd(), listener_key, {.readable = watch});
}

void Shard::read(ConnectionId id, Stream& stream) {
    const net::Transfer transfer = stream.socket.read(buffer_);
    switch (transfer.outcome) {
        case net::Transfer::Outcome::Done:
            gate_->receive(id, MutableByteSpan(buffer_).first(transfer.bytes), net::now());
            break;
        case net::Transfer::Outcome::WouldBlock:
            break;
        case net::Transfer::Outcome::Eof:
            // The end stays readable for ever: look for writability and hang-up only.
            watch(id, stream, {.readable = false, .writable = stream.interest.writable});
            gate_->receive_eof(id, net::now());
            break;
        case net::Transfer::Outcome::Failed:
            gate_->abort(id, transfer.message, net::now());
            break;
    }
}

void Shard::write(ConnectionId id) {
    const auto found = streams_.find(key_of(id));
    if (found == streams_.end()) return;
    Stream& stream = found->second;
    while (!stream.interest.writable) {
        const std::span<const ByteSpan> parts = gate_->poll_transmit(id);
        if (parts.empty()) break;
        const net::Transfer transfer = stream.socket.write(parts);
        if (transfer.outcome == net::Transfer::Outcome::Done)
            gate_->transmitted(id, transfer.bytes, net::now());
        else if (transfer.outcome == net::Transfer::Outcome::WouldBlock)
            watch(id, stream, {.readable = stream.interest.readable, .writable = true});
        else
            gate_->abort(id, transfer.message, net::now());
    }
    if (gate_->finished(id)) return close(id);
    if (!gate_->wants_shutdown(id) || stream.shut) return;
    stream.shut = true;
    stream.socket.shut_down_sending();
}

void Shard::watch(ConnectionId id, Stream& stream, net::Interest interest) {
    stream.interest = interest;
    poller_.modify(stream.socket.fd(), key_of(id), interest);
}

void Shard::close(ConnectionId id) {
    const auto found = streams_.find(key_of(id));
    poller_.remove(found->second.socket.fd());
    streams_.erase(found);
    gate_->forget(id);
}

}  // namespace tidewire::server
