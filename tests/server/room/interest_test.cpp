// Where entities are: cells without flutter, groups that games make, teams, owners, and all of it at older ticks.
#include "server/room/interest.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "tests/server/room/interest_world.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::Flag;
using tidewire::test::InterestWorld;
using tidewire::test::Place;
using tidewire::test::Purse;
using tidewire::test::sample_grid;

namespace {

constexpr GroupId cell(int column, int row) { return static_cast<GroupId>(group_first_cell + row * 16 + column); }

}  // namespace

TEST_CASE("without a grid every entity is in the one group that everybody gets", "[interest]") {
    InterestWorld world{InterestOptions{}};
    const PlayerId player = world.join();
    const Entity placed = world.spawn(10, 10, player);
    const Entity bare = Sim(world.world, 0, 0).spawn(Flag{});
    world.tick();
    CHECK(world.group_of(placed) == group_always);
    CHECK(world.group_of(bare) == group_always);
    CHECK(world.groups.members(group_always) == replication::all_members(*world.snapshots.newest()));
    REQUIRE(world.groups.wanted(player).size() == 1);
    CHECK(world.groups.wanted(player)[0].group == group_always);
    CHECK(world.groups.wanted(player)[0].rate == replication::Rate::Full);
    CHECK(world.groups.wanted(player)[0].own);
}

TEST_CASE("what has a position is on the grid, the rest is told to everybody", "[interest]") {
    InterestWorld world;
    const Entity placed = world.spawn(100, 70);
    const Entity bare = Sim(world.world, 0, 0).spawn(Flag{});
    world.tick();
    CHECK(world.group_of(placed) == cell(1, 1));
    CHECK(world.group_of(bare) == group_always);
    placed.remove<Place>();
    bare.set(Place{1000, 1000});
    world.tick();
    CHECK(world.group_of(placed) == group_always);
    CHECK(world.group_of(bare) == cell(15, 15));
}

TEST_CASE("an entity on a border does not flutter", "[interest]") {
    InterestWorld world;
    const Entity entity = world.spawn(62, 30);
    world.tick();
    REQUIRE(world.group_of(entity) == cell(0, 0));
    int changes = 0;
    for (int i = 0; i < 100; ++i) {
        entity.get<Place>().x = i % 2 == 0 ? 67.5F : 60.5F;
        world.tick();
        changes += static_cast<int>(world.groups.changed().size());
    }
    CHECK(changes == 0);
    entity.get<Place>().x = 68.5F;
    world.tick();
    CHECK(world.group_of(entity) == cell(1, 0));
    CHECK(world.groups.changed().size() == 2);
    entity.get<Place>().x = 60.5F;
    world.tick();
    CHECK(world.group_of(entity) == cell(1, 0));
}

TEST_CASE("an index that is used again begins anew", "[interest]") {
    InterestWorld world;
    const Entity first = world.spawn(62, 30);
    const Group group = world.game.add_group();
    world.game.place(first.id(), group);
    world.tick();
    REQUIRE(world.group_of(first) == group.id);
    first.despawn();
    const Entity second = world.spawn(66, 30);
    REQUIRE(second.index() == first.index());
    world.game.place(first.id(), group);  // dead: nothing happens
    world.tick();
    CHECK(world.group_of(second) == cell(1, 0));
    second.despawn();
    world.tick();
    CHECK(world.groups.group_of(first.index()) == group_none);
    CHECK(world.groups.members(cell(1, 0)).empty());
}

TEST_CASE("entities go where the game places them and come back to the grid", "[interest]") {
    InterestWorld world;
    const Entity entity = world.spawn(100, 70);
    const Group group = world.game.add_group();
    REQUIRE(group);
    world.game.place(entity.id(), group);
    world.tick();
    CHECK(world.group_of(entity) == group.id);
    entity.get<Place>().x = 500;
    world.tick();
    CHECK(world.group_of(entity) == group.id);
    world.game.place_always(entity.id());
    world.tick();
    CHECK(world.group_of(entity) == group_always);
    world.game.place_in_grid(entity.id());
    world.tick();
    CHECK(world.group_of(entity) == cell(7, 1));
    world.game.place(entity.id(), Group{});
    world.tick();
    CHECK(world.group_of(entity) == group_nobody);
}

