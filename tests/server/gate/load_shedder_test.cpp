// What is left out under load, in virtual time.
#include "server/gate/load_shedder.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace std::chrono_literals;
using server::LoadLevel;
using server::LoadShedder;

namespace {

constexpr Duration period = 33ms;

/// Ticks that take a share of their period each, in virtual time.
struct Ticks {
    TimePoint now{1s};
    LoadShedder shedder{now};

    void run(double busy, Duration length) {
        for (const TimePoint end = now + length; now < end; now += period)
            shedder.note_tick(std::chrono::duration_cast<Duration>(period * busy), period, now);
    }
    /// Too much, until the first thing is left out.
    void overload() {
        for (int i = 0; i < 100 && shedder.level() == LoadLevel::Normal; ++i) run(1.2, period);
        REQUIRE(shedder.level() == LoadLevel::HalfRate);
    }
};

}  // namespace

TEST_CASE("too much to do sheds in the stated order, a second a step", "[gate][load]") {
    Ticks ticks;
    ticks.run(0.8, 20s);
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
    for (const LoadLevel expected : {LoadLevel::HalfRate, LoadLevel::QuarterRate, LoadLevel::NoJoins}) {
        ticks.run(1.5, 1100ms);
        CHECK(ticks.shedder.level() == expected);
    }
    ticks.run(3, 30s);
    CHECK(ticks.shedder.level() == LoadLevel::NoJoins);
}

TEST_CASE("one slow tick sheds nothing, nor does a pause of a second", "[gate][load]") {
    Ticks ticks;
    for (int i = 0; i < 60; ++i) {
        ticks.run(0.3, 900ms);
        ticks.run(i % 2 == 0 ? 8 : 30, 1ms);
    }
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
}

TEST_CASE("what was shed comes back when it may fit, and not at once again when that was too early", "[gate][load]") {
    Ticks ticks;
    ticks.overload();
    ticks.run(0.85, 60s);
    CHECK(ticks.shedder.level() == LoadLevel::HalfRate);
    ticks.run(0.75, 6500ms);
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
    // It does not hold: the next trial takes twice as long, and so on, up to a minute.
    for (const Duration wait : {10s, 20s, 40s, 60s, 60s}) {
        ticks.overload();
        ticks.run(0.75, wait - 2s);
        CHECK(ticks.shedder.level() == LoadLevel::HalfRate);
        ticks.run(0.75, 4s);
        CHECK(ticks.shedder.level() == LoadLevel::Normal);
    }
    // It holds: the next time is the first again.
    ticks.run(0.75, 70s);
    ticks.overload();
    ticks.run(0.75, 6500ms);
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
}

TEST_CASE("at half and at a quarter of the rate ticks are told of evenly", "[gate][load]") {
    Ticks ticks;
    for (const Tick every : {1U, 2U, 4U}) {
        if (every > 1) ticks.run(1.5, 1100ms);
        for (Tick tick = 1; tick <= 20; ++tick) CHECK(ticks.shedder.tells(tick) == (tick % every == 0));
    }
}
