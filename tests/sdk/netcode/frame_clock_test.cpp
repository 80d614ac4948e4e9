// Even by the frames' lengths, in time by the clock.
#include "sdk/core/netcode/frame_clock.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using netcode::FrameClock;

TEST_CASE("a program that does not know its frames' length shows the time", "[netcode][frame-clock]") {
    FrameClock clock;
    CHECK(clock.advance(at(1s)) == at(1s));
    CHECK(clock.advance(at(1s + 17ms)) == at(1s + 17ms));
    CHECK(clock.advance(at(5s)) == at(5s));
}

TEST_CASE("steps are as long as the frames although the clock is read a little early or late",
          "[netcode][frame-clock]") {
    FrameClock clock;
    CHECK(clock.advance(16ms, at(1s)) == at(1s));  // the first is where the clock is
    TimePoint before = at(1s);
    for (int frame = 1; frame <= 1000; ++frame) {
        const Duration misread = frame % 3 == 0 ? 2ms : frame % 3 == 1 ? -2ms : 0ms;
        const TimePoint truth = at(1s) + 16ms * frame;
        const TimePoint shown = clock.advance(16ms, truth + misread);
        CHECK(std::abs((shown - before - 16ms).count()) <= 250);  // of 2000 and more by the clock alone
        CHECK(std::abs((shown - truth).count()) <= 250);
        before = shown;
    }
}

TEST_CASE("lengths that are a little wrong are pulled along by the clock", "[netcode][frame-clock]") {
    const Duration told = GENERATE(15ms, 17ms);
    FrameClock clock;
    clock.advance(told, at(1s));
    for (int frame = 1; frame <= 1000; ++frame) {
        const TimePoint truth = at(1s) + 16ms * frame;
        CHECK(std::abs((clock.advance(told, truth) - truth).count()) <= 16'000);
    }
}

TEST_CASE("after a standstill the picture is at once where the clock is", "[netcode][frame-clock]") {
    FrameClock clock;
    clock.advance(16ms, at(1s));
    CHECK(clock.advance(16ms, at(4s)) == at(4s));
}

TEST_CASE("a program that tells too much waits, and never goes back", "[netcode][frame-clock]") {
    FrameClock clock;
    TimePoint before = clock.advance(16ms, at(1s));
    for (int frame = 1; frame <= 1000; ++frame) {
        const TimePoint truth = at(1s) + 16ms * frame;
        const TimePoint shown = clock.advance(frame % 10 == 0 ? 500ms : 16ms, truth);
        CHECK(shown >= before);
        CHECK(shown <= truth + FrameClock::reanchor_beyond);
        before = shown;
    }
    // Back from a program that told its frames' lengths.
    CHECK(clock.advance(before - 5ms) == before);
}