TEST_CASE("custom groups are told to those who subscribe, at their rate", "[interest]") {
    InterestWorld world;
    const PlayerId in = world.join();
    const PlayerId out = world.join();
    const Entity entity = world.spawn(1000, 1000);
    const Group group = world.game.add_group(5);
    world.game.place(entity.id(), group);
    world.game.subscribe(in, group, UpdateRate::Half);
    world.tick();
    REQUIRE(world.wanted(in, group.id) != nullptr);
    CHECK(world.wanted(in, group.id)->rate == replication::Rate::Half);
    CHECK(world.wanted(in, group.id)->priority == 5);
    CHECK_FALSE(world.sees(out, entity));
    world.game.subscribe(in, group, UpdateRate::Quarter);
    world.tick();
    CHECK(world.wanted(in, group.id)->rate == replication::Rate::Quarter);
    world.game.unsubscribe(in, group);
    world.tick();
    CHECK_FALSE(world.sees(in, entity));
}

TEST_CASE("the entities of a removed group are placed as new ones, and its id rests", "[interest]") {
    InterestWorld world;
    const PlayerId player = world.join();
    const Entity entity = world.spawn(1000, 1000);
    const Group group = world.game.add_group();
    world.game.place(entity.id(), group);
    world.game.subscribe(player, group);
    world.tick();
    world.game.remove_group(group);
    CHECK(world.game.add_group().id != group.id);
    world.tick();
    CHECK(world.group_of(entity) == cell(15, 15));
    CHECK(world.wanted(player, group.id) == nullptr);
    world.tick(static_cast<int>(InterestWorld::ticks_held));
    CHECK(world.game.add_group().id == group.id);
    // Neither what is gone nor what never was can be subscribed to.
    world.game.subscribe(player, Group{});
    world.game.subscribe(player, Group{cell(15, 15)});
    world.tick();
    CHECK(world.groups.wanted(player).size() == 1);
}

TEST_CASE("a team's entities are told to the team only, and to it wherever they are", "[interest]") {
    InterestWorld world;
    const PlayerId red = world.join();
    const PlayerId blue = world.join();
    const PlayerId none = world.join();
    world.game.set_team(red, 1);
    world.game.set_team(blue, 2);
    const Entity flag = world.spawn(1000, 1000);
    world.game.place_for_team(flag.id(), 1);
    world.tick();
    CHECK(world.sees(red, flag));
    CHECK_FALSE(world.sees(blue, flag));
    CHECK_FALSE(world.sees(none, flag));
    world.game.set_team(blue, 1);
    world.game.set_team(red, 0);
    world.tick();
    CHECK(world.sees(blue, flag));
    CHECK_FALSE(world.sees(red, flag));
}

TEST_CASE("what is placed for its owner is told to nobody else", "[interest]") {
    InterestWorld world;
    const PlayerId owner = world.join();
    const PlayerId other = world.join();
    const Entity hidden = world.spawn(500, 500, owner);
    const Entity unowned = world.spawn(500, 500);
    world.spawn(500, 500, other);
    world.game.place_for_owner(hidden.id());
    world.game.place_for_owner(unowned.id());
    world.tick();
    CHECK(world.sees(owner, hidden));
    CHECK(world.wanted(owner, world.group_of(hidden))->own);
    CHECK_FALSE(world.sees(other, hidden));
    CHECK(world.group_of(unowned) == group_nobody);
    CHECK_FALSE(world.sees(owner, unowned));
}

TEST_CASE("owner_only components are in a private group that only the owner gets", "[interest]") {
    InterestWorld world;
    const PlayerId rich = world.join();
    const PlayerId poor = world.join();
    const Entity first = world.spawn(10, 10, rich);
    const Entity second = world.spawn(1000, 10, rich);
    const Entity third = world.spawn(10, 10, poor);
    first.set(Purse{5});
    second.set(Purse{7});
    world.tick();
    const GroupId group = world.groups.private_group(rich);
    REQUIRE(is_private(group));
    CHECK(world.groups.members(group).count() == 2);
    CHECK(world.groups.group_of(first.index()) == cell(0, 0));
    REQUIRE(world.wanted(rich, group) != nullptr);
    CHECK(world.wanted(rich, group)->own);
    CHECK(world.wanted(poor, group) == nullptr);
    CHECK(world.wanted(poor, world.groups.private_group(poor)) == nullptr);
    second.remove<Purse>();
    third.set(Purse{1});
    world.tick();
    CHECK(world.groups.members(group).count() == 1);
    CHECK(world.wanted(poor, world.groups.private_group(poor)) != nullptr);
    world.leave(rich);
    world.tick();
    CHECK(world.groups.members(group).empty());
    CHECK(world.groups.wanted(rich).empty());
}

