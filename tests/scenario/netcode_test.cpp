// The scenarios of tidewire-bench netcode, held to their bounds.
#include <catch2/catch.hpp>
#include <chrono>

#include "tools/bench/netcode/clock.h"
#include "tools/bench/netcode/prediction.h"
#include "tools/bench/netcode/rate_drop.h"
#include "tools/bench/netcode/slow_peer.h"
#include "tools/bench/netcode/sweep.h"
#include "tools/bench/netcode/thin_link.h"

using namespace tidewire;
using namespace tidewire::bench;
using namespace std::chrono_literals;

TEST_CASE("a link that drops below the state's rate costs rate, not freshness", "[scenario][netcode]") {
    const auto drop = GENERATE(5s, 120s);
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(drop.count(), seed);
    const RateDropFigures figures = run_rate_drop({.drop = drop, .seed = seed});
    CHECK(figures.age_ms_max <= 250);
    CHECK(figures.naive_age_ms_max > 1500);
    CHECK(figures.tick_bytes_mean > 1450);
    CHECK(figures.ticks_per_second > 10);
    CHECK(figures.recovered_hz >= 55);
    CHECK(figures.playing);
}

TEST_CASE("a slow peer costs the others not one byte, and no snapshot of anybody is wrong", "[scenario][netcode]") {
    const auto kind = GENERATE(SlowPeer::Throttled, SlowPeer::Silent, SlowPeer::Napping);
    CAPTURE(name_of(kind));
    static const SlowPeerFigures without = run_slow_peer({.kind = SlowPeer::Absent, .length = 30s});
    const SlowPeerFigures with = run_slow_peer({.kind = kind, .length = 30s});
    CAPTURE(with.slow_age_ms_max, with.slow_age_ms_allowed_mean, with.server_heap_kib);
    CHECK(with.others_bytes == without.others_bytes);
    CHECK(with.others_hash == without.others_hash);
    CHECK(with.others_ticks_per_second == Approx(30).margin(0.1));
    CHECK(with.faults == 0);
    CHECK(with.slow_playing == (kind != SlowPeer::Silent));
    CHECK(with.slow_age_ms_beyond_max <= 0);
    CHECK(with.server_heap_growth_kib <= 64);
    if (kind != SlowPeer::Silent) CHECK(with.slow_ticks_per_second > 5);
}

TEST_CASE("the server's memory is flat over ten minutes beside a client that is slow", "[scenario][netcode]") {
    const auto kind = GENERATE(SlowPeer::Throttled, SlowPeer::Napping);
    const SlowPeerFigures figures = run_slow_peer({.kind = kind, .others = 9, .length = 10min});
    CAPTURE(name_of(kind), figures.server_heap_kib, figures.server_heap_kib_max);
    CHECK(figures.server_heap_kib > 100);
    CHECK(figures.server_heap_growth_kib <= 16);
    CHECK(figures.server_heap_kib_max <= figures.server_heap_kib + 32);
    CHECK(figures.faults == 0);
    CHECK(figures.slow_playing);
}

TEST_CASE(
    "over a link too thin for its ticks the newest state is as old as the window promises, for as long as it lasts",
    "[scenario][netcode]") {
    const auto length = GENERATE(20s, 30s, 600s);
    const std::size_t state_bytes = GENERATE(200U, 400U, 1500U);
    const auto seed = GENERATE(1U, 2U, 3U);
    const ThinLinkFigures figures = run_thin_link({.state_bytes = state_bytes, .length = length, .seed = seed});
    CAPTURE(length.count(), state_bytes, seed, figures.tick_bytes_max);
    CHECK(figures.age_ms_max <= figures.age_ms_allowed);
    CHECK(figures.playing);
    // And it is not bought with silence, but where the ladder has come to one tick a second.
    CHECK(figures.link_percent > (state_bytes == 1500 ? 25 : 90));
}

TEST_CASE("the server's clock is known to two milliseconds on a symmetric link with jitter", "[scenario][netcode]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    const ClockFigures figures = run_clock({.latency_up = 30ms, .latency_down = 30ms, .jitter = 20ms, .seed = seed});
    CHECK(figures.offset_error_ms_max < 2);
}

TEST_CASE("on an asymmetric link the clock's error is within the bound that it names", "[scenario][netcode]") {
    const ClockFigures figures = run_clock({.latency_up = 10ms, .latency_down = 120ms});
    CHECK(figures.offset_error_ms_max <= figures.error_bound_ms);
    CHECK(figures.error_bound_ms == Approx(65));
}

TEST_CASE("the round trip is the link's, however often a program draws", "[scenario][netcode]") {
    // 0: it waits in update().
    const int hz = GENERATE(0, 1, 10, 30, 144);
    CAPTURE(hz);
    CHECK(run_clock({.frame = hz == 0 ? 0us : Duration(1'000'000 / hz)}).rtt_error_ms_max <= 1);
}

TEST_CASE("where nobody pushes nothing is corrected, but what stalls make late", "[scenario][netcode][prediction]") {
    const auto trouble = GENERATE(Trouble::None, Trouble::Jitter, Trouble::Stalls);
    const auto rtt = GENERATE(0ms, 20ms, 80ms, 200ms, 400ms);
    const PredictionFigures figures = run_prediction({.rtt = rtt, .trouble = trouble, .duration = 30s, .seed = 2});
    CAPTURE(rtt.count(), name_of(trouble), figures.predicted, figures.corrections, figures.late);
    CHECK(figures.predicted > 850);
    CHECK(figures.travelled > 2000);
    CHECK(figures.corrections <= (trouble == Trouble::Stalls ? figures.late : 0));
    if (trouble == Trouble::Stalls) CHECK(figures.late > 0);
}

TEST_CASE("where all push each other no frame goes further than a walk and the smoothing of what was wrong",
          "[scenario][netcode][prediction]") {
    const auto rtt = GENERATE(0ms, 20ms, 80ms, 200ms, 400ms);
    const auto fps = GENERATE(60, 144);
    const auto seed = GENERATE(11U, 12U);
    const PredictionFigures figures =
        run_prediction({.rtt = rtt, .contention = true, .frames_per_second = fps, .duration = 20s, .seed = seed});
    CAPTURE(rtt.count(), fps, seed, figures.corrections, figures.jump_max, figures.error_max);
    CHECK(figures.corrections > 100);
    CHECK(figures.beyond_bound_max <= 0);
    // And the bound means something: without smoothing a frame would go as far as the largest error.
    CHECK(figures.error_max > 3 * figures.jump_max);
}

TEST_CASE("inputs are in time at every round trip and rate, on links of every kind", "[scenario][netcode][sweep]") {
    const auto rtt = GENERATE(0ms, 1ms, 20ms, 80ms, 200ms, 400ms);
    const auto rate = GENERATE(15, 20, 30, 60, 128);
    const auto weather =
        GENERATE(Weather::Steady, Weather::Jitter, Weather::StepUp, Weather::StepDown, Weather::Stalls);
    const auto frame = GENERATE(0ms, 100ms);
    const SweepFigures figures = run_sweep({.rtt = rtt, .tick_rate = rate, .weather = weather, .frame = frame});
    CAPTURE(rtt.count(), rate, name_of(weather), frame.count(), figures.inputs, figures.late, figures.lead_ms_mean,
            figures.lead_ms_mean_end, figures.sign_changes, figures.why);
    CHECK_FALSE(figures.failed);
}
