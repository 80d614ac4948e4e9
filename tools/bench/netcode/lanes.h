// Small messages behind large ones: a join of a large world, and a transfer of the application's, over a thin link.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::bench {

struct LanesOptions {
    Duration latency = std::chrono::milliseconds(30);  ///< Each way.
    std::size_t bytes_per_second = 125'000;            ///< 1 Mbit/s.
    std::size_t join_bytes = 200 * 1024;               ///< Of the world, which a join tells whole.
    std::size_t bulk_bytes = 0;                        ///< Sent to the player when it has the world; 0: none.
    Tick event_every = 1;                              ///< The game sends the player an event in every so many ticks.
    bool naive = false;                                ///< Every message whole, as it is.
    std::uint64_t seed = 1;
};

/// What the slowest one of some messages took beyond the link's delay.
struct LaneDelays {
    double event_ms_max = 0;  ///< From the game's send() to the client's game.
    int events = 0;           ///< So many.
    double pong_ms_max = 0;   ///< Of the server's, which answers at once: the round trip without the link's own.
    int pongs = 0;
};

struct LanesFigures {
    double join_ms = 0;                ///< From the connection to the first snapshot.
    LaneDelays join;                   ///< Events that left, and Pongs that came, until then.
    double bulk_ms = 0;                ///< From the first snapshot to the end of the transfer.
    LaneDelays bulk;                   ///< As in `join`.
    double bulk_ticks_per_second = 0;  ///< Snapshots at the client, during the transfer.
    bool playing = false;  ///< At the end; the transfer came as it was sent, and every event once and in order.
};

LanesFigures run_lanes(const LanesOptions& options);

}  // namespace tidewire::bench
