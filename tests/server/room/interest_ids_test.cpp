// Ids of groups: they are given back, used again, and missed when there are none.
#include "server/room/interest_ids.h"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "tests/server/room/interest_world.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::InterestWorld;

TEST_CASE("group ids that run out hide entities and refuse no call", "[interest]") {
    InterestWorld world;
    Group last;
    int count = 0;
    while (const Group group = world.game.add_group()) {
        last = group;
        ++count;
    }
    CHECK(count == 0x8000 - 2 - 256);
    CHECK(world.groups.groups_refused() == 1);
    const PlayerId player = world.join();
    const Entity entity = world.spawn(1000, 1000, player);
    const Entity flag = world.spawn(1000, 1000);
    world.game.place_for_owner(entity.id());
    world.game.place_for_team(flag.id(), 1);
    world.game.set_team(player, 1);
    world.tick();
    CHECK(world.group_of(entity) == group_nobody);
    CHECK(world.group_of(flag) == group_nobody);
    CHECK(world.wanted(player, group_nobody) == nullptr);
    // The group that there was none for, and what the owner and the team wanted.
    CHECK(world.groups.groups_refused() == 4);
    world.game.remove_group(last);
    world.tick(InterestWorld::ticks_held + 2);
    world.game.place_for_team(flag.id(), 1);
    world.game.set_team(player, 1);
    world.tick();
    CHECK(world.sees(player, flag));
    CHECK(world.groups.groups_refused() == 4);
}

TEST_CASE("teams that come and go use the same ids again", "[interest]") {
    InterestWorld world;
    std::vector<PlayerId> players;
    for (int i = 0; i < 4; ++i) players.push_back(world.join());
    std::uint32_t team = 0;
    std::set<GroupId> groups;
    for (int round = 0; round < 100; ++round) {
        std::vector<Entity> flags;
        for (int i = 0; i < 500; ++i) {
            world.game.place_for_team(flags.emplace_back(world.spawn(500, 500)).id(), ++team);
            world.game.set_team(players[team % 4], team);
        }
        world.tick();
        CHECK(world.sees(players[team % 4], flags.back()));
        CHECK_FALSE(world.sees(players[team % 4], flags.front()));
        for (const Entity flag : flags) groups.insert(world.group_of(flag));
        for (const Entity flag : flags) flag.despawn();
        for (const PlayerId player : players) world.game.set_team(player, 0);
        world.tick(50);
    }
    CHECK(team == 50'000);
    CHECK(groups.size() <= 1000);
    CHECK(world.groups.groups_refused() == 0);
}

TEST_CASE("a team lasts as long as it has an entity or a player", "[interest]") {
    InterestWorld world;
    const PlayerId red = world.join();
    const PlayerId blue = world.join();
    const Entity flag = world.spawn(1000, 1000);
    world.game.set_team(red, 1);
    world.game.place_for_team(flag.id(), 2);
    world.tick(200);
    const GroupId flags = world.group_of(flag);
    world.game.set_team(blue, 2);
    const Entity other = world.spawn(1000, 1000);
    world.game.place_for_team(other.id(), 1);
    world.tick();
    CHECK(world.sees(blue, flag));
    CHECK(world.group_of(flag) == flags);
    CHECK(world.sees(red, other));
    CHECK_FALSE(world.sees(red, flag));
    // Whoever leaves the room leaves the team.
    world.game.place_in_grid(flag.id());
    world.leave(blue);
    world.tick(200);
    CHECK(world.game.add_group().id == flags);
}
