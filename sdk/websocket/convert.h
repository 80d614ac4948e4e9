// Between the public names of websocket.h and the engine's: kinds, limits, and the way out of a queue.
#pragma once

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

inline ws::Timeouts engine_timeouts(const Limits& limits) {
    ws::Timeouts engine;
    engine.opening = limits.opening_timeout;
    engine.closing = limits.closing_timeout;
    engine.message = limits.message_timeout;
    engine.ping_after_silence = limits.ping_after_silence;
    engine.dead_after_silence = limits.dead_after_silence;
    return engine;
}

/// Writes what the engine has queued, as far as the stream takes it; a failed stream aborts the connection.
inline void flush(ws::Connection& connection, net::Stream& stream, TimePoint now) {
    for (;;) {
        const auto parts = connection.poll_transmit();
        if (parts.empty()) return;
        const net::Transfer transfer = stream.write(parts);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return;
        if (transfer.outcome != net::Transfer::Outcome::Done) return connection.abort(transfer.message, now);
        connection.transmitted(transfer.bytes, now);
    }
}

}  // namespace tidewire::websocket
