// How the computer plays.
#include "samples/arena/bots.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <set>

#include "tests/samples/arena_world.h"

namespace arena {

namespace {

/// FNV-1a over every value of every component, in order.
class WorldHash {
public:
    template <class T>
    void add(const T& value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof(T));
        hash_ = (hash_ ^ bits) * 0x100000001B3ULL;
    }
    std::uint64_t of(ArenaWorld& arena) {
        for (auto [entity, body, gun, vitals, score] :
             arena.sim().view<const Body, const Gun, const Vitals, const Score>()) {
            add(entity.id());
            for (const float value : {body.x, body.y, body.vx, body.vy, body.angle}) add(value);
            add(gun.fired_tick);
            add(vitals.hp);
            add(vitals.respawn_tick);
            add(score.kills);
            add(score.deaths);
        }
        for (auto [entity, shot] : arena.sim().view<const Shot>()) {
            add(entity.id());
            for (const float value : {shot.x, shot.y, shot.vx, shot.vy}) add(value);
        }
        return hash_;
    }

private:
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

std::vector<std::uint64_t> hashes_of_match(tidewire::PlayerId players, int ticks) {
    ArenaWorld arena;
    for (tidewire::PlayerId owner = 1; owner <= players; ++owner) arena.join(owner);
    std::vector<std::uint64_t> hashes;
    for (int tick = 0; tick < ticks; ++tick) {
        arena.step_with_bots();
        hashes.push_back(WorldHash().of(arena));
    }
    return hashes;
}

}  // namespace

TEST_CASE("1000 ticks of the same match are the same, bit by bit", "[arena][bots]") {
    const auto hashes = hashes_of_match(20, 1000);
    CHECK(hashes == hashes_of_match(20, 1000));
    CHECK(hashes.back() != hashes.front());
    CHECK(hashes_of_match(21, 10).back() != hashes[9]);
    CHECK(std::set<std::uint64_t>(hashes.begin(), hashes.end()).size() == hashes.size());
}

TEST_CASE("bots never leave the arena nor enter a wall, and stay finite", "[arena][bots]") {
    const auto [rate, players] = GENERATE(std::pair{15, 100U}, std::pair{60, 20U});
    CAPTURE(rate, players);
    ArenaWorld arena(rate);
    for (tidewire::PlayerId owner = 1; owner <= players; ++owner) arena.join(owner);
    int ticks = 0;
    for (int tick = 0; tick < 10 * rate; ++tick) {
        arena.step_with_bots();
        for (auto [entity, body] : arena.sim().view<const Body>()) {
            const Vec2 at{body.x, body.y};
            const bool inside = Rect{0, 0, arena_size, arena_size}.grown(-body_radius + 0.01F).contains(at);
            const bool walled =
                std::any_of(walls.begin(), walls.end(), [&](const Rect& wall) { return wall.contains(at); });
            // Written so that NaN fails.
            const bool sound = std::abs(body.vx) <= 512 && std::abs(body.vy) <= 512 && std::abs(body.angle) < 3.1417F;
            if (inside && !walled && sound) continue;
            CAPTURE(tick, entity.index(), body.x, body.y, body.vx, body.vy, body.angle);
            FAIL("outside the arena, in a wall, or beyond the schema's ranges");
        }
        ++ticks;
    }
    CHECK(ticks == 10 * rate);
}

TEST_CASE("bots play: they roam, meet, shoot, kill and come back", "[arena][bots]") {
    constexpr int rate = 30;
    ArenaWorld arena(rate);
    std::vector<tidewire::Entity> fighters;
    for (tidewire::PlayerId owner = 1; owner <= 20; ++owner) fighters.push_back(arena.join(owner));
    std::vector<float> walked(fighters.size());
    std::vector<std::set<int>> places(fighters.size());
    std::size_t alive = 0;
    const int ticks = 60 * rate;
    for (int tick = 0; tick < ticks; ++tick) {
        std::vector<Vec2> before;
        for (const auto fighter : fighters) before.push_back(position_of(fighter));
        arena.step_with_bots();
        for (std::size_t i = 0; i < fighters.size(); ++i) {
            const Vec2 now = position_of(fighters[i]);
            if (length(now - before[i]) < 50) walked[i] += length(now - before[i]);
            places[i].insert(static_cast<int>(now.y / 200) * 10 + static_cast<int>(now.x / 200));
            if (fighters[i].get<Vitals>().hp > 0) ++alive;
        }
    }
    int kills = 0;
    int deaths = 0;
    for (std::size_t i = 0; i < fighters.size(); ++i) {
        CAPTURE(i);
        CHECK(walked[i] > 60 * run_speed / 4);
        CHECK(places[i].size() >= 8);
        CHECK(fighters[i].get<Gun>().fired_tick > 0);
        kills += fighters[i].get<Score>().kills;
        deaths += fighters[i].get<Score>().deaths;
    }
    CHECK(kills == deaths);
    CHECK(kills >= 20);
    const double alive_share = static_cast<double>(alive) / ticks / static_cast<double>(fighters.size());
    CAPTURE(kills, alive_share);
    CHECK(alive_share > 0.8);
}

TEST_CASE("a dead bot wants nothing", "[arena][bots]") {
    const Pilot pilot;
    const Command command = pilot.command({.angle = 1, .alive = false}, {}, 100, 1.0F / 60);
    CHECK(command.move_x == 0);
    CHECK(command.move_y == 0);
    CHECK_FALSE(command.fire);
    CHECK(command.aim == 1);
}

TEST_CASE("a bot does not shoot at who stands behind a wall", "[arena][bots]") {
    const Pilot pilot;
    const Rect wall = walls[1];
    const float y = wall.y + wall.height / 2;
    const Sighting self{.index = 1, .position = {wall.x - 60, y}};
    const Sighting hidden{.index = 2, .position = {wall.right() + 60, y}};
    const Sighting open{.index = 3, .position = {wall.x - 60, y - 200}};
    int shots_at_hidden = 0;
    int shots_at_open = 0;
    for (tidewire::Tick tick = 0; tick < 600; ++tick) {
        Sighting facing = self;
        shots_at_hidden += pilot.command(facing, std::array{self, hidden}, tick, 1.0F / 60).fire ? 1 : 0;
        facing.angle = -1.57F;
        shots_at_open += pilot.command(facing, std::array{self, open}, tick, 1.0F / 60).fire ? 1 : 0;
    }
    CHECK(shots_at_hidden == 0);
    CHECK(shots_at_open > 100);
}

}  // namespace arena
