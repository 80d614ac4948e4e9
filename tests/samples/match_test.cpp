// What fighters do to each other.
#include "samples/arena/match.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/samples/arena_world.h"

namespace arena {

namespace {

Command idle(tidewire::Entity) { return {}; }

/// Shoots to the right when `shooter` is asked, and does nothing otherwise.
auto shooting(tidewire::Entity shooter) {
    return [shooter](tidewire::Entity entity) {
        Command command{};
        command.fire = entity == shooter;
        return command;
    };
}

std::size_t shots_in(ArenaWorld& arena) {
    std::size_t count = 0;
    for (auto [entity, shot] : arena.sim().view<const Shot>()) {
        (void)entity;
        (void)shot;
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a shot flies at its speed from the middle of its shooter, who owns it", "[arena][match]") {
    ArenaWorld arena;
    const auto shooter = arena.join_at(7, {300, 150});
    arena.step(shooting(shooter));
    REQUIRE(shots_in(arena) == 1);
    for (auto [entity, shot] : arena.sim().view<const Shot>()) {
        CHECK(entity.owner() == 7);
        CHECK(shot.x == Approx(300 + shot_speed * arena.dt()));
        CHECK(shot.y == Approx(150));
    }
}

TEST_CASE("a shot that meets nobody is gone after its lifetime", "[arena][match]") {
    ArenaWorld arena;
    const auto shooter = arena.join_at(1, {200, 150});
    arena.step(shooting(shooter));
    const auto lifetime = ticks_of(shot_lifetime, arena.dt());
    for (tidewire::Tick tick = 1; tick < lifetime; ++tick) arena.step(idle);
    CHECK(shots_in(arena) == 1);
    arena.step(idle);
    CHECK(shots_in(arena) == 0);
}

TEST_CASE("a shot ends at the edge of the arena", "[arena][match]") {
    ArenaWorld arena;
    const auto shooter = arena.join_at(1, {1900, 100});
    arena.step(shooting(shooter));
    for (int tick = 0; tick < 10; ++tick) {
        arena.step(idle);
        for (auto [entity, shot] : arena.sim().view<const Shot>()) {
            (void)entity;
            CHECK(shot.x <= arena_size);
        }
    }
    CHECK(shots_in(arena) == 0);
}

TEST_CASE("a hit costs the victim hit points and ends the shot", "[arena][match]") {
    const int rate = GENERATE(5, 10, 30, 60, 128);  // at 5 Hz a shot moves 180 units a tick, past the whole body
    CAPTURE(rate);
    ArenaWorld arena(rate);
    const auto shooter = arena.join_at(1, {600, 150});
    const auto victim = arena.join_at(2, {700, 150});
    const auto bystander = arena.join_at(3, {760, 150});
    arena.step(shooting(shooter));
    for (int tick = 0; tick < rate; ++tick) arena.step(idle);
    CHECK(victim.get<Vitals>().hp == hp_max - shot_damage);
    CHECK(bystander.get<Vitals>().hp == hp_max);
    CHECK(shooter.get<Vitals>().hp == hp_max);
    CHECK(shots_in(arena) == 0);
}

TEST_CASE("a wall stops shots, even one that a barrel is pushed into", "[arena][match]") {
    const Rect wall = walls[1];
    const float y = wall.y + wall.height / 2;
    const float distance = GENERATE(as<float>{}, body_radius, body_radius + 5, 100.0F);
    CAPTURE(distance);
    ArenaWorld arena(GENERATE(5, 60));
    const auto shooter = arena.join_at(1, {wall.x - distance, y});
    const auto victim = arena.join_at(2, {wall.right() + 40, y});
    arena.step(shooting(shooter));
    for (int tick = 0; tick < 60; ++tick) arena.step(idle);
    CHECK(victim.get<Vitals>().hp == hp_max);
    CHECK(shots_in(arena) == 0);
}

TEST_CASE("a kill counts for the shooter, a death for the victim, and the victim comes back far away",
          "[arena][match]") {
    ArenaWorld arena;
    const auto shooter = arena.join_at(1, {600, 150});
    const auto victim = arena.join_at(2, {700, 150});
    int shots = 0;
    while (victim.get<Vitals>().hp > 0) {
        arena.step(shooting(shooter));
        REQUIRE(++shots < 1000);
    }
    CHECK(shooter.get<Score>() == Score{.kills = 1, .deaths = 0});
    CHECK(victim.get<Score>() == Score{.kills = 0, .deaths = 1});
    const auto died_at = arena.tick();
    CHECK(victim.get<Vitals>().respawn_tick == died_at + ticks_of(respawn_delay, arena.dt()));

    // Shots fly over the dead.
    const Body wreck = victim.get<Body>();
    for (int tick = 0; tick < 30; ++tick) arena.step(shooting(shooter));
    CHECK(victim.get<Body>() == wreck);
    CHECK(victim.get<Score>().deaths == 1);

    while (arena.tick() + 1 < victim.get<Vitals>().respawn_tick) arena.step(idle);
    CHECK(victim.get<Vitals>().hp == 0);
    arena.step(idle);
    CHECK(victim.get<Vitals>() == Vitals{.hp = hp_max, .respawn_tick = arena.tick()});
    CHECK(length(position_of(victim) - position_of(shooter)) > 300);
}

TEST_CASE("whoever just came to life cannot be hit for a moment", "[arena][match]") {
    ArenaWorld arena;
    const auto shooter = arena.join_at(1, {600, 150});
    const auto victim = arena.join_at(2, {700, 150});
    victim.get<Vitals>().respawn_tick = arena.tick();
    const auto protection = ticks_of(spawn_protection, arena.dt());
    for (tidewire::Tick tick = 1; tick < protection; ++tick) arena.step(shooting(shooter));
    CHECK(victim.get<Vitals>().hp == hp_max);
    for (int tick = 0; tick < 30; ++tick) arena.step(shooting(shooter));
    CHECK(victim.get<Vitals>().hp < hp_max);
}

TEST_CASE("fighters keep apart, out of walls", "[arena][match]") {
    ArenaWorld arena;
    std::vector<tidewire::Entity> fighters;
    for (tidewire::PlayerId owner = 1; owner <= 12; ++owner) fighters.push_back(arena.join_at(owner, {300, 300}));
    for (int tick = 0; tick < 240; ++tick) arena.step(idle);
    for (const auto a : fighters) {
        for (const Rect& wall : walls)
            CHECK(length(position_of(a) - wall.nearest(position_of(a))) > body_radius - 0.01F);
        for (const auto b : fighters)
            if (!(a == b)) CHECK(length(position_of(a) - position_of(b)) > 2 * body_radius - 1);
    }
}

TEST_CASE("newcomers do not appear beside the living", "[arena][match]") {
    ArenaWorld arena;
    std::vector<tidewire::Entity> fighters;
    for (tidewire::PlayerId owner = 1; owner <= 6; ++owner) {
        const auto fighter = arena.join(owner);
        for (const auto other : fighters) CHECK(length(position_of(fighter) - position_of(other)) > 250);
        fighters.push_back(fighter);
    }
}

TEST_CASE("a name is cut between characters", "[arena][match]") {
    ArenaWorld arena;
    const auto name = [&](std::string_view given) {
        const auto entity = arena.match().join(arena.sim(), {.owner = 1, .name = given});
        std::string shown;
        for (const std::uint8_t byte : entity.get<Look>().name)
            if (byte != 0) shown.push_back(static_cast<char>(byte));
        return shown;
    };
    CHECK(name("Ann") == "Ann");
    CHECK(name("exactly12byt") == "exactly12byt");
    CHECK(name("more than twelve bytes") == "more than tw");
    CHECK(name("elevenbytes\xC3\xA9") == "elevenbytes");
    CHECK(name("") == "");
}

TEST_CASE("a full world refuses a newcomer and loses shots, and nothing else", "[arena][match]") {
    tidewire::World world(Schema::info(), 2);
    Match match;
    const float dt = 1.0F / 60;
    const auto first = match.join(tidewire::Sim(world, 0, dt), {.owner = 1});
    const auto second = match.join(tidewire::Sim(world, 0, dt), {.owner = 2});
    CHECK(second.alive());
    CHECK_FALSE(match.join(tidewire::Sim(world, 0, dt), {.owner = 3}).alive());
    tidewire::Sim sim(world, 1, dt);
    Command fire{};
    fire.fire = true;
    Rules{}(sim, first, fire);
    match.advance(sim);
    CHECK(world.entity_count() == 2);
}

}  // namespace arena
