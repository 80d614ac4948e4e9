// Members are a set of rows, whatever the order in which they came.
#include "sdk/core/replication/members.h"

#include <catch2/catch.hpp>
#include <set>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/row_sets.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

std::set<std::uint32_t> as_set(const Members& members) {
    std::set<std::uint32_t> made;
    for_each_row(members, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t index) {
        CHECK(index == chunk * 64 + row);
        CHECK(made.insert(index).second);
        CHECK(index == *made.rbegin());
    });
    return made;
}

}  // namespace

TEST_CASE("members are what was inserted and not erased", "[replication][members]") {
    SeededRandom random(1);
    Members members;
    std::set<std::uint32_t> expected;
    for (int step = 0; step < 5000; ++step) {
        const std::uint32_t index = random.below(random.below(4) == 0 ? 2000 : 300);
        switch (random.below(5)) {
            case 0:
            case 1:
                members.insert(index);
                expected.insert(index);
                break;
            case 2:
            case 3:
                members.erase(index);
                expected.erase(index);
                break;
            default: {
                const std::uint64_t rows = random.below(3) == 0 ? 0 : random.next() & random.next() & random.next();
                members.set_rows(index / 64, rows);
                for (std::uint32_t row = 0; row < 64; ++row) {
                    expected.erase(index / 64 * 64 + row);
                    if ((rows >> row & 1) != 0) expected.insert(index / 64 * 64 + row);
                }
            }
        }
        REQUIRE(members.count() == expected.size());
        REQUIRE(members.empty() == expected.empty());
        REQUIRE(members.has(index) == (expected.count(index) != 0));
        if (step % 50 == 0) REQUIRE(as_set(members) == expected);
        for (const Members::Part& part : members.parts()) REQUIRE(part.rows != 0);
    }
    members.clear();
    CHECK(members == Members{});
}

TEST_CASE("the same members are equal, however they were put together", "[replication][members]") {
    Members up;
    Members down;
    for (std::uint32_t index = 0; index < 500; index += 7) up.insert(index);
    for (std::uint32_t index = 497 + 7; index >= 7; index -= 7) down.insert(index - 7);
    down.insert(1000);
    CHECK_FALSE(up == down);
    down.erase(1000);
    CHECK(up == down);
    CHECK(up.rows(0) == down.rows(0));
    CHECK(up.rows(100) == 0);
}

TEST_CASE("parts that are appended are those that would have been set, and none is empty", "[replication][members]") {
    Members set;
    Members appended;
    appended.reserve(3);
    for (const std::uint32_t chunk : {2U, 3U, 9U}) {
        const std::uint64_t rows = chunk == 3 ? 0 : std::uint64_t{5} << chunk;
        set.set_rows(chunk, rows);
        appended.append(chunk, rows);
    }
    CHECK(appended == set);
    CHECK(appended.parts().size() == 2);
}

TEST_CASE("a walk finds the rows of every chunk, asked once or more, and none where there are none",
          "[replication][members]") {
    Members members;
    for (const std::uint32_t index : {70U, 71U, 400U, 1000U}) members.insert(index);
    RowsWalk walk(members);
    for (std::uint32_t chunk = 0; chunk < 20; ++chunk) {
        CHECK(walk.at(chunk) == members.rows(chunk));
        CHECK(walk.at(chunk) == members.rows(chunk));
    }
    const Members nobody;
    CHECK(RowsWalk(nobody).at(0) == 0);
}

TEST_CASE("all members of a snapshot are its living entities", "[replication][members]") {
    CHECK(all_members(Snapshot{}).empty());
    const Layout layout(sample::schema());
    testing::RandomWorld game(sample::schema(), 300, 3);
    game.mutate(900);
    const Members members = all_members(game.capture(layout, 1));
    CHECK(members.count() == game.world().entity_count());
    for (std::uint32_t index = 0; index < 300; ++index)
        CHECK(members.has(index) == static_cast<bool>(game.world().at(index)));
}

TEST_CASE("assigned members are what is said of each part, without those of nobody", "[replication][members]") {
    Members all;
    for (const std::uint32_t index : {1U, 70U, 71U, 200U, 640U}) all.insert(index);
    Members some;
    some.insert(5000);
    some.assign(all.parts(), [](const Members::Part& part) { return part.chunk == 1 ? 0 : part.rows; });
    CHECK(as_set(some) == std::set<std::uint32_t>{1, 200, 640});
    some.assign(all.parts(), [](const Members::Part&) { return std::uint64_t{0}; });
    CHECK(some.empty());
    some.assign({}, [](const Members::Part& part) { return part.rows; });
    CHECK(some.empty());
}
