// The WebSocket server on its own: one listener, its connections, and the loop over them. What happens on one connection is
// in peer.cpp.
#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "sdk/net/poller.h"
#include "sdk/net/system.h"
#include "sdk/net/waker.h"
#include "sdk/websocket/convert.h"
#include "sdk/websocket/deadlines.h"
#include "sdk/websocket/slots.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

namespace {

/// One buffer for the reads of all connections: what it holds is used up, or copied, before the next read.
constexpr std::size_t read_bytes = 256 * 1024;
/// In one turn: a flood of newcomers must not keep the others waiting.
constexpr int accepts_max = 64;
/// After accept() failed for want of descriptors, nobody is accepted for this long.
constexpr Duration accept_pause = std::chrono::milliseconds(100);

constexpr std::uint64_t listener_key = ~std::uint64_t{0};
constexpr std::uint64_t waker_key = listener_key - 1;

}  // namespace

/// A turn: whoever the poller found ready, each with one read; then whoever has something else to do. Events are handed out
/// between, from `current`, until it has none.
struct Server::State {
    State(Rules&& given, net::Listener&& listening, net::Poller&& polling, net::Waker&& waking)
        : rules(std::move(given)),
          listener(std::move(listening)),
          port(listener->port()),
          poller(std::move(polling)),
          waker(std::move(waking)) {}

    Rules rules;
    std::optional<net::Listener> listener;  // until stop()
    std::uint16_t port;
    net::Poller poller;
    net::Waker waker;
    std::atomic<bool> stop_wanted{false};

    Slots slots;
    Deadlines deadlines;
    std::optional<ConnectionId> current;
    std::span<const net::Poller::Ready> ready;  // from next_ready on
    std::size_t next_ready = 0;
    std::vector<ConnectionId> queue;  // to look at besides: sent to, or a deadline passed
    std::vector<ConnectionId> turn;   // those of the queue whose turn it is
    bool turn_taken = false;
    bool accepts = true;  // the poller tells of newcomers
    TimePoint accept_again = never;
    TimePoint now = net::now();
    Bytes buffer = Bytes(read_bytes);

    bool stopping() const { return !listener; }
    bool busy() const { return current || next_ready < ready.size() || !turn.empty() || !queue.empty(); }

    void listen(bool on) {
        if (!listener || accepts == on) return;
        accepts = on;
        poller.modify(listener->fd(), listener_key, {.readable = on});
    }

    void accept() {
        for (int count = 0; listener && count < accepts_max; ++count) {
            if (slots.size() >= rules.options.connections_max) return listen(false);
            auto accepted = listener->accept();
            if (!accepted) {
                accept_again = now + accept_pause;
                return listen(false);
            }
            if (!*accepted) return;
            auto peer = Peer::accept(std::move((*accepted)->socket), std::move((*accepted)->peer_address), rules, now);
            if (!peer) continue;
            Peer& added = **peer;
            const ConnectionId id = slots.insert(std::move(*peer));
            if (!poller.add(added.fd(), static_cast<std::uint64_t>(id), added.watched)) {
                slots.erase(id);
                continue;
            }
            schedule(id, added);
        }
    }

    void remove(ConnectionId id, const Peer& peer) {
        poller.remove(peer.fd());
        slots.erase(id);
        if (accept_again == never && slots.size() < rules.options.connections_max) listen(true);
    }

    void enqueue(ConnectionId id, Peer& peer) {
        if (!std::exchange(peer.queued, true)) queue.push_back(id);
    }

    /// One entry in the heap is enough, unless something comes due earlier.
    void schedule(ConnectionId id, Peer& peer) {
        const TimePoint timeout = peer.poll_timeout();
        if (timeout >= peer.scheduled) return;
        peer.scheduled = timeout;
        deadlines.add(timeout, id);
    }

    void look_at_deadlines() {
        while (const auto due = deadlines.take(now)) {
            Peer* peer = slots.find(due->connection);
            if (peer == nullptr || peer->scheduled != due->time) continue;
            peer->scheduled = never;
            if (peer->poll_timeout() <= now)
                enqueue(due->connection, *peer);
            else
                schedule(due->connection, *peer);
        }
    }

    void begin_stop() {
        poller.remove(listener->fd());
        // Whoever still waits there is refused at once.
        listener.reset();
        accept_again = never;
        slots.for_each([&](ConnectionId id, Peer& peer) {
            peer.stop(now);
            enqueue(id, peer);
        });
    }

    /// A connection without events: writes, tells the poller what to watch, and lets it go when it is over. True when Writable
    /// is owed.
    bool settle(ConnectionId id, Peer& peer) {
        peer.flush(now);
        if (peer.finished()) {
            remove(id, peer);
            return false;
        }
        const net::Interest interest = peer.interest();
        if (interest != peer.watched) {
            peer.watched = interest;
            poller.modify(peer.fd(), static_cast<std::uint64_t>(id), interest);
        }
        schedule(id, peer);
        if (peer.wants_read()) enqueue(id, peer);
        return peer.take_writable();
    }