TEST_CASE("a group's priority is the highest of the components in it", "[interest]") {
    InterestWorld world;
    const PlayerId player = world.join();
    world.game.set_focus(player, 32, 32);
    const Entity entity = world.spawn(32, 32);
    world.tick();
    CHECK(world.wanted(player, cell(0, 0))->priority == 1);
    entity.set(Flag{});
    world.tick();
    CHECK(world.wanted(player, cell(0, 0))->priority == 8);
    entity.get<Place>().x = 96;
    world.tick();
    CHECK(world.wanted(player, cell(0, 0))->priority == 1);
    const Wanted* const next = world.wanted(player, cell(1, 0));
    REQUIRE(next != nullptr);
    CHECK(next->priority > 1);
    CHECK(next->priority < 8);
    entity.remove<Flag>();
    world.tick();
    CHECK(world.wanted(player, cell(1, 0))->priority < 1);
}

TEST_CASE("priorities that change far away change nothing for a player, and near it they do at once", "[interest]") {
    InterestWorld world;
    const PlayerId player = world.join();
    world.game.set_focus(player, 32, 32);
    const Group group = world.game.add_group();
    world.game.subscribe(player, group);
    const Entity far = world.spawn(1000, 1000);
    world.tick();
    const std::uint32_t revision = world.groups.wanted_revision(player);
    far.set(Flag{});
    world.game.add_group(7);
    world.tick();
    CHECK(world.groups.wanted_revision(player) == revision);
    const Entity flag = world.spawn(1000, 1000);
    flag.set(Flag{});
    world.game.place(flag.id(), group);
    world.tick();
    CHECK(world.groups.wanted_revision(player) == revision + 1);
    CHECK(world.wanted(player, group.id)->priority == 8);
    flag.despawn();
    world.tick();
    CHECK(world.wanted(player, group.id)->priority == 1);
}

