// Snapshots of worlds: what they hold, what they share, and what they cost.

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "sdk/core/replication/snapshot.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Body;
using sample::Name;
using sample::Pos;
using sample::Status;

namespace {

const Layout& layout() {
    static const Layout made(sample::schema());
    return made;
}

Snapshot take(World& world, const Snapshot* previous = nullptr, Tick tick = 1) {
    QuantizeCounters counters;
    return capture(layout(), world, previous, tick, counters);
}

/// Chunks of `next` that are not the same objects as in `previous`.
std::size_t own_chunks(const Snapshot& next, const Snapshot& previous) {
    std::size_t own = 0;
    for (std::size_t table = 0; table < next.tables.size(); ++table)
        for (std::size_t i = 0; i < next.tables[table].size(); ++i)
            own += next.chunk(table, i) != nullptr && next.chunk(table, i) != previous.chunk(table, i);
    return own;
}

}  // namespace

TEST_CASE("a write through a reference that was kept is seen when its chunk is touched, and not before",
          "[replication][capture]") {
    World world(sample::schema(), 200);
    for (int i = 0; i < 100; ++i) Entity(world, world.spawn(0)).set(Pos{0, 0});
    Pos& kept = Entity(world, world.at(3)).get<Pos>();
    const Snapshot first = take(world);
    // In the tick in which it was got it is seen, however late in it.
    CHECK(first.chunk(1, 0)->column(0)[3] == 0);
    kept.x = 1;
    const Snapshot second = take(world, &first, 2);
    CHECK(second.chunk(1, 0)->column(0)[3] == 0);
    static_cast<void>(Entity(world, world.at(70)).get<Pos>());
    const Snapshot third = take(world, &second, 3);
    CHECK(third.chunk(1, 0)->column(0)[3] == 0);
    static_cast<void>(Entity(world, world.at(60)).get<Pos>());
    const Snapshot fourth = take(world, &third, 4);
    CHECK(fourth.chunk(1, 0)->column(0)[3] == 100);
    // What others spawn and set moves nothing.
    for (int i = 0; i < 100; ++i) Entity(world, world.spawn(0)).set(Pos{0, 0});
    CHECK(&kept == &Entity(world, world.at(3)).get<Pos>());
}

TEST_CASE("a capture rounds the world's own values to the grid", "[replication][capture]") {
    World world(sample::schema(), 10);
    const Entity entity(world, world.spawn(4));
    entity.set(Pos{1.2345F, -600});
    QuantizeCounters counters;
    const Snapshot snapshot = capture(layout(), world, nullptr, 9, counters);
    CHECK(snapshot.tick == 9);
    CHECK(snapshot.chunk(0, 0)->present == 1);
    CHECK(snapshot.chunk(0, 0)->column(0)[0] == 1);
    CHECK(snapshot.chunk(0, 0)->column(1)[0] == 4);
    CHECK(snapshot.chunk(1, 0)->column(0)[0] == 123);
    CHECK(snapshot.chunk(1, 0)->column(1)[0] == -51200);
    CHECK(snapshot.chunk(2, 0) == nullptr);
    CHECK(entity.get<Pos>() == Pos{1.23F, -512});
    CHECK(counters.saturated == 1);
    const Snapshot again = capture(layout(), world, &snapshot, 10, counters);
    CHECK(counters.saturated == 1);
    CHECK(own_chunks(again, snapshot) == 0);
}

TEST_CASE("an untouched world shares every chunk", "[replication][capture]") {
    testing::RandomWorld game(sample::schema(), 1000, 3);
    game.mutate(3000);
    const Snapshot first = game.capture(layout(), 1);
    const Snapshot second = game.capture(layout(), 2);
    CHECK(own_chunks(second, first) == 0);
    CHECK(state_hash(first) == state_hash(second));
}

TEST_CASE("a chunk that was touched but says the same is shared", "[replication][capture]") {
    World world(sample::schema(), 100);
    const Entity entity(world, world.spawn(0));
    entity.set(Pos{1, 2});
    const Snapshot first = take(world);
    entity.set(Pos{1.001F, 2});
    const Snapshot second = take(world, &first, 2);
    CHECK(own_chunks(second, first) == 0);
}

TEST_CASE("64 entities that change among 8000 copy their own chunk and no other", "[replication][capture]") {
    World world(sample::schema(), 8192);
    for (int i = 0; i < 8000; ++i) {
        const Entity entity(world, world.spawn(0));
        entity.set(Pos{});
        entity.set(Status{});
    }
    const Snapshot first = take(world);
    CHECK(own_chunks(first, Snapshot{}) == 125 * 3);
    for (std::uint32_t i = 640; i < 704; ++i) Entity(world, world.at(i)).get<Pos>().x = 5;
    const Snapshot second = take(world, &first, 2);
    CHECK(own_chunks(second, first) == 1);
    CHECK(second.chunk(1, 10) != first.chunk(1, 10));
}

