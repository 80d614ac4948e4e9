// A link that becomes too slow for the state and stays so for a while: how old what the client sees becomes.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

struct RateDropOptions {
    int tick_rate = 60;
    std::size_t noise_bytes = 1000;  ///< Of state in each tick: with what tells of it, messages of 1500 bytes.
    Duration rtt = std::chrono::milliseconds(60);
    std::size_t bytes_per_second = 3'000'000 / 8;
    std::size_t dropped_bytes_per_second = 500'000 / 8;
    Duration drop = std::chrono::seconds(5);
    std::uint64_t seed = 1;
};

struct RateDropFigures {
    double age_ms_max = 0;  ///< Of the newest snapshot at the client, from the drop to eight seconds after its end.
    double naive_age_ms_max = 0;  ///< Of a queue that takes every tick.
    double tick_bytes_mean = 0;   ///< Of the Tick messages, as received.
    double ticks_per_second = 0;  ///< That arrive during the drop.
    double recovered_hz = 0;      ///< Snapshots per second in the last second.
    bool playing = false;         ///< The client still plays at the end.
};

RateDropFigures run_rate_drop(const RateDropOptions& options);

}  // namespace tidewire::bench
