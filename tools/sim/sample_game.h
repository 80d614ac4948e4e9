// A small game that uses what a room offers: balls that players push, sparks that come and go by seed, bots.
// Its schema is written by hand, as the schema compiler would write it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/random.h"
#include "tidewire/game.h"
#include "tidewire/state.h"

namespace tidewire::sim {

struct Ball {
    float x = 0;
    float y = 0;
    float vx = 0;
    float vy = 0;
};

struct Spark {
    std::uint16_t ticks_left = 0;
    std::uint8_t hue = 0;
};

struct Push {
    std::int8_t dx = 0;
    std::int8_t dy = 0;
    friend bool operator==(const Push&, const Push&) = default;
};

struct SampleSchema {
    using Input = Push;
    using Inputs = InputList<Push>;
    static const SchemaInfo& info();
    /// A game that has a component more.
    static const SchemaInfo& other_version();
};

/// Runs on the server, for every ball of the player that pushed.
struct SampleRules {
    void operator()(Sim& sim, Entity entity, const Push& push) const;
};

/// The server's side: what Server<> would fill in, and the seed of everything random in it.
class SampleGame {
public:
    explicit SampleGame(std::uint64_t seed = 1);
    SampleGame(const SampleGame&) = delete;
    SampleGame& operator=(const SampleGame&) = delete;

    const Game& game() const { return game_; }
    /// To be changed before a room is made of it.
    Game& game() { return game_; }

private:
    void advance(Sim& sim);

    SeededRandom random_;
    Game game_;
};

}  // namespace tidewire::sim

template <>
struct tidewire::ComponentIndex<tidewire::sim::Ball> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<tidewire::sim::Spark> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::InputIndex<tidewire::sim::Push> {
    static constexpr std::uint16_t value = 0;
};
