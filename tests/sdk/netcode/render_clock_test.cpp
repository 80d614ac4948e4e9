// The playback position against arrivals that are punctual, late, bunched or missing.
#include "sdk/core/netcode/render_clock.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "sdk/core/base/random.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using netcode::RenderClock;

namespace {

constexpr Duration period = 50ms;

struct Sample {
    TimePoint now;
    double tick;
    Duration delay;
};

/// When tick i arrives, after its nominal time i * period.
using Lateness = std::function<Duration(int)>;

/// Plays `ticks` ticks at this frame time. The stream is ordered: nothing arrives before its predecessor.
std::vector<Sample> play(RenderClock& clock, int ticks, Duration frame, const Lateness& lateness) {
    std::vector<Sample> samples;
    TimePoint arrival = at(0s);
    int next = 0;
    for (TimePoint now = at(0s); now < at(ticks * period); now += frame) {
        for (; next < ticks; ++next) {
            arrival = std::max(arrival, at(next * period + lateness(next)));
            if (arrival > now) break;
            clock.observe(static_cast<Tick>(next + 100), arrival);
        }
        clock.advance(now);
        if (clock.running()) samples.push_back({now, clock.tick(), clock.delay()});
    }
    return samples;
}

Duration punctual(int) { return 20ms; }

/// From tick 100 to 160 every third snapshot is 90 ms late.
Duration burst(int tick) { return tick >= 100 && tick < 160 && tick % 3 == 0 ? 110ms : 20ms; }

void check_monotonic(const std::vector<Sample>& samples) {
    for (std::size_t i = 1; i < samples.size(); ++i) REQUIRE(samples[i].tick >= samples[i - 1].tick);
}

}  // namespace

TEST_CASE("the clock does not run before the first snapshot", "[netcode][render]") {
    RenderClock clock(period);
    clock.advance(at(1s));
    CHECK_FALSE(clock.running());
    CHECK(clock.delay() == 0us);
    CHECK(clock.age(at(1s)) == 0us);
    clock.observe(7, at(2s));
    CHECK(clock.running());
    CHECK(clock.tick() == Approx(6));
    CHECK(clock.age(at(2s + 30ms)) == 30ms);
}

