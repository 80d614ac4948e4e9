// A shooting range: targets that run and turn, and players that fire at once at a point of the world. Every shot is judged by where its
// target was for who fired.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tidewire/game.h"

namespace tidewire::bench {

/// Units, and units per second.
inline constexpr float target_radius = 10;
inline constexpr std::array<float, 4> target_speeds = {0, 60, 150, 300};
inline constexpr double target_quantum = 0.05;

struct Target {
    float x = 0;
    float y = 0;
};
/// Of a player: the last shot.
struct Gun {
    float x = 0;
    float y = 0;
    std::uint32_t shot = 0;
    std::uint32_t fired_tick = 0;
    std::uint8_t target = 0;
};
/// `shot` numbers the player's shots from 1: an input that stands in for another fires no second one. 0: none.
struct Trigger {
    float x = 0;
    float y = 0;
    std::uint32_t shot = 0;
    std::uint8_t target = 0;
};

/// What the server made of a shot.
struct JudgedShot {
    std::uint32_t shot = 0;
    std::size_t target = 0;
    bool hit = false;
    double distance = 0;  ///< From the middle of the target as it was for who fired.
    Tick tick = 0;        ///< When it was judged.
    RewindReport report;
};

class RangeGame {
public:
    /// With `half_rate` clients are told of the targets at every second tick only.
    explicit RangeGame(std::uint64_t seed, bool half_rate = false);
    RangeGame(const RangeGame&) = delete;
    RangeGame& operator=(const RangeGame&) = delete;

    const Game& game() const { return game_; }
    /// In the order of the ticks.
    const std::vector<JudgedShot>& shots() const { return shots_; }

private:
    void begin(ServerSim& sim);
    void run_targets(ServerSim& sim);
    void judge_shots(ServerSim& sim);

    std::uint64_t seed_;
    bool half_rate_;
    Group group_;
    std::array<float, target_speeds.size()> headings_{};
    std::vector<JudgedShot> shots_;
    Game game_;
};

}  // namespace tidewire::bench

template <>
struct tidewire::ComponentIndex<tidewire::bench::Target> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<tidewire::bench::Gun> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::InputIndex<tidewire::bench::Trigger> {
    static constexpr std::uint16_t value = 0;
};
