// Who is told: radii, dwell, rates, own groups, and that nothing of it depends on anything but the seed.
#include "server/room/interest_relevance.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sdk/core/base/hash.h"
#include "tests/server/room/interest_world.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::replication::Rate;
using tidewire::test::InterestWorld;
using tidewire::test::Place;
using tidewire::test::sample_grid;

namespace {

constexpr GroupId cell(int column, int row) { return static_cast<GroupId>(group_first_cell + row * 16 + column); }

InterestOptions with_rates() {
    InterestOptions options = sample_grid();
    options.grid->enter_radius = 400;
    options.grid->leave_radius = 440;
    options.grid->half_rate_from = 100;
    options.grid->quarter_rate_from = 250;
    return options;
}

}  // namespace

TEST_CASE("a player is told of what is within the enter radius around its entity", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity avatar = world.spawn(512, 512, player);
    const Entity near = world.spawn(600, 512);
    const Entity far = world.spawn(800, 512);
    world.tick();
    CHECK(world.sees(player, avatar));
    CHECK(world.sees(player, near));
    CHECK_FALSE(world.sees(player, far));
    avatar.get<Place>().x = 740;
    world.tick();
    CHECK(world.sees(player, far));
}

TEST_CASE("a cell beyond the leave radius is told for the dwell and no longer", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    world.game.set_focus(player, 512, 512);
    const Entity entity = world.spawn(512, 512);
    world.tick();
    REQUIRE(world.sees(player, entity));
    world.game.set_focus(player, 900, 900);
    world.tick();
    for (int tick = 0; tick < 10; ++tick) {
        CHECK(world.sees(player, entity));
        world.tick();
    }
    CHECK_FALSE(world.sees(player, entity));
}

TEST_CASE("turning back within the dwell ends the leaving", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity entity = world.spawn(512, 512);
    for (int round = 0; round < 20; ++round) {
        world.game.set_focus(player, 512, 512);
        world.tick(3);
        CHECK(world.sees(player, entity));
        world.game.set_focus(player, 900, 900);
        world.tick(9);
        CHECK(world.sees(player, entity));
    }
}

TEST_CASE("between the radii nothing is entered and nothing is left", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    // Cell (10, 8) begins at 640, less the margin of 4.
    world.game.set_focus(player, 636 - 120, 540);
    world.tick(30);
    CHECK(world.wanted(player, cell(10, 8)) == nullptr);
    world.game.set_focus(player, 636 - 90, 540);
    world.tick();
    CHECK(world.wanted(player, cell(10, 8)) != nullptr);
    world.game.set_focus(player, 636 - 120, 540);
    world.tick(30);
    CHECK(world.wanted(player, cell(10, 8)) != nullptr);
}

TEST_CASE("far cells are told at half and quarter rate, and the rate does not flutter", "[interest][relevance]") {
    InterestWorld world(with_rates());
    const PlayerId player = world.join();
    world.game.set_focus(player, 32, 32);
    world.tick();
    CHECK(world.wanted(player, cell(0, 0))->rate == Rate::Full);
    CHECK(world.wanted(player, cell(1, 0))->rate == Rate::Full);
    CHECK(world.wanted(player, cell(3, 0))->rate == Rate::Half);
    CHECK(world.wanted(player, cell(5, 0))->rate == Rate::Quarter);
    CHECK(world.wanted(player, cell(7, 0)) == nullptr);
    const std::uint32_t revision = world.groups.wanted_revision(player);
    std::vector<Rate> seen;
    for (int tick = 0; tick < 100; ++tick) {
        // Cell (3, 0) begins at 188 with its margin: 100 away is 88.
        world.game.set_focus(player, tick % 2 == 0 ? 94 : 80, 32);
        world.tick();
        const Rate rate = world.wanted(player, cell(3, 0))->rate;
        if (seen.empty() || seen.back() != rate) seen.push_back(rate);
    }
    CHECK(seen == std::vector<Rate>{Rate::Full});
    CHECK(world.groups.wanted_revision(player) > revision);
    world.game.set_focus(player, 32, 32);
    world.tick();
    CHECK(world.wanted(player, cell(3, 0))->rate == Rate::Half);
}