TEST_CASE("on a punctual link the picture is one send interval old and plays at real speed", "[netcode][render]") {
    RenderClock clock(period);
    const auto samples = play(clock, 400, 10ms, punctual);
    for (const Sample& sample : samples) {
        CHECK(sample.delay == period);
        CHECK(sample.tick == Approx(100 + static_cast<double>((sample.now - at(20ms + period)).count()) / 50'000));
    }
}

TEST_CASE("lateness grows the delay within a few snapshots, and it provably shrinks again", "[netcode][render]") {
    RenderClock clock(period);
    const auto samples = play(clock, 800, 10ms, burst);
    check_monotonic(samples);
    const auto delay_at = [&](Duration since) {
        return std::find_if(samples.begin(), samples.end(), [&](const Sample& s) { return s.now >= at(since); })->delay;
    };
    CHECK(delay_at(4900ms) == period);
    // 50 ms and the 90 of lateness; the picture slows to 0.96, so 90 ms take 2.3 s.
    CHECK(delay_at(8s) > 135ms);
    CHECK(delay_at(8s) <= 141ms);
    // The last late snapshot came at 7.95 s; it is judged for 4 s; then 90 ms are released at 20 ms a second.
    CHECK(delay_at(11'900ms) == 140ms);
    CHECK(delay_at(17s) < period + 1ms);
    for (std::size_t i = 1; i < samples.size(); ++i)
        if (samples[i].now > at(8s)) CHECK(samples[i].delay <= samples[i - 1].delay + 1us);
}

TEST_CASE("a stall that ends in a burst is one sample of lateness", "[netcode][render]") {
    // Every 5 s three snapshots come at once, 120, 70 and 20 ms late. One of the 80 in the window may be late for
    // nothing: the picture starves for 100 ms and regains them at 1.02. Were they three samples, the delay would stay.
    RenderClock clock(period);
    const auto samples = play(clock, 800, 10ms, [](int tick) {
        return tick % 100 == 50 ? 120ms : tick % 100 == 51 ? 70ms : 20ms;
    });
    check_monotonic(samples);
    for (const Sample& sample : samples)
        if ((sample.now - at(2400ms)) % 5s == 0us) CHECK(sample.delay < 60ms);
}

TEST_CASE("the delay has a limit: a world that is later still is drawn as it comes", "[netcode][render]") {
    RenderClock clock(period);
    const auto samples = play(clock, 400, 10ms, [](int tick) { return tick % 4 == 0 ? 20ms : 240ms; });
    check_monotonic(samples);
    for (const Sample& sample : samples) {
        if (sample.now < at(5s)) continue;
        CHECK(sample.tick <= 100 + static_cast<double>((sample.now - at(20ms)).count()) / 50'000);
        // 220 ms after the first snapshot's lateness, and up to one interval until the next one comes.
        CHECK(sample.delay <= 270ms);
    }
}

TEST_CASE("it never draws beyond the newest snapshot, and holds there", "[netcode][render]") {
    RenderClock clock(period);
    clock.observe(10, at(0s));
    clock.observe(11, at(50ms));
    for (Duration t = 50ms; t < 1s; t += 7ms) {
        clock.advance(at(t));
        CHECK(clock.tick() <= 11.0);
    }
    CHECK(clock.tick() == 11.0);
    CHECK(clock.age(at(1s)) == 950ms);
}

TEST_CASE("after a stall of two seconds it jumps to the present instead of playing what was missed",
          "[netcode][render]") {
    const auto whole_burst_at_once = GENERATE(true, false);
    const auto late = [&](int tick) -> Duration {
        if (tick < 100 || tick >= 140) return 20ms;
        // The rest of the burst trickles in at ten snapshots per 5 ms.
        return 20ms + (139 - tick) * period + (whole_burst_at_once ? 0us : (tick - 100) * 500us);
    };
    RenderClock clock(period);
    const auto samples = play(clock, 400, 10ms, late);
    check_monotonic(samples);
    for (const Sample& sample : samples) {
        if (sample.now >= at(5s) && sample.now < at(6900ms)) CHECK(sample.tick <= 199.0);
        if (sample.now >= at(7100ms)) CHECK(sample.delay <= 2 * period);
    }
    CHECK(samples.back().delay == period);
}

TEST_CASE("a longer route is followed without a jump of the picture", "[netcode][render]") {
    RenderClock clock(period);
    const auto samples = play(clock, 800, 10ms, [](int tick) { return tick < 100 ? 20ms : 80ms; });
    check_monotonic(samples);
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const double step = samples[i].tick - samples[i - 1].tick;
        CHECK(step <= 0.2 * 1.021);
    }
    CHECK(samples.back().delay == period);
}

TEST_CASE("the position does not depend on the frame rate", "[netcode][render]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    SeededRandom random(seed);
    std::vector<Duration> late(600);
    for (auto& l : late) l = Duration(random.below(random.below(8) == 0 ? 120'000 : 15'000));
    for (int i = 300; i < 345; ++i) late[static_cast<std::size_t>(i)] += (344 - i) * period;
    const auto lateness = [&](int tick) { return late[static_cast<std::size_t>(tick)]; };

    // Frame times that divide 100 ms or come near it; compared at the instants that all of them have.
    RenderClock at_10(period);
    RenderClock at_30(period);
    RenderClock at_160(period);
    const auto slow = play(at_10, 600, 100ms, lateness);
    const auto middle = play(at_30, 600, 33'333us, lateness);
    const auto fast = play(at_160, 600, 6250us, lateness);
    const auto nearest = [](const std::vector<Sample>& samples, TimePoint now) {
        return *std::lower_bound(samples.begin(), samples.end(), now,
                                 [](const Sample& s, TimePoint t) { return s.now < t; });
    };
    std::size_t compared = 0;
    for (const Sample& sample : slow) {
        const Sample other = nearest(fast, sample.now);
        if (other.now != sample.now) continue;
        ++compared;
        REQUIRE(other.tick == Approx(sample.tick).margin(1e-6));
    }
    CHECK(compared > 250);
    for (const Sample& sample : middle) {
        if (sample.now > fast.back().now) continue;
        const Sample other = nearest(fast, sample.now);
        REQUIRE(std::abs(other.tick - sample.tick) < 0.26);  // up to 6.25 ms of playback lie between them
    }
}
