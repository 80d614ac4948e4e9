// The WebSocket client on its own: one connection over one stream.
#include <algorithm>
#include <optional>

#include "sdk/core/ws/ascii.h"
#include "sdk/net/dialer.h"
#include "sdk/net/system.h"
#include "sdk/net/wait.h"
#include "sdk/websocket/convert.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
/// Then poll_event() says "nothing more" once: a server that never stops sending must not hold the caller in its loop.
constexpr int reads_max = 16;
constexpr std::uint16_t abnormal = 1006;  // RFC 6455 7.1.5

/// What the caller adds to the request goes out as it is, so it must not say more than it seems to.
Result<void> check(const ClientOptions& options) {
    const auto printable = [](std::string_view text, std::string_view besides) {
        return std::all_of(text.begin(), text.end(), [&](char c) {
            return (c > ' ' && c != 0x7f) || c < 0 || besides.find(c) != std::string_view::npos;
        });
    };
    for (const auto& [name, value] : options.headers)
        if (!ws::is_token(name) || !printable(value, " \t"))
            return unexpected(Blame::Caller, "a header field of the options has a character that HTTP does not allow");
    for (const std::string& subprotocol : options.subprotocols)
        if (!ws::is_token(subprotocol))
            return unexpected(Blame::Caller, "a subprotocol of the options is no token (RFC 6455 4.1)");
    if (!printable(options.origin, ""))
        return unexpected(Blame::Caller, "the origin of the options has a space or a control character");
    return {};
}

}  // namespace

struct Client::State {
    enum class Stage : std::uint8_t {
        Dialing,
        Failed,     ///< Closed is to be polled; there is no connection.
        Connected,  ///< There is an engine, from the request until its Closed event.
        Over,       ///< Closed was polled.
    };

    ClientOptions options;
    Stage stage = Stage::Failed;
    net::Url url;
    std::optional<net::Dialer> dialer;  // while Dialing
    TimePoint dial_deadline = never;
    std::string end_reason;  // when Failed
    std::uint16_t end_code = abnormal;
    std::optional<net::Stream> stream;         // while Connected
    std::optional<ws::Connection> connection;  // from then on
    std::optional<std::string> trouble;        // the stream takes nothing more, and this is why
    bool refused = false;                      // send() said no: Writable is owed
    bool idle = false;                         // poll_event() has found nothing more to do
    int reads = 0;                             // since poll_event() last said "nothing more"
    Bytes buffer = Bytes(read_bytes);

    void fail(std::string reason, std::uint16_t code = abnormal) {
        stage = Stage::Failed;
        dialer.reset();
        end_reason = std::move(reason);
        end_code = code;
    }

    void start(std::string_view text) {
        auto parsed = net::parse_url(text);
        if (!parsed) return fail(parsed.error().message);
        url = *std::move(parsed);
        if (auto checked = check(options); !checked) return fail(checked.error().message);
        std::optional<net::ProxyUrl> proxy;
        if (!options.proxy.empty()) {
            auto parsed_proxy = net::parse_proxy_url(options.proxy);
            if (!parsed_proxy) return fail(parsed_proxy.error().message);
            proxy = *std::move(parsed_proxy);
        }
        const TimePoint now = net::now();
        auto started = net::Dialer::start(url, std::move(proxy), options.tls, now);
        if (!started) return fail(started.error().message);
        dialer = *std::move(started);
        const Duration limit = to_limit(options.limits.opening_timeout);
        dial_deadline = limit > never - now ? never : now + limit;
        stage = Stage::Dialing;
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
        stage = Stage::Connected;
    }

    void write(TimePoint now) {
        if (!trouble) trouble = flush(*connection, *stream, now);
    }

    /// False when nothing is there at the moment.
    bool read(TimePoint now) {
        const net::Transfer transfer = stream->read(buffer);
        if (transfer.outcome == net::Transfer::Outcome::Done) {
            connection->receive(MutableByteSpan(buffer).first(transfer.bytes), now);
        } else if (trouble) {
            // A server that refuses and goes has said why; after that there is only why we could not write.
            connection->abort(*trouble, now);
        } else if (transfer.outcome == net::Transfer::Outcome::Failed) {
            connection->abort(transfer.message, now);
        } else if (transfer.outcome == net::Transfer::Outcome::Eof) {
            connection->receive_eof(now);
        } else {
            return false;
        }
        return true;
    }

