// Comparing, hashing and keeping snapshots.

#include "sdk/core/replication/snapshot.h"

#include <catch2/catch.hpp>

#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Pos;

namespace {

const Layout& layout() {
    static const Layout made(sample::schema());
    return made;
}

Snapshot take(World& world) {
    QuantizeCounters counters;
    return capture(layout(), world, nullptr, 1, counters);
}

}  // namespace

TEST_CASE("the state hash is a promise between machines", "[replication][snapshot]") {
    CHECK(state_hash(Snapshot{}) == 0);
    World world(sample::schema(), 100);
    CHECK(state_hash(take(world)) == 0);
    for (std::uint32_t i = 0; i < 70; ++i) Entity(world, world.spawn(i)).set(Pos{static_cast<float>(i), -1});
    CHECK(state_hash(take(world)) == 0xf9ea7e4a97441765);
    Entity(world, world.at(1)).set(sample::Name{.text = "Ann", .level = 7});
    CHECK(state_hash(take(world)) == 0xed35e3912a2608a2);
}

TEST_CASE("the state hash does not know how a state came about", "[replication][snapshot]") {
    World forwards(sample::schema(), 500);
    World backwards(sample::schema(), 500);
    for (std::uint32_t i = 0; i < 500; ++i) forwards.restore({i, 1 + i}, i % 3);
    for (std::uint32_t i = 500; i-- > 0;) backwards.restore({i, 1 + i}, i % 3);
    for (std::uint32_t i = 0; i < 500; ++i) {
        Entity(forwards, forwards.at(i)).set(Pos{1, static_cast<float>(i)});
        Entity(backwards, backwards.at(499 - i)).set(Pos{1, static_cast<float>(499 - i)});
    }
    Snapshot a = take(forwards);
    const Snapshot b = take(backwards);
    CHECK(same_state(a, b));
    a.tick = 77;
    CHECK(state_hash(a) == state_hash(b));
}

TEST_CASE("any difference of state changes the hash and has a sentence", "[replication][snapshot]") {
    World world(sample::schema(), 100);
    const Entity seven = [&] {
        for (int i = 0; i < 7; ++i) world.spawn(0);
        return Entity(world, world.spawn(2));
    }();
    seven.set(Pos{1.2F, 3});
    seven.set(sample::Name{.text = "Ann"});
    seven.set(sample::Body{.rotation = {0, 0, 0, 1}});
    const Snapshot expected = take(world);
    const auto difference = [&](const std::string& sentence) {
        const Snapshot actual = take(world);
        CHECK(first_difference(layout(), actual, expected) == sentence);
        CHECK_FALSE(same_state(actual, expected));
        CHECK(state_hash(actual) != state_hash(expected));
    };
    CHECK(first_difference(layout(), expected, expected) == "");
    SECTION("a field") {
        seven.get<Pos>().x = 1.21F;
        difference("entity 7: sample.Pos.x is 121, expected 120");
    }
    SECTION("two fields that changed places") {
        seven.set(Pos{3, 1.2F});
        difference("entity 7: sample.Pos.x is 300, expected 120");
    }
    SECTION("a component that is missing") {
        seven.remove<Pos>();
        difference("entity 7: sample.Pos is missing");
    }
    SECTION("a component too many") {
        seven.set(sample::Status{});
        difference("entity 7: sample.Status is there, expected none");
    }
    SECTION("a field of a record") {
        seven.get<sample::Name>().text = "Bo";
        difference("entity 7: sample.Name.text is \"Bo\", expected \"Ann\"");
    }
    SECTION("a record that is missing") {
        seven.remove<sample::Name>();
        difference("entity 7: sample.Name is missing");
    }
    SECTION("part of a rotation") {
        seven.get<sample::Body>().rotation[0] = 0.5F;
        difference("entity 7: sample.Body.rotation.a is 416, expected 255");
    }
    SECTION("an entity that is missing") {
        seven.despawn();
        difference("entity 7: is missing");
    }
    SECTION("another entity at the index") {
        seven.despawn();
        Entity(world, world.spawn(2)).set(Pos{1.2F, 3});
        difference("entity 7: entity.generation is 2, expected 1");
    }
    SECTION("another owner") {
        world.restore(seven.id(), 3);
        difference("entity 7: entity.owner is 3, expected 2");
    }
    SECTION("the state at another index") {
        world.restore({8, 1}, 2);
        Entity(world, world.at(8)).set(Pos{1.2F, 3});
        seven.despawn();
        difference("entity 7: is missing");
    }
}

TEST_CASE("empty chunks at the end make no difference", "[replication][snapshot]") {
    World world(sample::schema(), 1000);
    Entity(world, world.spawn(0)).set(Pos{1, 1});
    const Snapshot small = take(world);
    world.restore({900, 1}, 0);
    world.despawn({900, 1});
    const Snapshot large = take(world);
    CHECK(large.tables[0].size() > small.tables[0].size());
    CHECK(same_state(small, large));
    CHECK(same_state(large, small));
    CHECK(first_difference(layout(), large, small) == "");
    CHECK(state_hash(large) == state_hash(small));
}

TEST_CASE("a ring keeps the newest snapshots and finds them by tick", "[replication][snapshot]") {
    SnapshotRing ring(3);
    CHECK(ring.newest() == nullptr);
    CHECK(ring.find(0) == nullptr);
    for (const Tick tick : {2U, 3U, 5U, 9U}) CHECK(ring.push({.tick = tick, .tables = {}}).tick == tick);
    CHECK(ring.all().size() == 3);
    CHECK(ring.newest()->tick == 9);
    CHECK(ring.find(2) == nullptr);
    CHECK(ring.find(3)->tick == 3);
    CHECK(ring.find(4) == nullptr);
    CHECK(ring.find(5)->tick == 5);
    CHECK(ring.find(10) == nullptr);
    ring.clear();
    CHECK(ring.newest() == nullptr);
}