TEST_CASE("not a number keeps the last snapshot's value of the same entity, not of its predecessor",
          "[replication][capture]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    World world(sample::schema(), 10);
    const Entity entity(world, world.spawn(0));
    entity.set(Pos{5, 6});
    const Snapshot first = take(world);
    entity.get<Pos>().x = nan;
    const Snapshot second = take(world, &first, 2);
    CHECK(entity.get<Pos>() == Pos{5, 6});
    CHECK(same_state(first, second));

    entity.despawn();
    const Entity next(world, world.spawn(0));
    next.set(Pos{nan, 1});
    take(world, &second, 3);
    CHECK(next.get<Pos>() == Pos{0, 1});
}

TEST_CASE("a restored world is the captured one", "[replication][capture]") {
    const std::uint64_t seed = 8;
    testing::RandomWorld game(sample::schema(), 300, seed);
    World copy(sample::schema(), 300);
    for (Tick tick = 1; tick < 60; ++tick) {
        game.mutate(60);
        const Snapshot snapshot = game.capture(layout(), tick);
        restore(layout(), snapshot, copy);
        CHECK(copy.entity_count() == game.world().entity_count());
        REQUIRE(first_difference(layout(), take(copy), snapshot) == "");
    }
    restore(layout(), Snapshot{}, copy);
    CHECK(copy.entity_count() == 0);
}

TEST_CASE("a capture encodes records that were touched and shares those that say the same", "[replication][capture]") {
    World world(sample::schema(), 200);
    for (int i = 0; i < 130; ++i) Entity(world, world.spawn(0)).set(Name{.text = std::to_string(i)});
    const std::size_t table = component_index<Name> + std::size_t{1};
    const Snapshot first = take(world);
    REQUIRE(first.chunk(table, 2)->present == 3);
    CHECK(as_text(*first.chunk(table, 2)->records[1]).substr(2) == "129");
    CHECK(first.chunk(table, 2)->records[2] == nullptr);

    Entity(world, world.at(65)).get<Name>().text = "other";
    Entity(world, world.at(129)).get<Name>();
    const Snapshot second = take(world, &first, 2);
    CHECK(own_chunks(second, first) == 1);
    for (std::size_t row = 0; row < 64; ++row)
        CHECK((second.chunk(table, 1)->records[row] == first.chunk(table, 1)->records[row]) == (row != 1));
    CHECK(changed_rows(*first.chunk(table, 1), *second.chunk(table, 1), 0) == 2);

    Entity(world, world.at(65)).remove<Name>();
    const Snapshot third = take(world, &second, 3);
    CHECK(third.chunk(table, 1)->records[1] == nullptr);
    CHECK(own_chunks(third, second) == 1);
}

TEST_CASE("a record is rounded in the world too: rules see what clients will", "[replication][capture]") {
    World world(sample::schema(), 10);
    const Entity entity(world, world.spawn(0));
    entity.set(Name{.text = std::string(100, 'x'), .level = 1000, .lives = 3});
    QuantizeCounters counters;
    capture(layout(), world, nullptr, 1, counters);
    CHECK(entity.get<Name>() == Name{.text = std::string(24, 'x'), .level = 100});
    CHECK(counters == QuantizeCounters{.saturated = 2, .nan = 0});
}

TEST_CASE("angles and rotations are captured for good", "[replication][capture]") {
    World world(sample::schema(), 10);
    const Entity entity(world, world.spawn(0));
    entity.set(Body{.px = 1, .heading = 100, .spin = -100, .rotation = {0.5F, 0.5F, 0.5F, 0.50001F}});
    const Snapshot first = take(world);
    const Body rounded = entity.get<Body>();
    CHECK(std::abs(std::remainder(static_cast<double>(rounded.heading) - 100, 6.283185307179586)) < 0.001);
    entity.get<Body>();
    const Snapshot second = take(world, &first, 2);
    CHECK(own_chunks(second, first) == 0);
    CHECK(entity.get<Body>() == rounded);
}

TEST_CASE("capturing 901 bodies that all move", "[replication][capture][!benchmark][.]") {
    World world(sample::schema(), 1000);
    for (int i = 0; i < 901; ++i) Entity(world, world.spawn(0)).set(Body{.rotation = {0.1F, 0.2F, 0.3F, 0.9F}});
    Snapshot last = take(world);
    constexpr int rounds = 500;
    std::chrono::duration<double, std::micro> time{};
    for (int i = 0; i < rounds; ++i) {
        for (auto [entity, body] : View<Body>(world)) {
            body.px += 0.02F;
            body.rotation[1] += 0.01F;
        }
        const auto start = std::chrono::steady_clock::now();
        last = take(world, &last, last.tick + 1);
        time += std::chrono::steady_clock::now() - start;
    }
    WARN(time.count() / rounds << " us for 901 rows of 8 slots");
}
