// The comparison workload as a game: N entities of N clients on a square, all of them moving.
#pragma once

#include <cstdint>
#include <vector>

#include "arena_n.h"
#include "sdk/core/base/random.h"
#include "tidewire/game.h"

namespace tidewire::bench::arena_n {

inline constexpr int tick_rate = 30;
inline constexpr float world_size = 2000;

/// Who sees whom.
struct Sight {
    /// Half of the side of the square that a client sees around its entity, in units; 0: it sees everybody.
    float half_extent = 0;
};

class Field {
public:
    explicit Field(Sight sight, std::uint64_t seed = 1) : sight_(sight), random_(seed) {}

    /// Refers to the field.
    Game game();

private:
    void join(ServerSim& sim, const Player& player);
    void tick(ServerSim& sim);
    void collide();

    Sight sight_;
    SeededRandom random_;
    std::vector<float> turns_;             // by entity index, in radians per tick
    std::vector<::arena_n::Body*> moved_;  // of the tick at hand
    std::vector<std::uint32_t> cells_;     // of each of them
    std::vector<std::uint32_t> begins_;    // of each cell, in sorted_
    std::vector<std::uint32_t> sorted_;    // places in moved_, by cell
};

}  // namespace tidewire::bench::arena_n
