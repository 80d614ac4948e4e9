// Small messages behind large ones: a join of a large world, and a transfer of the application's, over a thin link.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

struct LanesOptions {
    Duration latency = std::chrono::milliseconds(30);  ///< Each way.
    std::size_t bytes_per_second = 125'000;            ///< 1 Mbit/s.
    std::size_t join_bytes = 200 * 1024;               ///< Of the world, which a join tells whole.
    std::size_t bulk_bytes = 0;                        ///< Sent to the player when it has the world; 0: none.
    bool naive = false;                                ///< Every message whole, as it is.
    std::uint64_t seed = 1;
};

/// The event is a Pong of the server's, which answers at once: its delay is the round trip without the link's own.
struct LanesFigures {
    double join_ms = 0;             ///< From the connection to the first snapshot.
    double event_delay_ms_max = 0;  ///< Of those that left during the join.
    int events = 0;                 ///< So many.
    double bulk_ms = 0;             ///< From the first snapshot to the end of the transfer.
    double bulk_event_delay_ms_max = 0;
    double bulk_ticks_per_second = 0;  ///< Snapshots at the client, during the transfer.
    bool playing = false;              ///< At the end; and the transfer came as it was sent.
};

LanesFigures run_lanes(const LanesOptions& options);

}  // namespace tidewire::bench
