// What a shot costs the server: many of them in a tick, in a large world, each of a player who saw another instant.
#pragma once

#include <cstddef>

namespace tidewire::bench {

struct RewindCostOptions {
    std::size_t entities = 8000;  ///< All of them move.
    std::size_t shots = 50;       ///< In a tick.
    std::size_t near = 20;        ///< Targets that a shot looks at which knows where to look.
};

/// Of the processor, medians over ticks.
struct RewindCost {
    double us_per_shot_view = 0;       ///< Looks at every entity's position.
    double us_per_shot_find = 0;       ///< Looks at `near` entities.
    double us_per_shot_same_view = 0;  ///< As the first, but all players saw the same instant.
};

RewindCost run_rewind_cost(const RewindCostOptions& options);

}  // namespace tidewire::bench
