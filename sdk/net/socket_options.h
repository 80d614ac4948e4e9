// What the kernel is told of a TCP stream: how much it may hold back, and when it gives up.
#pragma once

#include <cstddef>

#include "sdk/core/base/time.h"

namespace tidewire::net {

/// Zero leaves a figure to the kernel.
struct SocketOptions {
    /// TCP_NODELAY: a small message leaves at once, and does not wait for the acknowledgement of the one before (Nagle), which waits
    /// for up to 40 ms itself.
    bool no_delay = true;
    /// SO_SNDBUF: what one stream may hold in the kernel. Left alone it grows to megabytes, minutes of a game's updates, for a client that
    /// does not read; and it bounds what a stream can carry in a round trip.
    std::size_t send_buffer_bytes = 0;
    /// TCP_NOTSENT_LOWAT: with so much not yet on its way the stream takes no more. What waits above the kernel can still be replaced by
    /// something newer.
    std::size_t unsent_bytes_max = 0;
    /// TCP_USER_TIMEOUT: bytes that were not acknowledged for so long end the stream, where retransmissions would go on for a quarter of
    /// an hour.
    Duration unacknowledged_max{};
    /// SO_KEEPALIVE: a stream that is silent for `keepalive_after` is probed every `keepalive_period`, `keepalive_probes` times; then it is
    /// dead. For peers that were cut off while nothing was to be sent to them.
    Duration keepalive_after{};
    Duration keepalive_period{};
    int keepalive_probes = 0;

    /// Of a game server's clients: 64 KiB in the kernel carry 2.6 Mbit/s over 200 ms of round trip, and a window of unacknowledged ticks
    /// takes far less; who cannot be reached is known after 10 s, as he is by the game's own limits.
    static SocketOptions for_play() {
        using std::chrono::seconds;
        return {.send_buffer_bytes = 64 * 1024,
                .unsent_bytes_max = 4 * 1024,
                .unacknowledged_max = seconds(10),
                .keepalive_after = seconds(5),
                .keepalive_period = seconds(2),
                .keepalive_probes = 3};
    }
};

/// What the kernel does not know is left out: every figure only makes things better.
void set_options(int fd, const SocketOptions& options);

}  // namespace tidewire::net
