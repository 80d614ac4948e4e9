// The WebSocket client on its own: one connection over one stream.
#include <algorithm>
#include <array>
#include <optional>

#include "sdk/net/dialer.h"
#include "sdk/net/system.h"
#include "sdk/net/wait.h"
#include "sdk/websocket/convert.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;

}  // namespace

struct Client::State {
    ClientOptions options;
    net::Url url;
    std::optional<net::Dialer> dialer;         // until the stream is ready
    std::optional<net::Stream> stream;         // from then on
    std::optional<ws::Connection> connection;  // likewise
    TimePoint dial_deadline = never;
    std::string trouble;   // before there was a connection: the reason of Closed
    bool closed = false;   // Closed was polled
    bool refused = false;  // send() said no: Writable is owed
    bool shut_down = false;
    std::string subprotocol;
    Bytes buffer = Bytes(read_bytes);

    void fail(std::string reason) {
        dialer.reset();
        trouble = std::move(reason);
    }

    void start(std::string_view text) {
        auto parsed = net::parse_url(text);
        if (!parsed) return fail(parsed.error().message);
        url = *parsed;
        std::optional<net::ProxyUrl> proxy;
        if (!options.proxy.empty()) {
            auto parsed_proxy = net::parse_proxy_url(options.proxy);
            if (!parsed_proxy) return fail(parsed_proxy.error().message);
            proxy = std::move(*parsed_proxy);
        }
        const TimePoint now = net::now();
        auto started = net::Dialer::start(url, std::move(proxy), options.tls, now);
        if (!started) return fail(started.error().message);
        dialer = std::move(*started);
        dial_deadline = now + options.limits.opening_timeout;
    }

    void dial(TimePoint now) {
        auto ready = dialer->advance(now);
        if (!ready) return fail(ready.error().message);
        if (!*ready) {
            if (now >= dial_deadline)
                fail("no connection to " + url.authority() +
                     " within the opening timeout; is the address right and the network up?");
            return;
        }
        stream = dialer->take();
        dialer.reset();
        ws::ClientHandshake handshake{.host = url.authority(),
                                      .target = url.target,
                                      .subprotocols = options.subprotocols,
                                      .origin = options.origin,
                                      .headers = {}};
        for (const auto& [name, value] : options.headers) handshake.headers.push_back({name, value});
        connection = ws::Connection::client(std::move(handshake), engine_limits(options.limits),
                                            engine_timeouts(options.limits), net::system_random(), now);
    }

    /// One read, when something is there.
    void read(TimePoint now) {
        const net::Transfer transfer = stream->read(buffer);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done:
                connection->receive(MutableByteSpan(buffer).first(transfer.bytes), now);
                break;
            case net::Transfer::Outcome::WouldBlock:
                break;
            case net::Transfer::Outcome::Eof:
                connection->receive_eof(now);
                break;
            case net::Transfer::Outcome::Failed:
                connection->abort(transfer.message, now);
                break;
        }
    }

    bool readable_now() const { return stream->pending() || net::wait(stream->fd(), {}, Duration::zero()); }
};

Client::Client(std::string_view url, ClientOptions options) : state_(std::make_unique<State>()) {
    state_->options = std::move(options);
    state_->start(url);
}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

bool Client::wait(std::chrono::milliseconds timeout) {
    State& state = *state_;
    if (state.closed) return false;
    TimePoint now = net::now();
    if (state.dialer) {
        const TimePoint due = std::min(state.dial_deadline, state.dialer->poll_timeout());
        net::wait(state.dialer->fd(), state.dialer->interest(),
                  std::clamp(due - now, Duration::zero(), Duration(timeout)));
        return true;
    }
    if (!state.connection) return true;
    flush(*state.connection, *state.stream, now);
    if (state.connection->finished() || state.stream->pending()) return true;
    const Duration until = state.connection->poll_timeout() - now;
    const bool unsent = !state.connection->poll_transmit().empty();
    net::wait(state.stream->fd(), {.readable = true, .writable = unsent || state.stream->wants_write()},
              std::clamp(until, Duration::zero(), Duration(timeout)));
    return true;
}

std::optional<Event> Client::poll_event() {
    State& state = *state_;
    if (state.closed) return std::nullopt;
    const TimePoint now = net::now();
    if (state.dialer) state.dial(now);
    if (!state.trouble.empty()) {
        state.closed = true;
        return Event{
            .kind = EventKind::Closed, .connection = ConnectionId{1}, .close_code = 1006, .reason = state.trouble};
    }
    if (!state.connection) return std::nullopt;
    if (state.connection->poll_timeout() <= now) state.connection->handle_timeout(now);
    bool read = false;
    for (;;) {
        if (const auto event = state.connection->poll_event(now)) {
            Event out{
                .connection = ConnectionId{1}, .message_kind = from_engine(event->message_kind), .bytes = event->bytes};
            switch (event->kind) {
                case ws::Event::Kind::Opened:
                    out.kind = EventKind::Opened;
                    state.subprotocol = state.connection->subprotocol();
                    out.subprotocol = state.subprotocol;
                    out.path = state.url.target;
                    return out;
                case ws::Event::Kind::Message:
                    out.kind = EventKind::Message;
                    return out;
                case ws::Event::Kind::Closed:
                    out.kind = EventKind::Closed;
                    out.close_code = static_cast<std::uint16_t>(event->close_code);
                    out.reason = as_text(event->bytes);
                    out.bytes = {};
                    // The answer to the peer's close frame still has to leave.
                    flush(*state.connection, *state.stream, now);
                    state.closed = true;
                    return out;
                case ws::Event::Kind::Request:
                case ws::Event::Kind::Pong:
                    continue;
            }
        }
        flush(*state.connection, *state.stream, now);
        if (state.connection->wants_shutdown() && !state.shut_down) {
            state.shut_down = true;
            state.stream->shut_down_sending();
        }
        if (state.refused && state.connection->transmit_bytes() <= state.options.limits.transmit_bytes_max / 2) {
            state.refused = false;
            return Event{.kind = EventKind::Writable, .connection = ConnectionId{1}};
        }
        // One read a call: a peer that never stops sending must not hold the caller here.
        if (read || !state.readable_now()) return std::nullopt;
        read = true;
        state.read(now);
    }
}

Result<void> Client::send(MessageKind kind, std::span<const std::byte> payload) {
    State& state = *state_;
    if (!state.connection || state.closed)
        return unexpected(Blame::Caller, "the connection is not open; send after the Opened event and before Closed");
    auto sent = state.connection->send(to_engine(kind), payload);
    if (!sent && sent.error().blame == Blame::Peer) state.refused = true;
    return sent;
}

Result<void> Client::send(std::string_view text) { return send(MessageKind::Text, as_bytes(text)); }

void Client::close(std::uint16_t code, std::string_view reason) {
    if (state_->connection) {
        state_->connection->close(static_cast<ws::CloseCode>(code), reason, net::now());
    } else if (!state_->closed && state_->trouble.empty()) {
        state_->fail("closed before the connection was open");
    }
}

std::size_t Client::transmit_bytes() const { return state_->connection ? state_->connection->transmit_bytes() : 0; }

bool Client::open() const { return state_->connection && state_->connection->open(); }

}  // namespace tidewire::websocket
