// What a client knows about its link and its view of the world.
#pragma once

#include <chrono>
#include <cstdint>

namespace tidewire {

/// Figures of one connection. Durations are zero until the first sample.
struct Latency {
    std::chrono::microseconds rtt_last{0};
    std::chrono::microseconds rtt_smoothed{0};  ///< RFC 6298: SRTT.
    std::chrono::microseconds rtt_min{0};       ///< Minimum over the last 10 s.
    std::chrono::microseconds jitter{0};        ///< RFC 6298: RTTVAR, the smoothed mean deviation of the RTT.
    std::chrono::microseconds clock_offset{0};  ///< Server clock minus client clock.
    std::chrono::microseconds clock_error_max{0};  ///< Bound of the offset's error: half the best round trip behind it.
    std::uint64_t samples = 0;
};

}  // namespace tidewire
