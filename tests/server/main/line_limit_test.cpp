// Floods of lines.
#include "server/main/line_limit.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace tidewire;
using namespace std::chrono_literals;

TEST_CASE("a flood gets so many lines a second, and the rest is counted once", "[server][log]") {
    server::LineLimit limit(10);
    const TimePoint start{5s};
    int lines = 0;
    for (int i = 0; i < 25; ++i) lines += limit.take(start + i * 1ms) ? 1 : 0;
    CHECK(lines == 10);
    CHECK(limit.take_left_out(start + 999ms) == 0);
    CHECK(limit.take_left_out(start + 1s) == 15);
    CHECK(limit.take_left_out(start + 1s) == 0);
    CHECK(limit.take(start + 1s));
}

TEST_CASE("what was left out is told at the end, in the middle of its second too", "[server][log]") {
    server::LineLimit limit(1);
    CHECK(limit.take(TimePoint{5s}));
    CHECK_FALSE(limit.take(TimePoint{5s}));
    CHECK(limit.take_left_out() == 1);
}