    /// What the application should see of an event of the engine.
    std::optional<Event> shown(const ws::Event& event, TimePoint now) {
        Event out{.connection = ConnectionId{1}, .message_kind = from_engine(event.message_kind)};
        switch (event.kind) {
            case ws::Event::Kind::Opened:
                out.kind = EventKind::Opened;
                out.subprotocol = connection->subprotocol();
                out.path = url.target;
                return out;
            case ws::Event::Kind::Message:
                out.kind = EventKind::Message;
                out.bytes = event.bytes;
                return out;
            case ws::Event::Kind::Closed:
                out.kind = EventKind::Closed;
                out.close_code = static_cast<std::uint16_t>(event.close_code);
                out.reason = as_text(event.bytes);
                // The answer to the server's close frame still has to leave; then the server may let go (RFC 6455 7.1.1).
                write(now);
                stream->shut_down_sending();
                stream.reset();
                stage = Stage::Over;
                return out;
            case ws::Event::Kind::Request:
            case ws::Event::Kind::Pong:
                break;
        }
        return std::nullopt;
    }

    std::optional<Event> next_event(TimePoint now) {
        if (stage == Stage::Dialing) dial(now);
        if (stage == Stage::Failed) {
            stage = Stage::Over;
            return Event{
                .kind = EventKind::Closed, .connection = ConnectionId{1}, .close_code = end_code, .reason = end_reason};
        }
        if (stage != Stage::Connected) return std::nullopt;
        if (connection->poll_timeout() <= now) connection->handle_timeout(now);
        for (;;) {
            while (const auto event = connection->poll_event(now))
                if (auto out = shown(*event, now)) return out;
            write(now);
            if (refused && connection->open() &&
                connection->transmit_bytes() <= writable_bytes(options.limits.transmit_bytes_max)) {
                refused = false;
                return Event{.kind = EventKind::Writable, .connection = ConnectionId{1}};
            }
            if (reads == reads_max) return std::nullopt;
            ++reads;
            if (!read(now)) {
                idle = true;
                return std::nullopt;
            }
        }
    }
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
    const TimePoint now = net::now();
    const auto sleep = [&](TimePoint due) {
        return due == never ? to_sleep(timeout) : std::clamp(due - now, Duration::zero(), to_sleep(timeout));
    };
    switch (state.stage) {
        case State::Stage::Over:
            return false;
        case State::Stage::Failed:
            return true;
        case State::Stage::Dialing:
            net::wait(state.dialer->fd(), state.dialer->interest(),
                      sleep(std::min(state.dial_deadline, state.dialer->poll_timeout())));
            return true;
        case State::Stage::Connected:
            break;
    }
    state.write(now);
    if (!state.idle || state.trouble || state.stream->pending()) return true;
    const bool write = !state.connection->poll_transmit().empty() || state.stream->wants_write();
    net::wait(state.stream->fd(), {.readable = true, .writable = write}, sleep(state.connection->poll_timeout()));
    return true;
}

std::optional<Event> Client::poll_event() {
    state_->idle = false;
    auto event = state_->next_event(net::now());
    if (!event) state_->reads = 0;
    return event;
}

Result<void> Client::send(MessageKind kind, std::span<const std::byte> payload) {
    State& state = *state_;
    if (state.stage != State::Stage::Connected)
        return unexpected(Blame::Caller, "the connection is not open; send after the Opened event and before Closed");
    auto sent = state.connection->send(to_engine(kind), payload);
    if (!sent && sent.error().blame == Blame::Peer) state.refused = true;
    return sent;
}

Result<void> Client::send(std::string_view text) { return send(MessageKind::Text, as_bytes(text)); }

void Client::close(std::uint16_t code, std::string_view reason) {
    State& state = *state_;
    if (state.stage == State::Stage::Dialing) state.fail(std::string(reason), code);
    if (state.stage != State::Stage::Connected) return;
    state.connection->close(static_cast<ws::CloseCode>(code), reason, net::now());
    // Before it was open there is nothing to wait for: the end is an event already.
    state.idle = false;
}

std::size_t Client::transmit_bytes() const {
    return state_->stage == State::Stage::Connected ? state_->connection->transmit_bytes() : 0;
}

bool Client::open() const { return state_->stage == State::Stage::Connected && state_->connection->open(); }

}  // namespace tidewire::websocket
