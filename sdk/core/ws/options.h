// Every limit of a WebSocket connection, with its default, unit and reason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::ws {

enum class Role : std::uint8_t { Client, Server };

struct Limits {
    std::size_t message_bytes_max =
        16 * 1024;  ///< A whole message after reassembly; beyond it 1009. Clients raise it to 256 KiB for keyframes.
    std::size_t fragments_max = 32;         ///< Frames of one message; each costs more than its bytes (1008 beyond).
    std::size_t head_bytes_max = 4 * 1024;  ///< The HTTP head of the handshake; 431 beyond.
    std::size_t head_fields_max = 64;       ///< Header fields in it; 431 beyond.
    double control_frames_per_second =
        20;  ///< Pings and pongs that a peer may send; the bucket starts with `control_frames_burst`; 1008 beyond.
    double control_frames_burst = 100;
    std::size_t transmit_bytes_max =
        256 *
        1024;  ///< Queued and not yet written; send() refuses beyond it, so that a slow reader costs bounded memory.
    std::size_t transmit_bytes_kept =
        256;  ///< Of a server's empty queue, for what comes next: idle connections are many. Who sends more all the time raises it.
};

/// `Duration::max()` switches a limit off.
struct Timeouts {
    Duration opening =
        std::chrono::seconds(5);  ///< From the start to the end of the handshake; progress does not extend it.
    Duration closing = std::chrono::seconds(5);  ///< From our close frame to the end of the stream.
    Duration message = std::chrono::seconds(5);  ///< From a message's first byte to its last.
    Duration ping_after_silence =
        std::chrono::seconds(3);  ///< A ping goes out when nothing was received for this long.
    Duration dead_after_silence =
        std::chrono::seconds(10);  ///< The connection is given up when nothing was received for this long.
};

}  // namespace tidewire::ws
