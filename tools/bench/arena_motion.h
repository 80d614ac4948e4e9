// The arena trace: many entities in a walled square, some of them steered by bots; moves like the entities of an arena
// game whose server rounds its state to the quanta of the schema after each tick.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tools/bench/trace.h"

namespace tidewire::bench {

struct ArenaMotion {
    std::size_t entities = 1000;
    std::size_t changing = 200;  ///< How many move at a time; at most `entities`.
    bool straight = false;       ///< Nobody turns, except at the walls.
    std::uint64_t seed = 1;
};

/// The columns of an entity, in order.
enum class ArenaColumn : std::uint8_t {
    X,          ///< 1/64 unit, 0 to 2000 units; 17 bits.
    Y,          ///< Likewise.
    VelocityX,  ///< 1/4 unit per second, -300 to 300 units per second, 0 at rest; 12 bits, signed.
    VelocityY,  ///< Likewise.
    Angle,      ///< 4096 steps per turn, -2048 to 2047; 12 bits, signed.
    Hp,         ///< 0 to 100; 7 bits.
};

constexpr std::size_t arena_columns = 6;
constexpr std::array<unsigned, arena_columns> arena_widths = {17, 17, 12, 12, 12, 7};

/// Records `frames` ticks of 1/30 s. In each, a fiftieth of the movers stop and as many others start; so
/// `changing` + `changing` / 50 rows differ from tick to tick: the movers, and who has just stopped.
Trace make_arena(const ArenaMotion& options, std::size_t frames);

}  // namespace tidewire::bench
