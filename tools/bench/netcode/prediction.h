// Own entities on the screen: how often the server comes to something else than was predicted, and how far the picture jumps then.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

/// What befalls the link, each way.
enum class Trouble : std::uint8_t { None, Jitter, Stalls };
/// "none", "jitter", "stalls".
const char* name_of(Trouble trouble);

struct PredictionScenario {
    Duration rtt = std::chrono::milliseconds(80);
    int tick_rate = 30;
    Trouble trouble = Trouble::None;  ///< Jitter of 30 % of the latency, or a stall of 250 ms each 2 s.
    bool contention = false;          ///< Four players who push each other, instead of one.
    int frames_per_second = 60;
    Duration duration = std::chrono::seconds(60);
    std::uint64_t seed = 1;
};

/// Of all players, from three seconds after they joined: until then clocks hurry.
struct PredictionFigures {
    std::uint64_t predicted = 0;    ///< Ticks.
    std::uint64_t corrections = 0;  ///< Snapshots that showed something else.
    std::uint64_t late = 0;         ///< Inputs: each may cost one correction.
    double travelled = 0;           ///< By the drawn picture, in units.
    double jump_max = 0;            ///< From frame to frame, in units.
    /// The most by which a frame went beyond its bound: what a walker walks in a frame, by a clock that runs 5 % faster, and what the
    /// smoothing takes off an error in that time by its half-life, of the error that there was in that frame. In units; below 0: never.
    double beyond_bound_max = -1e9;
    double error_max = 0;  ///< Between the picture and the simulation, as corrections made it.
};

PredictionFigures run_prediction(const PredictionScenario& scenario);

}  // namespace tidewire::bench
