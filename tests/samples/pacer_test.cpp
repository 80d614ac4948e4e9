// When frames begin, in virtual time.
#include "samples/arena/client/pacer.h"

#include <catch2/catch.hpp>

namespace arena {

namespace {

using namespace std::chrono_literals;
constexpr Pacer::Clock::time_point start{1h};

}  // namespace

TEST_CASE("without a refresh to wait for, frames begin one period apart", "[arena][client]") {
    Pacer pacer({.fps = 50, .refresh = {}}, start);
    for (int frame = 0; frame < 5; ++frame) {
        CHECK(pacer.due() == start + frame * 20ms);
        pacer.begun(pacer.due());
        pacer.shown(pacer.due() + 1ms);
    }
}

TEST_CASE("a late frame does not make the next ones hurry", "[arena][client]") {
    Pacer pacer({.fps = 50, .refresh = {}}, start);
    pacer.begun(start + 500ms);
    CHECK(pacer.due() == start + 500ms);
    pacer.begun(pacer.due());
    CHECK(pacer.due() == start + 520ms);
}

TEST_CASE("before a refresh, the network has nearly the whole frame", "[arena][client]") {
    Pacer pacer({.fps = 60, .refresh = 16ms}, start);
    for (int frame = 1; frame <= 5; ++frame) {
        const auto refreshed = start + frame * 16ms;
        pacer.begun(pacer.due());
        pacer.shown(refreshed);
        CHECK(pacer.due() == refreshed + 13ms);
    }
}

TEST_CASE("a computer that misses refreshes begins its frames earlier", "[arena][client]") {
    Pacer pacer({.fps = 60, .refresh = 16ms}, start);
    pacer.shown(start);
    auto refreshed = start + 32ms;  // one was missed
    pacer.shown(refreshed);
    CHECK(pacer.due() == refreshed + 10ms);
    for (int missed = 0; missed < 10; ++missed) pacer.shown(refreshed += 32ms);
    CHECK(pacer.due() == refreshed);
    for (int met = 0; met < 2000; ++met) pacer.shown(refreshed += 16ms);
    CHECK(pacer.due() == refreshed + 13ms);
}

TEST_CASE("a display that is faster than the limit does not set the pace", "[arena][client]") {
    Pacer pacer({.fps = 50, .refresh = 7ms}, start);
    pacer.begun(start);
    pacer.shown(start + 3ms);
    CHECK(pacer.due() == start + 20ms);
}

}  // namespace arena
