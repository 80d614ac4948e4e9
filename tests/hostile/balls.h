// The game of the tests of hostile peers: balls that their players' inputs move, and a crowd of balls that run by themselves.
// Whoever is called "x..." has none, so that attackers who join change nothing of what the others are told.
#pragma once

#include <functional>

#include "tests/hostile/play.h"
#include "tools/sim/sample_game.h"

namespace tidewire::hostile {

class Balls {
public:
    static constexpr float step = 0.1F;  ///< What an input of dx 1 moves a ball by.

    explicit Balls(std::uint32_t crowd = 0) {
        game_.on_tick = [crowd](ServerSim& sim) {
            if (sim.tick() == 1)
                for (std::uint32_t i = 0; i < crowd; ++i) sim.spawn(sim::Ball{});
            for (auto [entity, ball] : sim.view<sim::Ball>())
                if (entity.owner() == 0) ball.x = static_cast<float>((sim.tick() * (entity.index() + 1)) % 400) / 2;
        };
        game_.schema = &sim::SampleSchema::info();
        game_.on_join = [](ServerSim&, Player player) {
            if (player.name().rfind('x', 0) != 0) player.spawn(sim::Ball{});
        };
        game_.apply_input = [this](Sim& sim, Entity entity, std::uint16_t, const std::byte* input) {
            const auto& push = *static_cast<const sim::Push*>(static_cast<const void*>(input));
            if (on_input) on_input(sim, push);
            auto& ball = entity.get<sim::Ball>();
            ball.x += static_cast<float>(push.dx) * step;
            ball.y += static_cast<float>(push.dy) * step;
        };
    }
    Balls(const Balls&) = delete;
    Balls& operator=(const Balls&) = delete;

    const Game& game() const { return game_; }
    std::function<void(Sim&, const sim::Push&)> on_input;

    /// Where the player's ball is.
    static float x_of(Stage& stage, PlayerId player) {
        for (auto [entity, ball] : View<const sim::Ball>(stage.room().world()))
            if (entity.owner() == player) return ball.x;
        FAIL("the player has no ball");
        return 0;
    }

private:
    Game game_;
};

/// The data of a Push, as sdk/PROTOCOL.md has it: zigzag varints.
inline Bytes push(int dx, int dy = 0) {
    const auto zigzag = [](int value) { return static_cast<std::byte>(value < 0 ? -2 * value - 1 : 2 * value); };
    return {zigzag(dx), zigzag(dy)};
}

/// Back and forth, each ball in its own way.
inline std::function<Bytes(Tick)> wander(unsigned seed) {
    return [seed](Tick tick) {
        return push(static_cast<int>((tick / 20 + seed) % 3) - 1, static_cast<int>((tick / 7 + seed) % 3) - 1);
    };
}

}  // namespace tidewire::hostile