TEST_CASE("a player's own group is told at full rate wherever it is", "[interest][relevance]") {
    InterestWorld world(with_rates());
    const PlayerId player = world.join();
    const Entity near = world.spawn(32, 32, player);
    const Entity far = world.spawn(1000, 1000, player);
    const Entity away = world.spawn(900, 900, player);
    world.game.follow(player, near.id());
    const Group group = world.game.add_group();
    world.game.place(away.id(), group);
    world.tick();
    for (const Entity entity : {near, far, away}) {
        const Wanted* const wanted = world.wanted(player, world.group_of(entity));
        REQUIRE(wanted != nullptr);
        CHECK(wanted->own);
        CHECK(wanted->rate == Rate::Full);
    }
    CHECK_FALSE(world.wanted(player, cell(1, 0))->own);
    CHECK(world.wanted(player, cell(14, 15)) == nullptr);
    far.despawn();
    world.tick();
    CHECK(world.wanted(player, cell(15, 15)) == nullptr);
}

TEST_CASE("the focus is around each own entity, where one is followed, or where the game says",
          "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity first = world.spawn(100, 100, player);
    world.spawn(900, 900, player);
    const Entity other = world.spawn(500, 500);
    world.tick();
    CHECK(world.wanted(player, cell(2, 1)) != nullptr);
    CHECK(world.wanted(player, cell(13, 14)) != nullptr);
    CHECK(world.wanted(player, cell(7, 7)) == nullptr);
    world.game.follow(player, other.id());
    world.tick(12);
    CHECK(world.wanted(player, cell(7, 7)) != nullptr);
    CHECK(world.wanted(player, cell(2, 1)) == nullptr);
    CHECK(world.wanted(player, world.group_of(first))->own);
    other.despawn();
    world.tick(12);
    CHECK(world.wanted(player, cell(2, 1)) != nullptr);
    CHECK(world.wanted(player, cell(7, 7)) == nullptr);
}

TEST_CASE("who loses the last entity keeps looking at where it was", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity avatar = world.spawn(500, 500, player);
    const Entity killer = world.spawn(520, 500);
    world.tick();
    avatar.despawn();
    world.tick(50);
    CHECK(world.sees(player, killer));
}

TEST_CASE("bots and those who left are told nothing", "[interest][relevance]") {
    InterestWorld world;
    world.groups.join(77, true);
    world.spawn(500, 500, 77);
    const PlayerId player = world.join();
    world.spawn(500, 500, player);
    world.tick();
    CHECK(world.groups.wanted(77).empty());
    CHECK_FALSE(world.groups.wanted(player).empty());
    world.leave(player);
    CHECK(world.groups.wanted(player).empty());
    world.game.subscribe(player, world.game.add_group());
    world.game.set_focus(player, 0, 0);
    world.tick();
    CHECK(world.groups.wanted(player).empty());
}

TEST_CASE("what nobody touches is not composed again", "[interest][relevance]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity avatar = world.spawn(500, 500, player);
    world.tick();
    const std::uint32_t revision = world.groups.wanted_revision(player);
    for (int tick = 0; tick < 50; ++tick) {
        avatar.get<Place>().x = 500 + static_cast<float>(tick % 4);
        world.tick();
    }
    CHECK(world.groups.wanted_revision(player) == revision);
}

