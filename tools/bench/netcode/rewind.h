// Shots that hit at once, at targets that move: whether the server hits what the player's screen showed under the cross-hair.
#pragma once

#include <cstdint>
#include <string>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::bench {

/// What a client says that it saw, instead of the truth.
enum class Lie : std::uint8_t { None, Future, FarPast, Zero, Jumps, Fraction, Steady };
/// "none", "future", "far-past", "zero", "jumps", "fraction", "steady".
const char* name_of(Lie lie);

struct RewindScenario {
    Duration rtt = std::chrono::milliseconds(100);
    Duration jitter{0};   ///< Each way, on top.
    bool stalls = false;  ///< Of 250 ms each 2 s, each way.
    int tick_rate = 30;
    Lie lie = Lie::None;
    Tick steady_ticks = 7;  ///< By which Lie::Steady is too late.
    Duration frame{0};      ///< Of the player's screen; 0: it looks when an input is due.
    std::size_t bytes_per_second =
        0;                   ///< To the client; too few for every tick make it get fewer of them. 0: no limit.
    bool half_rate = false;  ///< The targets are told at every second tick.
    Duration duration = std::chrono::seconds(60);
    std::uint64_t seed = 1;
};

/// A third of the shots goes to the middle of where the target is drawn, one a quantum inside its edge, one a quantum outside. Those that
/// came too late for their tick are not judged.
struct RewindFigures {
    std::uint64_t shots = 0;         ///< Judged.
    std::uint64_t meant_to_hit = 0;  ///< The first two thirds of them,
    std::uint64_t hits = 0;          ///< those that did,
    std::uint64_t hits_beside = 0;   ///< and those of the last third that did.
    double error_quanta_max = 0;     ///< Between where the target was drawn and where it was taken to be.
    double error_quanta_mean = 0;
    double rewind_ms_mean = 0;  ///< From the tick that judged to what was taken to be seen.
    double rewind_ms_max = 0;
    std::uint64_t clamped = 0;    ///< Shots.
    std::uint64_t forged = 0;     ///< Shots.
    double limit_ms = 0;          ///< What the options allow.
    double ticks_per_second = 0;  ///< That the client got.
};

RewindFigures run_rewind(const RewindScenario& scenario);

}  // namespace tidewire::bench