TEST_CASE("members and groups of every held tick are those of a record that looks at everything", "[interest]") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        InterestWorld world(sample_grid(), 400);
        SeededRandom random(seed);
        std::vector<PlayerId> players;
        std::vector<Group> groups = {world.game.add_group(), world.game.add_group(3)};
        std::map<Tick, std::map<GroupId, replication::Members>> members;
        std::map<Tick, std::map<std::uint32_t, GroupId>> group_of;
        for (Tick tick = 1; tick <= 120; ++tick) {
            if (random.below(8) == 0 && players.size() < 6) players.push_back(world.join());
            if (random.below(20) == 0 && !players.empty()) {
                world.leave(players.back());
                players.pop_back();
            }
            if (random.below(15) == 0) {
                world.game.remove_group(groups[0]);
                groups[0] = world.game.add_group();
            }
            for (std::uint32_t i = random.below(12); i > 0; --i) {
                const PlayerId owner = players.empty() || random.below(2) == 0
                                           ? 0
                                           : players[random.below(static_cast<std::uint32_t>(players.size()))];
                const Entity entity = world.spawn(random.range(0, 1024), random.range(0, 1024), owner);
                if (entity.alive() && random.below(3) == 0) entity.set(Purse{});
            }
            for (std::uint32_t i = 0; i < 40; ++i) {
                const EntityId id = world.world.at(random.below(400));
                const Entity entity(world.world, id);
                switch (random.below(9)) {
                    case 0:
                        entity.despawn();
                        break;
                    case 1:
                        world.game.place(id, groups[random.below(2)]);
                        break;
                    case 2:
                        world.game.place_always(id);
                        break;
                    case 3:
                        world.game.place_in_grid(id);
                        break;
                    case 4:
                        world.game.place_for_owner(id);
                        break;
                    case 5:
                        world.game.place_for_team(id, 1 + random.below(3));
                        break;
                    case 6:
                        entity.remove<Place>();
                        break;
                    default:
                        if (entity.alive()) entity.set(Place{random.range(0, 1024), random.range(0, 1024)});
                }
            }
            const replication::Snapshot& snapshot = world.tick();

            // Each entity is in exactly one public group, and members say the same as group_of.
            const replication::Members all = replication::all_members(snapshot);
            std::size_t count = 0;
            for (std::uint32_t index = 0; index < 400; ++index) {
                const GroupId group = world.groups.group_of(index);
                group_of[tick][index] = group;
                REQUIRE((group != group_none) == all.has(index));
                if (group == group_none) continue;
                members[tick][group].insert(index);
                const replication::Chunk* const places = snapshot.chunk(1, index / 64);
                const bool placed = places != nullptr && (places->present >> index % 64 & 1) != 0;
                if (group >= group_first_cell && group < group_first_cell + 256) REQUIRE(placed);
                const replication::Chunk* const purses = snapshot.chunk(3, index / 64);
                const PlayerId owner = world.world.owner(world.world.at(index));
                if (owner != 0 && purses != nullptr && (purses->present >> index % 64 & 1) != 0)
                    members[tick][world.groups.private_group(owner)].insert(index);
            }
            for (GroupId group = 0; group < 400; ++group) {
                REQUIRE(world.groups.members(group) == members[tick][group]);
                count += world.groups.members(group).count();
            }
            REQUIRE(count == all.count());
            for (Tick asked = tick < 8 ? 1 : tick - 7; asked <= tick; ++asked) {
                for (GroupId group = 0; group < 400; ++group) {
                    const replication::Members* const found = world.groups.members_at(group, asked);
                    REQUIRE(found != nullptr);
                    REQUIRE(*found == members[asked][group]);
                }
                for (const PlayerId player : players) {
                    const GroupId group = world.groups.private_group(player);
                    // A private id may have been another player's when it was taken again.
                    if (asked == tick) REQUIRE(*world.groups.members_at(group, asked) == members[asked][group]);
                }
                for (std::uint32_t index = 0; index < 400; ++index)
                    REQUIRE(world.groups.group_at(index, asked) == group_of[asked][index]);
            }
            for (const GroupId group : world.groups.changed())
                REQUIRE_FALSE(world.groups.members(group) ==
                              (tick == 1 ? replication::Members{} : *world.groups.members_at(group, tick - 1)));
        }
    }
}

TEST_CASE("8000 entities that move over 16 by 16 cells cost little", "[interest]") {
    InterestWorld world;
    SeededRandom random(3);
    std::vector<PlayerId> players;
    for (int i = 0; i < 200; ++i) players.push_back(world.join());
    for (std::uint32_t i = 0; i < 8000; ++i)
        world.spawn(random.range(0, 1024), random.range(0, 1024), i < players.size() ? players[i] : 0);
    std::vector<Place> speeds(8000);
    for (Place& speed : speeds) speed = {random.range(-4, 4), random.range(-4, 4)};
    std::chrono::steady_clock::duration spent{};
    std::size_t moves = 0;
    constexpr int ticks = 200;
    world.tick();
    for (int tick = 0; tick < ticks; ++tick) {
        for (auto [entity, place] : View<Place>(world.world)) {
            Place& speed = speeds[entity.index()];
            if (place.x + speed.x < 0 || place.x + speed.x > 1024) speed.x = -speed.x;
            if (place.y + speed.y < 0 || place.y + speed.y > 1024) speed.y = -speed.y;
            place = {place.x + speed.x, place.y + speed.y};
        }
        const auto& snapshot = world.snapshots.push(
            capture(world.layout, world.world, world.snapshots.newest(), ++world.now, world.counters));
        const auto start = std::chrono::steady_clock::now();
        world.groups.update(snapshot);
        spent += std::chrono::steady_clock::now() - start;
        moves += world.groups.changed().size();
    }
    std::printf("interest: 8000 moving entities, 256 cells, 200 players: %.0f us a tick, %.0f groups changed\n",
                std::chrono::duration<double, std::micro>(spent).count() / ticks, static_cast<double>(moves) / ticks);
    CHECK(moves > 0);
}
