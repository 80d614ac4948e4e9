// What the client knows of time: the server's clock, and the round trip whatever its frame rate.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

struct ClockOptions {
    Duration latency_up = std::chrono::milliseconds(40);
    Duration latency_down = std::chrono::milliseconds(40);
    Duration jitter{0};  ///< Each way, on top.
    Duration frame{0};   ///< Of a program that calls poll(); 0: one that waits in update().
    std::uint64_t seed = 1;
};

/// From ten seconds after the join on, for thirty seconds. The two clocks are one, so every offset is an error.
struct ClockFigures {
    double offset_error_ms_max = 0;
    double error_bound_ms = 0;  ///< What the client says of it: half the best round trip.
    double rtt_ms_min = 0;
    double rtt_error_ms_max = 0;  ///< Of the smoothed round trip, against the link's without its jitter.
};

ClockFigures run_clock(const ClockOptions& options);

}  // namespace tidewire::bench
