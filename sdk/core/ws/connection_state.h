// What a connection holds, and the state machine's moves. Private to connection.cpp and connection_state.cpp.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/ws/connection.h"
#include "sdk/core/ws/mask.h"
#include "sdk/core/ws/message_reader.h"
#include "sdk/core/ws/token_bucket.h"
#include "sdk/core/ws/transmit_queue.h"

namespace tidewire::ws {

enum class Phase : std::uint8_t {
    AwaitingRequest,   ///< Server: the head is not whole yet.
    AwaitingAnswer,    ///< Server: the application has the request.
    AwaitingResponse,  ///< Client: our request is out.
    Open,
    Closing,   ///< Our close frame is queued, the peer's has not come.
    Draining,  ///< Closed is decided. What is queued goes out, what comes is ignored, until the stream ends.
    Finished,
};

/// Alive only until the connection is open.
struct Opening {
    explicit Opening(const Limits& limits) : parser(limits) {}
    HeadParser parser;
    Request request;                        ///< Server.
    std::string key;                        ///< Client.
    std::vector<std::string> subprotocols;  ///< Client.
    std::optional<Head> refusal;            ///< Client: an answer that is no WebSocket, until its words are here.
    std::string refused;                    ///< Client: why that is none, without them.
    std::string words;                      ///< Client: of its content.
    std::size_t words_left = 0;             ///< Client: bytes of them that are still to come.
};

/// What most connections never need while they live.
struct Rare {
    Bytes unread;        ///< What the application had not polled when the next bytes came.
    Bytes pong;          ///< The newest ping's payload, while the stream takes nothing.
    std::string reason;  ///< Of the end.
    CloseCode code = CloseCode::NoStatus;
    int http_status = 0;  ///< Of the answer that was the end.
    std::chrono::seconds retry_after{0};  ///< Client: what it said.
    bool pong_waits = false;
    bool clean = false;
    bool by_peer = false;
};

inline TimePoint after(TimePoint now, Duration duration) {
    return duration > never - std::max(now, TimePoint()) ? never : now + duration;
}

inline constexpr std::size_t client_kept_bytes_max = 64 * 1024;  ///< A client is one, and copies all that it sends.
inline constexpr std::size_t reason_bytes_max = control_payload_bytes_max - 2;

struct Connection::State {
    State(Role own_role, const Limits& own_limits, const Timeouts& own_timeouts, TimePoint now)
        : limits(own_limits),
          timeouts(own_timeouts),
          opening(std::make_unique<Opening>(own_limits)),
          queue(own_role == Role::Server ? own_limits.transmit_bytes_kept : client_kept_bytes_max, own_limits.transmit_bytes_max),
          reader(own_role),
          control_frames(own_limits.control_frames_burst, now),
          deadline(after(now, own_timeouts.opening)),
          role(own_role),
          phase(own_role == Role::Server ? Phase::AwaitingRequest : Phase::AwaitingResponse) {}

    Limits limits;
    Timeouts timeouts;
    std::unique_ptr<Opening> opening;
    std::unique_ptr<MaskSource> masks;  ///< Client.
    std::unique_ptr<Rare> rare_data;
    TransmitQueue queue;
    MessageReader reader;
    TokenBucket control_frames;
    MutableByteSpan input;  ///< Received and not read: the caller's memory, or Rare::unread.
    TimePoint deadline;     ///< Of the opening, of the message in progress, or of the closing, as the phase is.
    TimePoint ping_due = never;
    TimePoint dead_due = never;
    std::string subprotocol;
    Role role;
    Phase phase;
    bool eof = false;
    bool blocked = false;         ///< The stream had not taken everything when the last bytes came.
    bool opened_pending = false;  ///< Event::Opened must be polled.
    bool closed_pending = false;  ///< Event::Closed must be polled.

    Rare& rare() {
        if (!rare_data) rare_data = std::make_unique<Rare>();
        return *rare_data;
    }

    // The end.
    void end(Phase next, CloseCode code, std::string reason, TimePoint now);
    void fail(CloseCode code, std::string_view reason, TimePoint now);
    void reject(const Refusal& refusal, TimePoint now);
    void respond(int status, const std::string& response, CloseCode code, std::string reason, TimePoint now);

    // Output.
    void queue_control(Opcode opcode, ByteSpan payload);
    void queue_close(CloseCode code, std::string_view reason);
    void opened(TimePoint now);
    void alive(TimePoint now);

    // Input, one step each: an event, or empty when the input is used up or the phase has changed.
    std::optional<Event> step(TimePoint now);
    std::optional<Event> read_request(TimePoint now);
    void read_response(TimePoint now);
    void read_words(TimePoint now);
    std::optional<Event> read_frames(TimePoint now);
    std::optional<Event> handle(const Incoming& incoming, TimePoint now);
    void handle_ping(ByteSpan payload);
    void handle_close(ByteSpan payload, TimePoint now);
    void handle_eof(TimePoint now);
};

}  // namespace tidewire::ws
