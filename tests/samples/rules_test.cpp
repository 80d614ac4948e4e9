// What one command does to its fighter.
#include "samples/arena/rules.h"

#include <catch2/catch.hpp>
#include <numbers>

#include "tests/samples/arena_world.h"

namespace arena {

namespace {

constexpr float pi = std::numbers::pi_v<float>;

Command towards(int x, int y, float aim = 0, bool fire = false) {
    Command command{};
    command.move_x = static_cast<std::int8_t>(x);
    command.move_y = static_cast<std::int8_t>(y);
    command.aim = aim;
    command.fire = fire;
    return command;
}

/// How deep the worst wall reaches into a body there; 0 when none does.
float depth_in_walls(Vec2 position) {
    float depth = 0;
    for (const Rect& wall : walls) depth = std::max(depth, body_radius - length(position - wall.nearest(position)));
    return depth;
}

bool in_arena(Vec2 position) {
    return position.x >= body_radius && position.y >= body_radius && position.x <= arena_size - body_radius &&
           position.y <= arena_size - body_radius;
}

}  // namespace

TEST_CASE("no speed and no tick rate carries a body through a wall or out of the arena", "[arena][rules]") {
    const float rate = GENERATE(1.0F, 15.0F, 60.0F);
    const float speed = GENERATE(280.0F, 725.0F);  // the schema's range ends at 512 along each axis
    CAPTURE(rate, speed);
    std::size_t moves = 0;
    for (const Vec2 start : spawn_points) {
        for (int heading = 0; heading < 12; ++heading) {
            const Vec2 velocity = direction(static_cast<float>(heading) * 2 * pi / 12) * speed;
            Vec2 position = start;
            for (int tick = 0; tick < 20; ++tick) {
                const Motion motion = moved({position, velocity}, 1 / rate);
                // No jump to the far side either. Around a wall's corner the way is an arc, a little longer than the chord.
                const bool near = length(motion.position - position) <= speed / rate * 1.02F + 0.2F;
                if (depth_in_walls(motion.position) >= 0.01F || !in_arena(motion.position) || !near) {
                    CAPTURE(position.x, position.y, velocity.x, velocity.y, motion.position.x, motion.position.y);
                    FAIL("a wall or the edge was crossed, or the body jumped");
                }
                position = motion.position;
                ++moves;
            }
        }
    }
    CHECK(moves == spawn_points.size() * 12 * 20);
}

TEST_CASE("a body that runs straight at a wall stays on its side", "[arena][rules]") {
    const float rate = GENERATE(1.0F, 10.0F, 60.0F);
    const float speed = GENERATE(280.0F, 512.0F);
    for (const Rect& wall : walls) {
        CAPTURE(wall.x, wall.y, rate, speed);
        const Vec2 left{wall.x - 60, wall.y + wall.height / 2};
        if (depth_in_walls(left) > 0) continue;
        Motion motion{left, {speed, 0}};
        for (int tick = 0; tick < 30; ++tick) {
            motion = moved({motion.position, {speed, 0}}, 1 / rate);
            REQUIRE(motion.position.x <= wall.x - body_radius + 0.01F);
        }
    }
}

TEST_CASE("a body slides along a wall that it runs into at an angle", "[arena][rules]") {
    const Rect wall = walls[1];
    Motion motion{{wall.x - body_radius - 1, wall.y + wall.height / 2}, {}};
    const Vec2 start = motion.position;
    for (int tick = 0; tick < 20; ++tick) motion = moved({motion.position, {200, 200}}, 1.0F / 60);
    CHECK(motion.position.x == Approx(wall.x - body_radius).margin(0.01));
    CHECK(motion.position.y == Approx(start.y + 200.0F / 60 * 20).margin(0.5));
    CHECK(motion.velocity.x == Approx(0).margin(0.01));
}

TEST_CASE("diagonal speed equals straight speed", "[arena][rules]") {
    for (const auto& [x, y] : {std::pair{1, 0}, {0, 1}, {-1, 0}, {0, -1}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}}) {
        CAPTURE(x, y);
        ArenaWorld arena;
        const auto fighter = arena.join_at(1, {170, 850});
        Vec2 before;
        for (int tick = 0; tick < 30; ++tick) {
            before = position_of(fighter);
            arena.step([&, x = x, y = y](tidewire::Entity) { return towards(x, y); });
        }
        CHECK(length(position_of(fighter) - before) == Approx(run_speed * arena.dt()).epsilon(0.001));
    }
}