TEST_CASE("what is wanted has changed in exactly the ticks in which its revision has", "[interest][relevance]") {
    InterestWorld world(with_rates());
    SeededRandom random(3);
    std::vector<std::uint32_t> revisions(11);
    for (int i = 0; i < 10; ++i) world.spawn(random.range(0, 1024), random.range(0, 1024), world.join());
    std::size_t changes = 0;
    for (int tick = 0; tick < 200; ++tick) {
        for (auto [entity, place] : View<Place>(world.world))
            place.x = std::clamp(place.x + random.range(-2, 2), 0.0F, 1024.0F);
        world.tick();
        for (PlayerId player = 1; player <= 10; ++player) {
            const std::uint32_t revision = world.groups.wanted_revision(player);
            REQUIRE(world.groups.wanted_changed(player) == (revision != revisions[player]));
            if (revision != revisions[player]) ++changes;
            revisions[player] = revision;
        }
    }
    CHECK(changes > 100);
    CHECK(changes < 1900);
    CHECK_FALSE(world.groups.wanted_changed(99));
}

TEST_CASE("whoever wanders is always told of all within the enter radius, and of nothing far for longer than the dwell",
          "[interest][relevance]") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        InterestWorld world;
        SeededRandom random(seed);
        std::vector<PlayerId> players;
        std::vector<Entity> avatars;
        std::vector<Entity> others;
        for (int i = 0; i < 4; ++i) {
            players.push_back(world.join());
            avatars.push_back(world.spawn(random.range(0, 1024), random.range(0, 1024), players.back()));
        }
        for (int i = 0; i < 300; ++i) others.push_back(world.spawn(random.range(0, 1024), random.range(0, 1024)));
        std::vector<std::vector<int>> far_ticks(players.size(), std::vector<int>(300));
        const auto wander = [&](Entity entity, float step) {
            Place& place = entity.get<Place>();
            place.x = std::clamp(place.x + random.range(-step, step), 0.0F, 1024.0F);
            place.y = std::clamp(place.y + random.range(-step, step), 0.0F, 1024.0F);
        };
        for (int tick = 0; tick < 300; ++tick) {
            for (const Entity avatar : avatars) wander(avatar, 24);
            for (const Entity other : others) wander(other, 8);
            world.tick();
            for (std::size_t p = 0; p < players.size(); ++p) {
                const Place focus = avatars[p].get<const Place>();
                for (std::size_t i = 0; i < others.size(); ++i) {
                    const Place place = others[i].get<const Place>();
                    const float distance = std::hypot(place.x - focus.x, place.y - focus.y);
                    const bool sees = world.sees(players[p], others[i]);
                    if (distance <= 100) REQUIRE(sees);
                    // Beyond: leave radius, both slacks, the diagonal of a cell with its margins.
                    const bool is_far = distance > 140 + 12 + 102;
                    far_ticks[p][i] = is_far && sees ? far_ticks[p][i] + 1 : 0;
                    // It may have wandered through several cells that were all about to be left.
                    REQUIRE(far_ticks[p][i] <= 30);
                }
            }
        }
    }
}

TEST_CASE("the same seed gives the same lists, bit by bit", "[interest][relevance]") {
    const auto run = [](std::uint64_t seed) {
        InterestWorld world(with_rates());
        SeededRandom random(seed);
        std::uint64_t hash = 0;
        for (int i = 0; i < 20; ++i) world.spawn(random.range(0, 1024), random.range(0, 1024), world.join());
        for (int tick = 0; tick < 200; ++tick) {
            for (auto [entity, place] : View<Place>(world.world)) {
                place.x += random.range(-9, 9);
                place.y += random.range(-9, 9);
            }
            world.tick();
            for (PlayerId player = 1; player <= 20; ++player)
                for (const Wanted& wanted : world.groups.wanted(player)) {
                    hash = hash_combine(hash, wanted.group);
                    hash = hash_combine(hash, static_cast<std::uint64_t>(wanted.rate) * 2 + (wanted.own ? 1 : 0));
                    hash = hash_combine(hash, static_cast<std::uint64_t>(wanted.priority * 1e6F));
                }
        }
        return hash;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}
