// A game of the test schema for rooms with many groups: walkers on a grid, teams, a purse that only its owner sees, and ghosts that
// nobody is told of. All of it by seed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sdk/core/base/random.h"
#include "test_schema.h"
#include "tidewire/game.h"

namespace tidewire::test {

class Walkers {
public:
    explicit Walkers(std::uint64_t seed) : random_(seed) {
        game_.schema = &::test::Schema::info();
        game_.interest = {.grid = GridOptions{.cell_size = 32,
                                              .enter_radius = 40,
                                              .leave_radius = 50,
                                              .bounds = GridBounds{-100, -100, 100, 100}},
                          .component = 0,
                          .x_offset = offsetof(::test::Position, x),
                          .y_offset = offsetof(::test::Position, y)};
        game_.on_join = [this](ServerSim&, Player player) {
            const Entity entity = player.spawn(place(), step(), ::test::Vitals{.hp = 100, .alive = true});
            entity.set(::test::Inventory{.gold = 5});
        };
        game_.on_tick = [this](ServerSim& sim) { advance(sim); };
    }
    Walkers(const Walkers&) = delete;
    Walkers& operator=(const Walkers&) = delete;

    const Game& game() const { return game_; }

private:
    ::test::Position place() { return {.x = random_.range(-100, 100), .y = random_.range(-100, 100)}; }
    ::test::Velocity step() { return {.vx = random_.range(-30, 30), .vy = random_.range(-30, 30)}; }

    void advance(ServerSim& sim) {
        for (auto [entity, position, velocity] : sim.view<::test::Position, ::test::Velocity>()) {
            position.x = std::clamp(position.x + velocity.vx * sim.dt(), -100.0F, 100.0F);
            position.y = std::clamp(position.y + velocity.vy * sim.dt(), -100.0F, 100.0F);
            if (random_.below(40) == 0) velocity = step();
            if (random_.below(150) == 0 && entity.owner() == 0) entity.despawn();
        }
        for (auto [entity, inventory] : sim.view<::test::Inventory>())
            if (random_.below(8) == 0) ++inventory.gold;
        for (auto [entity, vitals] : sim.view<::test::Vitals>())
            if (random_.below(30) == 0) vitals.hp = static_cast<std::uint8_t>(random_.below(101));
        const Entity made = sim.spawn(place(), step());
        switch (random_.below(8)) {
            case 0:
                sim.interest().place_for_team(made.id(), 1 + random_.below(2));
                break;
            case 1:
                sim.interest().place_always(made.id());
                break;
            case 2:
                sim.interest().place(made.id(), Group{});
                break;
            default:
                break;
        }
    }

    SeededRandom random_;
    Game game_;
};

}  // namespace tidewire::test
