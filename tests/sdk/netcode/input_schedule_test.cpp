// Promises of the input schedule, in virtual time.
#include "sdk/core/netcode/input_schedule.h"

#include <catch2/catch.hpp>
#include <limits>

#include "sdk/core/base/random.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::netcode;
using namespace tidewire::test;

namespace {

/// A clock that is at tick 100 at at(0s).
TickLead clock_of(Duration period) {
    TickLead lead(period, {.target = 0});
    lead.start(100, Duration(0), at(0s));
    return lead;
}

}  // namespace

TEST_CASE("nothing is due before there is a clock, then the tick that it is at, then each one", "[netcode][input]") {
    InputSchedule schedule(20ms);
    TickLead lead(20ms, {.target = 0});
    CHECK_FALSE(schedule.advance(lead));
    CHECK(schedule.next(lead) == never);
    lead = clock_of(20ms);
    CHECK(schedule.advance(lead));
    CHECK(schedule.due() == 1);
    CHECK(schedule.first() == 100);
    CHECK(schedule.next(lead) == at(20ms));
    schedule.settle();
    CHECK(schedule.due() == 0);
    lead.advance(at(20ms) - 1us);
    CHECK_FALSE(schedule.advance(lead));
    lead.advance(at(20ms));
    CHECK(schedule.advance(lead));
    CHECK(schedule.first() == 101);
    lead.advance(at(60ms));
    CHECK(schedule.advance(lead));
    CHECK(schedule.due() == 3);
    CHECK(schedule.first() == 101);
}

TEST_CASE("however unevenly the program comes, each tick has its input once", "[netcode][input]") {
    const std::uint64_t seed = 7;
    CAPTURE(seed);
    SeededRandom random(seed);
    InputSchedule schedule(Duration(1s) / 60);
    TickLead lead = clock_of(Duration(1s) / 60);
    TimePoint now = at(0s);
    Tick expected = 100;
    for (int frame = 0; frame < 10'000; ++frame) {
        lead.advance(now);
        schedule.advance(lead);
        if (schedule.due() > 0) REQUIRE(schedule.first() == expected);
        expected += static_cast<Tick>(schedule.due());
        schedule.settle();
        REQUIRE(schedule.next(lead) > now);
        REQUIRE(schedule.next(lead) - now <= 16'667us);
        now += Duration(random.below(40'000));
    }
}

TEST_CASE("a pause up to 150 ms is made good, the rest of a longer one is dropped", "[netcode][input]") {
    InputSchedule schedule(20ms);
    TickLead lead = clock_of(20ms);
    schedule.advance(lead);
    schedule.settle();
    lead.advance(at(100ms));
    schedule.advance(lead);
    CHECK(schedule.due() == 5);
    schedule.settle();
    lead.advance(at(10s));
    schedule.advance(lead);
    CHECK(schedule.due() == 7);
    CHECK(schedule.first() == 594);

    InputSchedule slow(1s);
    TickLead slow_lead = clock_of(1s);
    slow_lead.advance(at(1h));
    slow.advance(slow_lead);
    CHECK(slow.due() == 1);
    CHECK(slow.first() == 3700);
}

TEST_CASE("a clock that is set back makes no tick due twice", "[netcode][input]") {
    InputSchedule schedule(20ms);
    TickLead lead = clock_of(20ms);
    schedule.advance(lead);
    schedule.settle();
    TickLead back(20ms, {.target = 0});
    back.start(90, Duration(0), at(0s));
    CHECK_FALSE(schedule.advance(back));
    CHECK(schedule.next(back) == at(220ms));
    back.advance(at(220ms));
    CHECK(schedule.advance(back));
    CHECK(schedule.first() == 101);
}

TEST_CASE("a clock beyond the last tick that there is makes nothing due, and is waited for no more",
          "[netcode][input]") {
    constexpr Tick last = std::numeric_limits<Tick>::max();
    InputSchedule schedule(20ms);
    TickLead lead(20ms, {.target = 0});
    lead.start(last - 1, Duration(0), at(0s));
    CHECK(schedule.advance(lead));
    CHECK(schedule.first() == last - 1);
    schedule.settle();
    lead.advance(at(20ms));
    CHECK(schedule.advance(lead));
    CHECK(schedule.first() == last);
    schedule.settle();
    lead.advance(at(60ms));
    CHECK_FALSE(schedule.advance(lead));
    CHECK(schedule.next(lead) == never);
}

TEST_CASE("a clock that was put back to before the first tick makes nothing due", "[netcode][input]") {
    InputSchedule schedule(20ms);
    TickLead lead(20ms);
    lead.start(1, Duration(0), at(0s));
    CHECK(schedule.advance(lead));
    schedule.settle();
    lead.note_sent(2);
    lead.observe({.input = 2, .ticks = 127}, at(1ms));
    REQUIRE(lead.position() < -100);
    CHECK_FALSE(schedule.advance(lead));
    CHECK(schedule.due() == 0);
}
