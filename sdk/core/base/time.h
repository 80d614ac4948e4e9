// Instants and durations. Time is an argument: nothing under sdk/core reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace tidewire {

/// Microseconds in 64 bits: 292 000 years, and exact, unlike a float of seconds.
using Duration = std::chrono::duration<std::int64_t, std::micro>;

/// A monotonic clock without a now(): its instants come from the caller, who may invent them.
struct Clock {
    using duration = Duration;
    using rep = Duration::rep;
    using period = Duration::period;
    using time_point = std::chrono::time_point<Clock, Duration>;
    static constexpr bool is_steady = true;
};

using TimePoint = Clock::time_point;

/// Later than every instant: "no time limit is running".
inline constexpr TimePoint never = TimePoint::max();

inline constexpr double to_milliseconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1000.0;
}

}  // namespace tidewire
