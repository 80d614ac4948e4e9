// Promises of the input schedule, in virtual time.
#include "sdk/client/input_schedule.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"
#include "tests/support/time.h"

using tidewire::Duration;
using tidewire::InputSchedule;
using tidewire::TimePoint;
using tidewire::test::at;
using namespace std::chrono_literals;

TEST_CASE("the first input is due at the start, the next one a tick period later", "[client][input]") {
    InputSchedule schedule(50, at(0s));
    CHECK(schedule.due() == 0);
    CHECK(schedule.next() == at(0s));
    CHECK_FALSE(schedule.advance(at(0s) - 1us));
    CHECK(schedule.advance(at(0s)));
    CHECK(schedule.due() == 1);
    CHECK(schedule.next() == at(20ms));
    CHECK_FALSE(schedule.advance(at(20ms) - 1us));
    CHECK(schedule.due() == 1);
    schedule.settle();
    CHECK(schedule.due() == 0);
    CHECK(schedule.advance(at(20ms)));
    CHECK(schedule.due() == 1);
}

TEST_CASE("a rate that does not divide a second drifts by nothing in an hour", "[client][input]") {
    for (const int rate : {1, 7, 30, 60, 128}) {
        INFO("rate " << rate);
        InputSchedule schedule(rate, at(0s));
        int sent = 0;
        bool one_each_time = true;
        while (schedule.next() < at(1h)) {
            one_each_time = one_each_time && schedule.advance(schedule.next()) && schedule.due() == 1;
            schedule.settle();
            ++sent;
        }
        CHECK(one_each_time);
        CHECK(sent == rate * 3600);
        CHECK(schedule.next() == at(1h));
    }
}

TEST_CASE("however unevenly the program comes, one input is due per period", "[client][input]") {
    const std::uint64_t seed = 7;
    CAPTURE(seed);
    tidewire::SeededRandom random(seed);
    InputSchedule schedule(60, at(0s));
    TimePoint now = at(0s);
    int sent = 0;
    for (int frame = 0; frame < 10'000; ++frame) {
        schedule.advance(now);
        REQUIRE(schedule.next() > now);
        REQUIRE(schedule.next() - now <= 16'667us);
        sent += schedule.due();
        schedule.settle();
        now += Duration(random.below(40'000));
    }
    const auto periods = (schedule.next() - at(0s)).count() * 60 / 1'000'000;
    CHECK(sent >= periods);
    CHECK(sent <= periods + 1);
}

TEST_CASE("a pause up to 150 ms is made good, the rest of a longer one is dropped", "[client][input]") {
    InputSchedule schedule(60, at(0s));
    schedule.advance(at(0s));
    schedule.settle();
    schedule.advance(at(100ms));
    CHECK(schedule.due() == 6);
    schedule.settle();
    schedule.advance(at(10s));
    CHECK(schedule.due() == 9);  // 150 ms at 60 Hz
    CHECK(schedule.next() == at(10s + 16'666us));

    InputSchedule slow(1, at(0s));
    slow.advance(at(1h));
    CHECK(slow.due() == 1);
    CHECK(slow.next() == at(1h + 1s));
}
