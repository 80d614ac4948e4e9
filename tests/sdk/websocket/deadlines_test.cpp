// Promises of the heap of deadlines.
#include "sdk/websocket/deadlines.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::websocket;
using namespace tidewire::test;

TEST_CASE("deadlines come in their order, and none before its time", "[websocket][deadlines]") {
    Deadlines deadlines;
    CHECK(deadlines.next() == never);
    CHECK_FALSE(deadlines.take(never));
    SeededRandom random(7);
    for (std::uint64_t i = 1; i <= 500; ++i) deadlines.add(at(Duration(random.below(100))), ConnectionId{i});
    TimePoint before = at(0ms);
    for (int taken = 0; taken < 500; ++taken) {
        const TimePoint next = deadlines.next();
        CHECK(next >= before);
        CHECK_FALSE(deadlines.take(next - Duration(1)));
        const auto due = deadlines.take(next);
        REQUIRE(due);
        CHECK(due->time == next);
        before = next;
    }
    CHECK(deadlines.next() == never);
}
