// Shots over links of every kind: the server hits what the player's screen shows, and nobody gains by lying.
#include "tools/bench/netcode/rewind.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace tidewire;
using namespace tidewire::bench;
using namespace std::chrono_literals;

namespace {

/// Every shot at what is drawn hits to a quantum, also at the edge of the target, and none beside it.
void check_exact(const RewindFigures& figures) {
    CAPTURE(figures.shots, figures.hits, figures.hits_beside, figures.error_quanta_max, figures.rewind_ms_max);
    CHECK(figures.shots > 100);
    CHECK(figures.hits == figures.meant_to_hit);
    CHECK(figures.hits_beside == 0);
    CHECK(figures.error_quanta_max < 1);
    CHECK(figures.forged == 0);
    CHECK(figures.clamped == 0);
}

}  // namespace

TEST_CASE("a moving target is hit exactly when the screen shows it under the cross-hair", "[scenario][rewind]") {
    const auto rtt = GENERATE(0ms, 20ms, 100ms, 150ms);
    const auto jitter = GENERATE(0ms, 10ms);
    const auto frame = GENERATE(0ms, 16ms);
    CAPTURE(rtt.count(), jitter.count(), frame.count());
    check_exact(run_rewind({.rtt = rtt, .jitter = jitter, .frame = frame, .duration = 30s}));
}

TEST_CASE("at every tick rate the past is what the screen showed", "[scenario][rewind]") {
    const auto rate = GENERATE(15, 60, 128);
    CAPTURE(rate);
    // At 15 Hz the targets run twice as far in a tick, and a 256th of it is more than a quantum.
    const RewindFigures figures = run_rewind({.tick_rate = rate, .duration = 30s});
    CAPTURE(figures.error_quanta_max);
    CHECK(figures.hits > 0);
    CHECK(figures.error_quanta_max < (rate == 15 ? 2 : 1));
    CHECK(figures.forged == 0);
}

TEST_CASE("a client whose link carries only some of the ticks hits what it is shown, too", "[scenario][rewind]") {
    const RewindFigures figures = run_rewind({.rtt = 60ms, .bytes_per_second = 700, .duration = 30s});
    CAPTURE(figures.shots, figures.error_quanta_max, figures.rewind_ms_max, figures.clamped, figures.forged);
    CHECK(figures.shots > 100);
    CHECK(figures.ticks_per_second < 25);
    CHECK((figures.clamped > 0 || figures.error_quanta_max < 1));
}

TEST_CASE("at 300 ms of round trip the rewind is clamped, and says so", "[scenario][rewind]") {
    const RewindFigures figures = run_rewind({.rtt = 300ms, .duration = 30s});
    CHECK(figures.shots > 100);
    CHECK(figures.clamped == figures.shots);
    CHECK(figures.rewind_ms_max == Approx(figures.limit_ms));
    CHECK(figures.limit_ms == Approx(250 + 1000.0 / 30));
}

TEST_CASE("an honest client is believed on links that stall and on links that jitter", "[scenario][rewind]") {
    const auto rate = GENERATE(30, 60, 128);
    const auto stalls = GENERATE(false, true);
    const auto seed = GENERATE(1U, 2U, 3U);
    const RewindFigures figures = run_rewind({.rtt = 60ms,
                                              .jitter = stalls ? 5ms : 60ms,
                                              .stalls = stalls,
                                              .tick_rate = rate,
                                              .duration = 60s,
                                              .seed = seed});
    CAPTURE(rate, stalls, seed, figures.shots, figures.forged, figures.clamped, figures.error_quanta_max);
    CHECK(figures.shots > 200);
    CHECK(figures.forged == 0);
}

TEST_CASE("a forged view gains nothing beyond the band, and never beyond the clamp", "[scenario][rewind]") {
    const auto rtt = GENERATE(20ms, 150ms, 300ms);
    const RewindFigures honest = run_rewind({.rtt = rtt, .duration = 20s});
    for (const Lie lie : {Lie::Future, Lie::FarPast, Lie::Zero, Lie::Jumps, Lie::Fraction, Lie::Steady}) {
        const RewindFigures figures = run_rewind({.rtt = rtt, .lie = lie, .duration = 20s});
        CAPTURE(rtt.count(), name_of(lie), figures.rewind_ms_max, honest.rewind_ms_max, figures.forged);
        CHECK(figures.shots > 50);
        CHECK(figures.rewind_ms_max <= figures.limit_ms + 0.01);
        // The band is two ticks and 50 ms to either side of the server's estimate, which is within a tick of the truth.
        CHECK(figures.rewind_ms_max <= honest.rewind_ms_max + 3 * 1000.0 / 30 + 50);
        if (lie == Lie::Future || lie == Lie::FarPast || lie == Lie::Fraction) CHECK(figures.forged == figures.shots);
    }
}
