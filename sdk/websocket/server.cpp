// The WebSocket server on its own: one listener, its connections, and the loop over them.
#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "sdk/core/ws/origin.h"
#include "sdk/net/poller.h"
#include "sdk/net/proxy_protocol.h"
#include "sdk/net/system.h"
#include "sdk/net/waker.h"
#include "sdk/websocket/convert.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

namespace {

/// One buffer for the reads of all connections: what it holds is used up, or copied, before the next read.
constexpr std::size_t read_bytes = 256 * 1024;
/// Messages from here on are written at once, so that only what the socket refused is copied.
constexpr std::size_t write_at_once_bytes = 16 * 1024;
/// After accept() failed for want of descriptors, nobody is accepted for this long.
constexpr Duration accept_pause = std::chrono::milliseconds(100);

constexpr std::uint64_t listener_key = ~std::uint64_t{0};
constexpr std::uint64_t waker_key = listener_key - 1;

/// What is needed of a connection until it is open, and let go then.
struct Opening {
    bool expects_proxy_header = false;
    Bytes proxy_header;
    std::string peer_address;
    std::string path;
};

struct Peer {
    Peer(net::Stream given, ws::Connection engine) : stream(std::move(given)), connection(std::move(engine)) {}

    net::Stream stream;
    ws::Connection connection;
    std::unique_ptr<Opening> opening;
    bool flush_wanted = false;   // is in State::to_flush
    bool watches_write = false;  // the poller tells when it is writable
    bool watches_read = true;
    bool refused = false;  // send() said no: Writable is owed
    bool shut_down = false;
};

}  // namespace

struct Server::State {
    struct Slot {
        std::uint32_t generation = 1;
        std::unique_ptr<Peer> peer;
    };

    ServerOptions options;
    ws::Limits limits;
    ws::Timeouts timeouts;
    std::vector<net::Network> trusted;
    std::optional<net::TlsContext> tls;
    std::optional<net::Listener> listener;
    std::optional<net::Poller> poller;
    std::optional<net::Waker> waker;
    std::atomic<bool> stop_wanted{false};
    bool stopping = false;

    std::vector<Slot> slots;
    std::vector<std::uint32_t> free_slots;
    std::size_t connections = 0;
    std::vector<ConnectionId> to_flush;
    std::span<const net::Poller::Ready> ready;
    std::size_t next_ready = 0;
    std::vector<ConnectionId> due;  // deadlines that passed
    TimePoint next_sweep = never;
    TimePoint accept_again = never;
    TimePoint now{};

    std::optional<ConnectionId> current;  // the connection whose events are being handed out
    Bytes buffer = Bytes(read_bytes);
    std::string path, subprotocol, peer_address;  // of the Opened event that was handed out last

    static std::size_t index(ConnectionId id) { return (static_cast<std::uint64_t>(id) & 0xffffffff) - 1; }

    Peer* find(ConnectionId id) {
        const std::size_t at = index(id);
        if (at >= slots.size() || slots[at].generation != static_cast<std::uint64_t>(id) >> 32) return nullptr;
        return slots[at].peer.get();
    }

    void accept_all() {
        while (connections < options.connections_max) {
            auto accepted = listener->accept();
            if (!accepted) {
                watch_listener(false);
                accept_again = now + accept_pause;
                return;
            }
            if (!*accepted) return;
            add(std::move((*accepted)->socket), std::move((*accepted)->peer_address));
        }
        watch_listener(false);
    }

    void watch_listener(bool on) { poller->modify(listener->fd(), listener_key, {.readable = on}); }

    void add(net::Socket socket, std::string address) {
        net::Stream stream;
        if (tls) {
            auto secured = net::Stream::secure(std::move(socket), *tls);
            if (!secured) return;
            stream = std::move(*secured);
        } else {
            stream = net::Stream(std::move(socket));
        }
        if (free_slots.empty()) {
            slots.emplace_back();
            free_slots.push_back(static_cast<std::uint32_t>(slots.size() - 1));
        }
        const std::uint32_t at = free_slots.back();
        auto peer = std::make_unique<Peer>(std::move(stream), ws::Connection::server(limits, timeouts, now));
        const auto id = static_cast<ConnectionId>((static_cast<std::uint64_t>(slots[at].generation) << 32) | (at + 1));
        if (!poller->add(peer->stream.fd(), static_cast<std::uint64_t>(id), {})) return;
        peer->opening = std::make_unique<Opening>();
        peer->opening->peer_address = std::move(address);
        peer->opening->expects_proxy_header = options.proxy_protocol && trusts(peer->opening->peer_address);
        next_sweep = std::min(next_sweep, peer->connection.poll_timeout());
        free_slots.pop_back();
        slots[at].peer = std::move(peer);
        ++connections;
    }

