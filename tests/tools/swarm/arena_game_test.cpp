// The hands of the arena's clients, in a world of which they see a snapshot.
#include "tools/swarm/arena_game.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <utility>

using namespace tidewire;
using namespace tidewire::swarm;

namespace {

/// Two fighters in the open, of whom the first looks at the other, and what both clients see of it.
class Duel {
public:
    Duel() {
        for (const PlayerId owner : {7U, 9U}) {
            const Entity fighter(world_, world_.spawn(owner));
            fighter.set(arena::Body{.x = 40, .y = owner == 7 ? 40.0F : 240.0F, .angle = owner == 7 ? 1.57F : 0.0F});
            fighter.set(arena::Vitals{.hp = 100});
        }
        replication::QuantizeCounters counters;
        snapshot_ = replication::capture(layout_, world_, nullptr, 500, counters);
    }

    arena::Command command(SwarmPlayer& hands, PlayerId player, Tick tick = 500) const {
        arena::Command command{};
        hands.steer({.layout = layout_, .newest = snapshot_, .player = player, .tick = tick, .dt = 1.0F / 30},
                    static_cast<std::byte*>(static_cast<void*>(&command)));
        return command;
    }

private:
    ArenaGame game_;
    replication::Layout layout_{game_.schema()};
    World world_{game_.schema(), 64};
    replication::Snapshot snapshot_;
};

}  // namespace

TEST_CASE("who wanders goes this way and that, turns, and never shoots", "[swarm][arena]") {
    const ArenaGame game;
    const Duel duel;
    const auto hands = game.make_player(SwarmGame::Manner::Wander, 5);
    const auto same = game.make_player(SwarmGame::Manner::Wander, 5);
    std::set<std::pair<int, int>> ways;
    std::set<float> aims;
    for (int i = 0; i < 600; ++i) {
        const arena::Command command = duel.command(*hands, 7);
        const arena::Command again = duel.command(*same, 7);
        CHECK(command.move_x == again.move_x);
        CHECK(command.aim == again.aim);
        CHECK_FALSE(command.fire);
        CHECK(std::abs(command.aim) <= 3.1416F);
        ways.emplace(command.move_x, command.move_y);
        aims.insert(command.aim);
    }
    CHECK(ways.size() > 4);
    CHECK(aims.size() > 100);
}

TEST_CASE("who fights shoots at whom it looks at, and does nothing without a body", "[swarm][arena]") {
    const ArenaGame game;
    const Duel duel;
    const auto faces_it = game.make_player(SwarmGame::Manner::Fight, 5);
    const auto looks_away = game.make_player(SwarmGame::Manner::Fight, 6);
    int shots = 0;
    for (Tick tick = 500; tick < 800; ++tick) {
        shots += duel.command(*faces_it, 7, tick).fire;
        // To aim takes it some ticks, and here none passes.
        CHECK_FALSE(duel.command(*looks_away, 9, tick).fire);
    }
    CHECK(shots > 50);
    const auto stranger = game.make_player(SwarmGame::Manner::Fight, 7);
    const arena::Command none = duel.command(*stranger, 3);
    CHECK(none.move_x == 0);
    CHECK(none.aim == 0);
}