    void handle(const net::Poller::Ready& found) {
        if (found.key == listener_key) return accept();
        if (found.key == waker_key) return waker.reset();
        const auto id = static_cast<ConnectionId>(found.key);
        Peer* peer = slots.find(id);
        if (peer == nullptr) return;
        current = id;
        // A hang-up is told even to those who do not look: its bytes and its end have to be read.
        if ((found.readable && (peer->watched.readable || found.hangup)) || peer->reads_when_writable())
            peer->read(buffer, now);
    }

    void handle(ConnectionId queued) {
        Peer* peer = slots.find(queued);
        if (peer == nullptr) return;
        current = queued;
        peer->queued = false;
        peer->handle_timeout(now);
        if (peer->wants_read()) peer->read(buffer, now);
    }

    std::optional<Event> next_event() {
        for (;;) {
            if (current) {
                const ConnectionId id = *current;
                if (Peer* peer = slots.find(id)) {
                    if (auto event = peer->poll_event(now)) {
                        event->connection = id;
                        return event;
                    }
                    current.reset();
                    if (settle(id, *peer)) return Event{.kind = EventKind::Writable, .connection = id};
                }
                current.reset();
            }
            if (next_ready < ready.size()) {
                handle(ready[next_ready++]);
                continue;
            }
            // What is queued from here on has the next turn: who writes whenever it may must not keep the others waiting.
            if (!std::exchange(turn_taken, true)) turn.swap(queue);
            if (turn.empty()) {
                turn_taken = false;
                return std::nullopt;
            }
            const ConnectionId id = turn.back();
            turn.pop_back();
            handle(id);
        }
    }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(ServerOptions options) {
    auto rules = Rules::from(std::move(options));
    if (!rules) return Unexpected{rules.error()};
    auto listener = net::Listener::listen(rules->options.address, rules->options.port);
    if (!listener) return Unexpected{listener.error()};
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{poller.error()};
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{waker.error()};
    if (auto added = poller->add(listener->fd(), listener_key, {}); !added) return Unexpected{added.error()};
    if (auto added = poller->add(waker->fd(), waker_key, {}); !added) return Unexpected{added.error()};
    return Server(
        std::make_unique<State>(std::move(*rules), std::move(*listener), std::move(*poller), std::move(*waker)));
}

std::uint16_t Server::port() const { return state_->port; }

bool Server::wait(std::chrono::milliseconds timeout) {
    State& state = *state_;
    state.now = net::now();
    if (state.stop_wanted.load() && !state.stopping()) state.begin_stop();
    if (state.stopping() && state.slots.size() == 0 && !state.current) return false;
    if (state.next_ready == state.ready.size()) {
        Duration sleep = state.busy() ? Duration::zero() : to_sleep(timeout);
        for (const TimePoint time : {state.deadlines.next(), state.accept_again})
            if (time != never) sleep = std::clamp(time - state.now, Duration::zero(), sleep);
        state.ready = state.poller.wait(sleep);
        state.next_ready = 0;
        state.now = net::now();
    }
    state.look_at_deadlines();
    if (state.accept_again <= state.now) {
        state.accept_again = never;
        state.listen(true);
    }
    return true;
}

std::optional<Event> Server::poll_event() { return state_->next_event(); }

Result<void> Server::send(ConnectionId connection, MessageKind kind, std::span<const std::byte> payload) {
    State& state = *state_;
    Peer* peer = state.slots.find(connection);
    if (peer == nullptr)
        return unexpected(Blame::Caller,
                          "there is no such open connection; send after its Opened event and before Closed");
    auto sent = peer->send(kind, payload, state.now);
    if (sent && state.current != connection) state.enqueue(connection, *peer);
    return sent;
}

Result<void> Server::send(ConnectionId connection, std::string_view text) {
    return send(connection, MessageKind::Text, as_bytes(text));
}

void Server::close(ConnectionId connection, std::uint16_t code, std::string_view reason) {
    Peer* peer = state_->slots.find(connection);
    if (peer == nullptr) return;
    peer->close(static_cast<ws::CloseCode>(code), reason, state_->now);
    state_->enqueue(connection, *peer);
}

std::size_t Server::connection_count() const { return state_->slots.size(); }

std::size_t Server::transmit_bytes(ConnectionId connection) const {
    const Peer* peer = state_->slots.find(connection);
    return peer == nullptr ? 0 : peer->transmit_bytes();
}

Result<void> Server::reload_certificate() {
    Rules& rules = state_->rules;
    if (!rules.tls)
        return unexpected(Blame::Caller, "this server has no certificate to read again; it was started without TLS");
    auto tls = net::TlsContext::server(rules.options.tls);
    if (!tls) return Unexpected{tls.error()};
    rules.tls = std::move(*tls);
    return {};
}

void Server::stop() {
    state_->stop_wanted.store(true);
    state_->waker.wake();
}

}  // namespace tidewire::websocket
