// What is a stall, and what only looks like one.
#include "sdk/core/netcode/stall_meter.h"

#include <catch2/catch.hpp>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using netcode::StallMeter;

TEST_CASE("a snapshot that is much later than the one before is a stall, its burst is none", "[netcode][stalls]") {
    StallMeter stalls(50ms);
    for (Tick tick = 1; tick <= 10; ++tick) stalls.observe(tick, at(50ms * tick));
    CHECK(stalls.count() == 0);
    CHECK(stalls.longest() == 0us);
    for (Tick tick = 11; tick <= 16; ++tick) stalls.observe(tick, at(800ms));  // 250 ms late, then less and less
    CHECK(stalls.count() == 1);
    CHECK(stalls.longest() == 250ms);
    stalls.observe(17, at(850ms));
    stalls.observe(18, at(900ms + 120ms));
    CHECK(stalls.count() == 2);
    CHECK(stalls.longest() == 250ms);
}

TEST_CASE("neither jitter nor ticks that a server leaves out are stalls", "[netcode][stalls]") {
    StallMeter stalls(50ms);
    stalls.observe(1, at(50ms));
    stalls.observe(2, at(100ms + 99ms));
    stalls.observe(3, at(150ms));
    stalls.observe(40, at(2s));  // on time again after a suspension
    CHECK(stalls.count() == 0);
}
