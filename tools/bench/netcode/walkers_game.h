// Walkers on a field: players that run about, with the inertia of the arena's fighters. Where they may meet, the server keeps
// them apart, which no client predicts.
#pragma once

#include <cstdint>

#include "tidewire/game.h"
#include "tidewire/rules.h"

namespace tidewire::bench {

/// Units, and units per second.
inline constexpr float walk_speed = 280;
inline constexpr float walker_radius = 18;

struct Walker {
    float x = 0;
    float y = 0;
    float vx = 0;
    float vy = 0;
};
struct Steps {
    std::int8_t dx = 0;
    std::int8_t dy = 0;
};

/// The rules of both ends.
ApplyInput walker_rules();

class WalkersGame {
public:
    /// With `contention` walkers push each other.
    explicit WalkersGame(bool contention);
    WalkersGame(const WalkersGame&) = delete;
    WalkersGame& operator=(const WalkersGame&) = delete;

    const Game& game() const { return game_; }

private:
    Game game_;
};

}  // namespace tidewire::bench

template <>
struct tidewire::ComponentIndex<tidewire::bench::Walker> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::InputIndex<tidewire::bench::Steps> {
    static constexpr std::uint16_t value = 0;
};
