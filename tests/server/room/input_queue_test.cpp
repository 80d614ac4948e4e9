// Inputs wait for their ticks, and what is said of how early they came.
#include "server/room/input_queue.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::server;

namespace {

PlayerInput input(Tick tick, std::uint16_t type = 0) {
    static const Bytes aggregate{std::byte{7}};
    return {.tick = tick, .type = type, .aggregate = aggregate};
}

}  // namespace

TEST_CASE("each tick takes its own input", "[room][input]") {
    InputQueue queue(64, 3);
    InputCounters counters;
    queue.push(input(5), 4, 1.5, counters);
    queue.push(input(6, 1), 4, 2.5, counters);
    CHECK(queue.take(4, counters) == nullptr);
    REQUIRE(queue.take(5, counters) != nullptr);
    CHECK(queue.consumed() == 5);
    CHECK(queue.last_type() == 0);
    CHECK(queue.take(6, counters)->type == 1);
    CHECK(queue.size() == 0);
    CHECK(counters.consumed == 2);
    CHECK(counters.neutral == 1);
}

TEST_CASE("what is further ahead than the queue reaches is counted and gone", "[room][input]") {
    InputQueue queue(8, 3);
    InputCounters counters;
    queue.push(input(18), 10, 8, counters);
    queue.push(input(19), 10, 9, counters);
    CHECK(queue.size() == 1);
    CHECK(counters.early == 1);
    queue.push(input(~Tick{0}), 10, 1e9, counters);
    CHECK(queue.size() == 1);
    CHECK(counters.early == 2);
}

TEST_CASE("inputs whose ticks were left out are late", "[room][input]") {
    InputQueue queue(64, 3);
    InputCounters counters;
    for (Tick tick = 1; tick <= 5; ++tick) queue.push(input(tick), 1, 1, counters);
    CHECK(queue.take(4, counters)->tick == 4);
    CHECK(counters.late == 3);
    CHECK(queue.size() == 1);
}

TEST_CASE("the lead that is reported is the worst since the last report, with the newest input", "[room][input]") {
    InputQueue queue(64, 3);
    InputCounters counters;
    CHECK_FALSE(queue.lead().fresh);
    CHECK(queue.lead().newest == 0);
    queue.push(input(5), 4, 1.5, counters);
    queue.push(input(6), 4, 0.25, counters);
    queue.push(input(7), 4, 3, counters);
    CHECK(queue.lead().fresh);
    CHECK(queue.lead().newest == 7);
    CHECK(queue.lead().ticks == 0.25);
    queue.note_reported();
    CHECK_FALSE(queue.lead().fresh);
    CHECK(queue.lead().newest == 7);
    queue.push(input(8), 9, -0.5, counters);
    CHECK(queue.lead().fresh);
    CHECK(queue.lead().ticks == -0.5);
    CHECK(counters.late == 1);
}
