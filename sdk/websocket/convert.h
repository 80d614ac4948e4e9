// Between the public names of websocket.h and the engine's: kinds, limits, time, and the way out of a queue.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "sdk/core/ws/connection.h"
#include "sdk/net/stream.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

inline ws::MessageKind to_engine(MessageKind kind) {
    return kind == MessageKind::Text ? ws::MessageKind::Text : ws::MessageKind::Binary;
}
inline MessageKind from_engine(ws::MessageKind kind) {
    return kind == ws::MessageKind::Text ? MessageKind::Text : MessageKind::Binary;
}

inline ws::Limits engine_limits(const Limits& limits) {
    ws::Limits engine;
    engine.message_bytes_max = limits.message_bytes_max;
    engine.fragments_max = limits.fragments_max;
    engine.transmit_bytes_max = limits.transmit_bytes_max;
    engine.control_frames_per_second = limits.control_frames_per_second;
    return engine;
}

/// milliseconds::max() in microseconds would overflow: whoever waits for ever waits for an hour at a time.
inline Duration to_sleep(std::chrono::milliseconds timeout) {
    return std::clamp<std::chrono::milliseconds>(timeout, std::chrono::milliseconds(0), std::chrono::hours(1));
}

/// milliseconds::max() switches a limit off.
inline Duration to_limit(std::chrono::milliseconds limit) {
    return limit >= std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()) ? Duration::max() : limit;
}

inline ws::Timeouts engine_timeouts(const Limits& limits) {
    ws::Timeouts engine;
    engine.opening = to_limit(limits.opening_timeout);
    engine.closing = to_limit(limits.closing_timeout);
    engine.message = to_limit(limits.message_timeout);
    engine.ping_after_silence = to_limit(limits.ping_after_silence);
    engine.dead_after_silence = to_limit(limits.dead_after_silence);
    return engine;
}

/// A queue that was full is worth filling again, and its peer worth listening to, below this.
inline std::size_t writable_bytes(std::size_t transmit_bytes_max) { return transmit_bytes_max / 2; }

/// Writes what the engine has queued, as far as the stream takes it. Empty, or why the stream takes nothing more: what the peer
/// has sent before, its goodbye perhaps, is still to be read then.
[[nodiscard]] inline std::optional<std::string> flush(ws::Connection& connection, net::Stream& stream, TimePoint now) {
    for (;;) {
        const auto parts = connection.poll_transmit();
        if (parts.empty()) return std::nullopt;
        net::Transfer transfer = stream.write(parts);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return std::nullopt;
        if (transfer.outcome == net::Transfer::Outcome::Eof) return "the stream ended while it was written";
        if (transfer.outcome == net::Transfer::Outcome::Failed) return std::move(transfer.message);
        connection.transmitted(transfer.bytes, now);
    }
}

}  // namespace tidewire::websocket
