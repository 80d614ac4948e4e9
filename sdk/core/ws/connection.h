// One WebSocket connection (RFC 6455) without a socket: bytes and time go in, bytes and events come out.
// It is not a stream, a thread or a clock, and it never blocks.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"
#include "sdk/core/ws/close_code.h"
#include "sdk/core/ws/handshake.h"
#include "sdk/core/ws/http_head.h"
#include "sdk/core/ws/options.h"
#include "tidewire/result.h"

namespace tidewire::ws {

enum class MessageKind : std::uint8_t { Text, Binary };

struct Event {
    enum class Kind : std::uint8_t {
        Request,  ///< Server: a whole HTTP head arrived; answer with accept(), reject() or respond(). See request().
        Opened,   ///< The handshake is done; see subprotocol().
        Message,  ///< A whole message: `message_kind`, `bytes`.
        Pong,     ///< `bytes` is its payload. Pings are answered by the connection itself.
        Closed,  ///< The last event: `close_code`, `bytes` is the reason in UTF-8, `clean` says whether both close frames were seen.
    };
    Kind kind;
    MessageKind message_kind = MessageKind::Binary;
    CloseCode close_code = CloseCode::NoStatus;
    bool clean = false;
    /// Closed: true when the peer ended it (its close frame, the end of its stream or its silence came first); false when we
    /// did: close(), respond(), or a fault that we found in its bytes.
    bool by_peer = false;
    int http_status = 0;  ///< Closed: of the answer that ended it before it was open; 0 when none did.
    std::chrono::seconds retry_after{0};  ///< Client, Closed: what the server's answer said of another try; 0: nothing.
    /// Valid until the next poll_event() or receive(); the application may write into it.
    MutableByteSpan bytes = {};
};

/// After any call that changes it: drain poll_event, then poll_transmit, then sleep no later than poll_timeout.
class Connection {
public:
    /// Starts the opening handshake at once. `random` makes the key and the masks; it is kept.
    static Connection client(ClientHandshake handshake, const Limits& limits, const Timeouts& timeouts,
                             RandomSource random, TimePoint now);
    /// Waits for a request.
    static Connection server(const Limits& limits, const Timeouts& timeouts, TimePoint now);

    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    // Input: what happened outside.

    /// Bytes from the stream. They are unmasked in place and read by poll_event(), so they must stay valid until it
    /// returns nothing (or until the next receive(), which keeps what was not read). Ignored after the end. Messages that
    /// lie in `bytes` as one frame are delivered as views of it, without a copy.
    void receive(MutableByteSpan bytes, TimePoint now);
    /// The peer will send no more.
    void receive_eof(TimePoint now);
    /// Call when poll_timeout() is due.
    void handle_timeout(TimePoint now);

    // Commands: what the application wants.

    /// Server, after Event::Request of a valid upgrade. `subprotocol` is one that the client offered, or empty.
    void accept(std::string_view subprotocol, std::span<const HeaderField> headers, TimePoint now);
    /// Server, after Event::Request: a plain HTTP answer with Connection: close. `status` is 200 to 599.
    void respond(int status, std::string_view content_type, std::string_view body, std::span<const HeaderField> headers,
                 TimePoint now);

    /// Queues one message whose payload is `parts` one after another. A server may keep views of them: they must stay valid
    /// until transmitted() has passed them or retain_unsent() was called. A client copies (it must mask).
    /// Errors: not open (Caller), the transmit queue is at its limit (Peer, 1013: the reader is too slow; nothing was queued).
    /// Text must be UTF-8 (asserted in debug builds).
    Result<void> send(MessageKind kind, std::span<const ByteSpan> parts);
    Result<void> send(MessageKind kind, ByteSpan payload) { return send(kind, {&payload, 1}); }
    /// Payload of at most 125 bytes. Ignored when not open.
    void ping(ByteSpan payload);
    /// Starts the closing handshake. A reason over 123 bytes is cut at a code point. Ignored when closing already.
    void close(CloseCode code, std::string_view reason, TimePoint now);
    /// Ends at once without a close frame: the stream failed. `reason` goes into Event::Closed with code 1006.
    void abort(std::string_view reason, TimePoint now);

    // Output: what the caller must do next.

    std::optional<Event> poll_event(TimePoint now);
    /// What to write, in order; empty when there is nothing. Valid until the next call of a non-const member.
    std::span<const ByteSpan> poll_transmit();
    /// The first `bytes` of poll_transmit() were written.
    void transmitted(std::size_t bytes, TimePoint now);
    /// Copies what is queued by reference, so that the parts given to send() may go.
    void retain_unsent();
    /// When handle_timeout() must be called; `never` after the end.
    TimePoint poll_timeout() const;

    // State.

    bool open() const;
    /// Nothing more will come or go: after Event::Closed was polled and poll_transmit() is empty, close the stream.
    bool finished() const;
    /// The server has sent all: shut down the stream's sending side (TCP half-close) and keep reading. The client then closes
    /// the stream, and its end makes this connection finished(); the closing time limit does so otherwise. A server that
    /// closed at once could lose its last frame to a reset.
    bool wants_shutdown() const;
    std::size_t transmit_bytes() const;
    /// What it takes on the heap now, nearly.
    std::size_t memory_bytes() const;
    /// Server, from Event::Request until accept() or respond(): what was asked for. Otherwise empty.
    const Request& request() const;
    const std::string& subprotocol() const;

private:
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::ws