    void remove(ConnectionId id) {
        Slot& slot = slots[index(id)];
        poller->remove(slot.peer->stream.fd());
        slot.peer.reset();
        ++slot.generation;
        free_slots.push_back(static_cast<std::uint32_t>(index(id)));
        if (connections-- == options.connections_max && !stopping) watch_listener(true);
    }

    bool trusts(std::string_view address) const {
        const auto parsed = net::IpAddress::parse(address);
        return parsed && std::any_of(trusted.begin(), trusted.end(),
                                     [&](const net::Network& network) { return network.contains(*parsed); });
    }

    /// Takes the PROXY header off the front of what was read. Empty: it is not whole, or the connection ended.
    MutableByteSpan without_proxy_header(Peer& peer, MutableByteSpan bytes) {
        Opening& opening = *peer.opening;
        append(opening.proxy_header, bytes);
        auto header = net::parse_proxy_header(opening.proxy_header);
        if (!header) {
            peer.connection.abort(header.error().message, now);
            return {};
        }
        if (!*header) return {};
        opening.expects_proxy_header = false;
        if ((*header)->client) opening.peer_address = (*header)->client->to_string();
        // Earlier reads were all header, or it would have ended there.
        const std::size_t left = opening.proxy_header.size() - (*header)->bytes;
        opening.proxy_header = {};
        return bytes.last(left);
    }

