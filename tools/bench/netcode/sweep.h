// Inputs over every kind of link: how many are late, how early the others come, and whether the clock is calm.
#pragma once

#include <cstdint>
#include <string>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

enum class Weather : std::uint8_t { Steady, Jitter, StepUp, StepDown, Stalls };
/// "steady", "jitter", "step-up", "step-down", "stalls".
const char* name_of(Weather weather);

struct SweepOptions {
    Duration rtt = std::chrono::milliseconds(80);
    int tick_rate = 30;
    Weather weather = Weather::Steady;
    Duration frame{0};  ///< Of the game; 0: it looks all the time.
    std::uint64_t seed = 1;
};

struct SweepFigures {
    std::uint64_t inputs = 0;     ///< Judged, over sixty seconds: from five seconds after the join, or after the step.
    std::uint64_t late = 0;       ///< Of them, those whose tick had run.
    double lead_ms_mean = 0;      ///< Over the first and
    double lead_ms_mean_end = 0;  ///< the last third of the time, by the client's clock.
    int sign_changes = 0;         ///< Of the dilation, from the step on.
    bool failed = false;          ///< Beyond the bounds below.
    std::string why{};
};

/// Undisturbed and after a step: fewer than 0.1 % late, at most two changes of sign after a step. With stalls of 250 ms each 2 s: at most
/// (250 ms - lead) · rate + 2 late for each, and a lead that does not grow.
SweepFigures run_sweep(const SweepOptions& options);

}  // namespace tidewire::bench
