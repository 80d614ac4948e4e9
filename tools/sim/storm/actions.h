// All that may happen in a storm, and how often each of it does: one table. Whoever adds something to the server adds a line here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tools/sim/storm/scene.h"

namespace tidewire::sim {

struct Action {
    std::string_view name;
    std::uint32_t weight;  ///< Of all weights together, so many times it is this one.
    /// False: there was nobody, or nothing, to do it with.
    bool (*run)(Scene&);
};

std::span<const Action> actions();

/// One of them, by weight.
const Action& draw_action(SeededRandom& random);

}  // namespace tidewire::sim