    void read(Peer& peer) {
        if (!peer.stream.established()) {
            const net::Transfer transfer = peer.stream.establish();
            if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return;
            if (transfer.outcome != net::Transfer::Outcome::Done) return peer.connection.abort(transfer.message, now);
        }
        const net::Transfer transfer = peer.stream.read(buffer);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done: {
                MutableByteSpan bytes = MutableByteSpan(buffer).first(transfer.bytes);
                if (peer.opening && peer.opening->expects_proxy_header) bytes = without_proxy_header(peer, bytes);
                if (!bytes.empty()) peer.connection.receive(bytes, now);
                break;
            }
            case net::Transfer::Outcome::WouldBlock:
                break;
            case net::Transfer::Outcome::Eof:
                peer.connection.receive_eof(now);
                break;
            case net::Transfer::Outcome::Failed:
                peer.connection.abort(transfer.message, now);
                break;
        }
    }

    void answer_request(Peer& peer) {
        const ws::Request& request = peer.connection.request();
        if (!request.upgrade)
            return peer.connection.respond(426, "text/plain; charset=utf-8",
                                           "This address speaks WebSocket; connect with a ws:// or wss:// URL.\n", {},
                                           now);
        if (!ws::origin_allowed(request, options.origins_allowed))
            return peer.connection.respond(403, "text/plain; charset=utf-8",
                                           "Pages of this origin may not connect; the operator can allow it.\n", {},
                                           now);
        Opening& opening = *peer.opening;
        opening.path = request.target;
        if (const std::string* field = ws::find_header(request.headers, "X-Forwarded-For");
            field != nullptr && trusts(opening.peer_address)) {
            if (const auto client = net::forwarded_client(*field, trusted)) opening.peer_address = client->to_string();
        }
        std::string chosen;
        for (const std::string& ours : options.subprotocols) {
            if (std::find(request.subprotocols.begin(), request.subprotocols.end(), ours) == request.subprotocols.end())
                continue;
            chosen = ours;
            break;
        }
        peer.connection.accept(chosen, {}, now);
    }

    /// The next event of a connection that its user should see.
    std::optional<Event> next_event(ConnectionId id, Peer& peer) {
        while (const auto event = peer.connection.poll_event(now)) {
            Event out{.connection = id, .message_kind = from_engine(event->message_kind), .bytes = event->bytes};
            switch (event->kind) {
                case ws::Event::Kind::Request:
                    answer_request(peer);
                    break;
                case ws::Event::Kind::Opened:
                    out.kind = EventKind::Opened;
                    path = std::move(peer.opening->path);
                    peer_address = std::move(peer.opening->peer_address);
                    subprotocol = peer.connection.subprotocol();
                    peer.opening.reset();
                    out.path = path;
                    out.peer_address = peer_address;
                    out.subprotocol = subprotocol;
                    return out;
                case ws::Event::Kind::Message:
                    out.kind = EventKind::Message;
                    return out;
                case ws::Event::Kind::Pong:
                    break;
                case ws::Event::Kind::Closed:
                    // Whoever never was open is nobody's connection.
                    if (peer.opening) break;
                    out.kind = EventKind::Closed;
                    out.close_code = static_cast<std::uint16_t>(event->close_code);
                    out.reason = as_text(event->bytes);
                    out.bytes = {};
                    return out;
            }
        }
        return std::nullopt;
    }

    void want_flush(ConnectionId id, Peer& peer) {
        if (std::exchange(peer.flush_wanted, true)) return;
        to_flush.push_back(id);
    }

    /// Writes, tells the poller what to watch, and lets a finished connection go. True when Writable is owed.
    bool settle(ConnectionId id, Peer& peer) {
        if (peer.stream.established()) flush(peer.connection, peer.stream, now);
        if (peer.connection.wants_shutdown() && !std::exchange(peer.shut_down, true)) peer.stream.shut_down_sending();
        if (peer.connection.finished()) {
            remove(id);
            return false;
        }
        const std::size_t queued = peer.connection.transmit_bytes();
        // Who does not read is not read from: the echo of what it sends would only pile up.
        const bool read = queued <= limits.transmit_bytes_max / 2;
        const bool write = queued > 0 || peer.stream.wants_write();
        if (read != peer.watches_read || write != peer.watches_write) {
            peer.watches_read = read;
            peer.watches_write = write;
            poller->modify(peer.stream.fd(), static_cast<std::uint64_t>(id), {.readable = read, .writable = write});
        }
        next_sweep = std::min(next_sweep, peer.connection.poll_timeout());
        return read && std::exchange(peer.refused, false);
    }

    std::optional<Event> settle_all() {
        while (!to_flush.empty()) {
            const ConnectionId id = to_flush.back();
            to_flush.pop_back();
            Peer* peer = find(id);
            if (peer == nullptr) continue;
            peer->flush_wanted = false;
            if (settle(id, *peer)) return Event{.kind = EventKind::Writable, .connection = id};
        }
        return std::nullopt;
    }

    void sweep() {
        next_sweep = never;
        for (std::size_t at = 0; at < slots.size(); ++at) {
            if (!slots[at].peer) continue;
            const TimePoint timeout = slots[at].peer->connection.poll_timeout();
            if (timeout <= now)
                due.push_back(
                    static_cast<ConnectionId>((static_cast<std::uint64_t>(slots[at].generation) << 32) | (at + 1)));
            else
                next_sweep = std::min(next_sweep, timeout);
        }
    }

    void begin_stop() {
        stopping = true;
        poller->remove(listener->fd());
        for (std::size_t at = 0; at < slots.size(); ++at) {
            if (!slots[at].peer) continue;
            const auto id =
                static_cast<ConnectionId>((static_cast<std::uint64_t>(slots[at].generation) << 32) | (at + 1));
            Peer& peer = *slots[at].peer;
            if (peer.opening)
                peer.connection.abort("the server stops", now);
            else
                peer.connection.close(ws::CloseCode::GoingAway, "the server stops", now);
            due.push_back(id);
        }
    }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(ServerOptions options) {
    auto state = std::make_unique<State>();
    state->limits = engine_limits(options.limits);
    state->timeouts = engine_timeouts(options.limits);
    for (const std::string& text : options.trusted_proxies) {
        auto network = net::Network::parse(text);
        if (!network) return Unexpected{network.error()};
        state->trusted.push_back(*network);
    }
    if (options.proxy_protocol && state->trusted.empty())
        return unexpected(Blame::Caller,
                          "the PROXY protocol is on, but no network is trusted to send it; name the front's address as "
                          "a trusted proxy");
    if (options.tls.enabled()) {
        auto tls = net::TlsContext::server(options.tls);
        if (!tls) return Unexpected{tls.error()};
        state->tls = std::move(*tls);
    }
    auto listener = net::Listener::listen(options.address, options.port);
    if (!listener) return Unexpected{listener.error()};
    state->listener = std::move(*listener);
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{poller.error()};
    state->poller = std::move(*poller);
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{waker.error()};
    state->waker = std::move(*waker);
    if (auto added = state->poller->add(state->listener->fd(), listener_key, {}); !added)
        return Unexpected{added.error()};
    if (auto added = state->poller->add(state->waker->fd(), waker_key, {}); !added) return Unexpected{added.error()};
    state->options = std::move(options);
    state->now = net::now();
    return Server(std::move(state));
}

