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

    /// Of which a part is writing.
    void run(double busy, Duration length, double written = 0.3) {
        const auto of_period = [](double share) { return std::chrono::duration_cast<Duration>(period * share); };
        for (const TimePoint end = now + length; now < end; now += period)
            shedder.note_tick(of_period(busy), of_period(written), period, now);
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

TEST_CASE("what was shed comes back when it would fit, and not at once again when that was too early", "[gate][load]") {
    Ticks ticks;
    ticks.run(1.2, 1100ms);
    REQUIRE(ticks.shedder.level() == LoadLevel::HalfRate);
    ticks.run(0.6, 60s, 0.3);
    CHECK(ticks.shedder.level() == LoadLevel::HalfRate);  // with as much writing again it would not fit
    ticks.run(0.6, 6500ms, 0.1);
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
    // It does not hold: the next trial takes twice as long.
    ticks.run(1.2, 1100ms);
    REQUIRE(ticks.shedder.level() == LoadLevel::HalfRate);
    ticks.run(0.6, 8s, 0.1);
    CHECK(ticks.shedder.level() == LoadLevel::HalfRate);
    ticks.run(0.6, 4s, 0.1);
    CHECK(ticks.shedder.level() == LoadLevel::Normal);
}

TEST_CASE("players are let in again before more is told, for that takes nothing", "[gate][load]") {
    Ticks ticks;
    ticks.run(1.5, 3300ms);
    REQUIRE(ticks.shedder.level() == LoadLevel::NoJoins);
    ticks.run(0.7, 6500ms, 0.3);
    CHECK(ticks.shedder.level() == LoadLevel::QuarterRate);
    ticks.run(0.7, 60s, 0.3);
    CHECK(ticks.shedder.level() == LoadLevel::QuarterRate);
}

TEST_CASE("at half and at a quarter of the rate ticks are told of evenly", "[gate][load]") {
    Ticks ticks;
    for (const Tick every : {1U, 2U, 4U}) {
        if (every > 1) ticks.run(1.5, 1100ms);
        for (Tick tick = 1; tick <= 20; ++tick) CHECK(ticks.shedder.tells(tick) == (tick % every == 0));
    }
}
