// What a client knows about its link and its view of the world.
#pragma once

#include <chrono>
#include <cstdint>

namespace tidewire {

/// Figures of one connection. Durations are zero until the first sample. None of them depends on how often a program draws.
struct Latency {
    std::chrono::microseconds rtt_last{0};
    std::chrono::microseconds rtt_smoothed{0};     ///< RFC 6298: SRTT.
    std::chrono::microseconds rtt_min{0};          ///< Minimum over the last 10 s.
    std::chrono::microseconds rtt_p95{0};          ///< Of the last 10 s: 95 in 100 round trips were no longer.
    std::chrono::microseconds jitter{0};           ///< RFC 6298: RTTVAR, the smoothed mean deviation of the RTT.
    std::chrono::microseconds clock_offset{0};     ///< Server clock minus client clock.
    std::chrono::microseconds clock_error_max{0};  ///< Bound of the offset's error: half the best round trip behind it.
    /// How old the newest snapshot is: the least one-way latency, and the time since it could have been here at the earliest.
    std::chrono::microseconds snapshot_age{0};
    std::uint64_t stalls =
        0;  ///< Since the join: times that nothing came for 100 ms when it should have; loss, mostly.
    std::chrono::microseconds stall_longest{0};  ///< By how much the worst of them was late.
    std::uint64_t samples = 0;                   ///< Round trips measured.
};

}  // namespace tidewire