std::uint16_t Server::port() const { return state_->listener->port(); }

bool Server::wait(std::chrono::milliseconds timeout) {
    State& state = *state_;
    if (state.stopping && state.connections == 0) return false;
    // What is queued leaves before anybody sleeps; poll_event() finds what is left of it.
    state.now = net::now();
    Duration sleep = timeout;
    if (!state.to_flush.empty() || state.next_ready < state.ready.size() || !state.due.empty())
        sleep = Duration::zero();
    for (const TimePoint time : {state.next_sweep, state.accept_again})
        if (time != never) sleep = std::clamp(time - state.now, Duration::zero(), sleep);
    if (state.next_ready == state.ready.size()) {
        state.ready = state.poller->wait(sleep);
        state.next_ready = 0;
    }
    state.now = net::now();
    if (state.next_sweep <= state.now) state.sweep();
    if (state.accept_again <= state.now) {
        state.accept_again = never;
        if (!state.stopping) state.watch_listener(true);
    }
    if (state.stop_wanted.load() && !state.stopping) state.begin_stop();
    return true;
}

std::optional<Event> Server::poll_event() {
    State& state = *state_;
    for (;;) {
        if (state.current) {
            Peer* peer = state.find(*state.current);
            if (peer != nullptr) {
                if (auto event = state.next_event(*state.current, *peer)) return event;
                // More may lie decrypted inside, where the poller does not see it.
                if (peer->stream.pending() && peer->watches_read) {
                    state.read(*peer);
                    continue;
                }
                state.want_flush(*state.current, *peer);
            }
            state.current.reset();
        }
        if (auto writable = state.settle_all()) return writable;
        if (!state.due.empty()) {
            const ConnectionId id = state.due.back();
            state.due.pop_back();
            if (Peer* peer = state.find(id)) {
                if (peer->connection.poll_timeout() <= state.now) peer->connection.handle_timeout(state.now);
                state.current = id;
            }
            continue;
        }
        if (state.next_ready == state.ready.size()) return std::nullopt;
        const net::Poller::Ready ready = state.ready[state.next_ready++];
        if (ready.key == listener_key) {
            if (!state.stopping) state.accept_all();
            continue;
        }
        if (ready.key == waker_key) {
            state.waker->reset();
            continue;
        }
        const auto id = static_cast<ConnectionId>(ready.key);
        Peer* peer = state.find(id);
        if (peer == nullptr) continue;
        state.current = id;
        if (ready.readable || ready.hangup || !peer->stream.established()) state.read(*peer);
    }
}

Result<void> Server::send(ConnectionId connection, MessageKind kind, std::span<const std::byte> payload) {
    State& state = *state_;
    Peer* peer = state.find(connection);
    if (peer == nullptr || peer->opening)
        return unexpected(Blame::Caller,
                          "there is no such open connection; send after its Opened event and before Closed");
    auto sent = peer->connection.send(to_engine(kind), payload);
    if (!sent) {
        peer->refused = peer->refused || sent.error().blame == Blame::Peer;
        return sent;
    }
    if (payload.size() >= write_at_once_bytes) flush(peer->connection, peer->stream, state.now);
    peer->connection.retain_unsent();
    state.want_flush(connection, *peer);
    return {};
}

Result<void> Server::send(ConnectionId connection, std::string_view text) {
    return send(connection, MessageKind::Text, as_bytes(text));
}

void Server::close(ConnectionId connection, std::uint16_t code, std::string_view reason) {
    Peer* peer = state_->find(connection);
    if (peer == nullptr) return;
    peer->connection.close(static_cast<ws::CloseCode>(code), reason, state_->now);
    state_->want_flush(connection, *peer);
}

std::size_t Server::connection_count() const { return state_->connections; }

std::size_t Server::transmit_bytes(ConnectionId connection) const {
    const Peer* peer = state_->find(connection);
    return peer == nullptr ? 0 : peer->connection.transmit_bytes();
}

Result<void> Server::reload_certificate() {
    if (!state_->tls)
        return unexpected(Blame::Caller, "this server has no certificate to read again; it was started without TLS");
    auto tls = net::TlsContext::server(state_->options.tls);
    if (!tls) return Unexpected{tls.error()};
    state_->tls = std::move(*tls);
    return {};
}

void Server::stop() {
    state_->stop_wanted.store(true);
    state_->waker->wake();
}

}  // namespace tidewire::websocket