TEST_CASE("commands beyond their range move no faster", "[arena][rules]") {
    ArenaWorld arena;
    const auto fighter = arena.join_at(1, {170, 850});
    for (int tick = 0; tick < 30; ++tick) arena.step([](tidewire::Entity) { return towards(127, -128); });
    const auto& body = fighter.get<Body>();
    CHECK(length({body.vx, body.vy}) == Approx(run_speed).epsilon(0.001));
}

TEST_CASE("a fighter that lets go of the keys stops", "[arena][rules]") {
    ArenaWorld arena;
    const auto fighter = arena.join_at(1, {170, 850});
    for (int tick = 0; tick < 30; ++tick) arena.step([](tidewire::Entity) { return towards(1, 0); });
    for (int tick = 0; tick < 30; ++tick) arena.step([](tidewire::Entity) { return towards(0, 0); });
    CHECK(fighter.get<Body>().vx == 0);
}

TEST_CASE("the body looks where the command aims, within half a turn", "[arena][rules]") {
    ArenaWorld arena;
    const auto fighter = arena.join_at(1, {170, 850});
    arena.step([](tidewire::Entity) { return towards(0, 0, 2.5F); });
    CHECK(fighter.get<Body>().angle == Approx(2.5));
    arena.step([](tidewire::Entity) { return towards(0, 0, 3 * pi / 2); });
    CHECK(fighter.get<Body>().angle == Approx(-pi / 2));
    arena.step([](tidewire::Entity) { return towards(0, 0, std::numeric_limits<float>::quiet_NaN()); });
    CHECK(fighter.get<Body>().angle == Approx(-pi / 2));
}

TEST_CASE("a gun shoots once per cooldown at every tick rate", "[arena][rules]") {
    const int rate = GENERATE(10, 30, 60, 128);
    CAPTURE(rate);
    ArenaWorld arena(rate);
    const auto fighter = arena.join_at(1, {170, 850});
    std::vector<tidewire::Tick> fired;
    for (int tick = 0; tick < 3 * rate; ++tick) {
        arena.step([](tidewire::Entity) { return towards(0, 0, 0, true); });
        if (fighter.get<Gun>().fired_tick == arena.tick()) fired.push_back(arena.tick());
    }
    REQUIRE(fired.size() >= 10);
    CHECK(fired.front() == 1001);
    const auto cooldown = ticks_of(gun_cooldown, arena.dt());
    CHECK(static_cast<float>(cooldown) * arena.dt() >= gun_cooldown - 0.001F);
    for (std::size_t i = 1; i < fired.size(); ++i) CHECK(fired[i] - fired[i - 1] == cooldown);
}

TEST_CASE("the dead obey no command", "[arena][rules]") {
    ArenaWorld arena;
    const auto fighter = arena.join_at(1, {170, 850});
    fighter.get<Vitals>().hp = 0;
    fighter.get<Vitals>().respawn_tick = 5000;
    const Body before = fighter.get<Body>();
    for (int tick = 0; tick < 30; ++tick) arena.step([](tidewire::Entity) { return towards(1, 1, 1, true); });
    CHECK(fighter.get<Body>() == before);
    CHECK(fighter.get<Gun>().fired_tick == 0);
}

TEST_CASE("a command for an entity without a body changes nothing", "[arena][rules]") {
    ArenaWorld arena;
    tidewire::Sim sim = arena.sim();
    const auto shot = sim.spawn_for(1, Shot{});
    Rules{}(sim, shot, towards(1, 1, 1, true));
    CHECK(shot.get<Shot>() == Shot{});
}

}  // namespace arena
