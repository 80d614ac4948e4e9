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

namespace {

/// A server that drops this much time before every `each`-th tick from `first` on, until `last`.
Lateness dropping(Duration dropped, int first, int each, int last, const std::vector<Duration>& jitter) {
    return [=](int tick) {
        const int drops = tick < first ? 0 : 1 + (std::min(tick, last) - first) / each;
        return 20ms + drops * dropped + jitter[static_cast<std::size_t>(tick) % jitter.size()];
    };
}

/// Plays `ticks` at 60 frames per second. From 1 s after an arrival that came after a gap until the next such gap the
/// picture moves at every frame and all figures are small. Returns how many frames were judged so.
int check_smooth(Duration tick_period, int ticks, const Lateness& lateness) {
    constexpr Duration frame = 16'667us;
    RenderClock clock(tick_period);
    const auto arrival = [&](int tick) { return at(tick * tick_period + lateness(tick)); };
    TimePoint settled = at(1s);
    int next = 0;
    int judged = 0;
    double drawn = 0;
    for (TimePoint now = at(0s); next < ticks; now += frame) {
        for (; next < ticks && arrival(next) <= now; ++next) {
            if (next > 0 && arrival(next) - arrival(next - 1) > 100ms) settled = arrival(next) + 1s;
            clock.observe(static_cast<Tick>(next + 100), arrival(next));
        }
        clock.advance(now);
        // A gap that is about to be is nobody's fault but the server's.
        const bool in_gap = next < ticks && next > 0 && arrival(next) - arrival(next - 1) > 100ms;
        if (now >= settled && !in_gap) {
            ++judged;
            INFO("at " << now.time_since_epoch().count() << " us");
            REQUIRE(clock.tick() > drawn);
            REQUIRE(clock.age(now) < 100ms);
            REQUIRE(clock.delay() < 100ms);
        }
        REQUIRE(clock.tick() >= drawn);
        drawn = clock.tick();
    }
    return judged;
}

const std::vector<Duration> no_jitter{0us};
const std::vector<Duration> some_jitter{0us, 7ms, 2ms, 11ms, 4ms, 9ms, 1ms};

}  // namespace

TEST_CASE("after a server dropped three seconds of ticks the picture is smooth again within one", "[netcode][render]") {
    const Duration tick_period = GENERATE(50'000us, 33'333us, 7'812us);
    const auto jitter = GENERATE(no_jitter, some_jitter);
    CAPTURE(tick_period.count(), jitter.size());
    const int each_second = static_cast<int>(1s / tick_period);
    const auto lateness = dropping(3s, 5 * each_second, 1000 * each_second, 5 * each_second, jitter);
    CHECK(check_smooth(tick_period, 20 * each_second, lateness) > 1000);
}

TEST_CASE("a server that drops ticks again and again is drawn smoothly between its stalls", "[netcode][render]") {
    const Duration tick_period = GENERATE(50'000us, 33'333us);
    const Duration dropped = GENERATE(200'000us, 500'000us);
    const auto jitter = GENERATE(no_jitter, some_jitter);
    CAPTURE(tick_period.count(), dropped.count(), jitter.size());
    const int each_second = static_cast<int>(1s / tick_period);
    const auto lateness = dropping(dropped, 5 * each_second, 2 * each_second, 40 * each_second, jitter);
    CHECK(check_smooth(tick_period, 60 * each_second, lateness) > 1500);
}

TEST_CASE("a stall that ends in a burst leaves what is on time as it was", "[netcode][render]") {
    // Snapshots in the stall come at its end: at once, or through a link that carries them at only twice their pace.
    const Duration stall = GENERATE(250'000us, 2'000'000us);
    const bool narrow = GENERATE(false, true);
    CAPTURE(stall.count(), narrow);
    const auto late = [&](int tick) -> Duration {
        if (tick < 100) return 20ms;
        const Duration waited = stall - (tick - 100) * (narrow ? period / 2 : period);
        return 20ms + std::max(0us, waited);
    };
    RenderClock clock(period);
    for (int tick = 0; tick < 300; ++tick) {
        const TimePoint now = at(tick * period + late(tick));
        clock.observe(static_cast<Tick>(tick + 100), now);
        // Age just then is the lateness against the origin: it tells whether the origin is still the old one.
        CHECK(clock.age(now) == late(tick) - 20ms);
    }
}

TEST_CASE("one snapshot that comes through amid a stall does not make its burst a shift", "[netcode][render]") {
    RenderClock clock(period);
    int tick = 0;
    for (; tick < 100; ++tick) clock.observe(static_cast<Tick>(tick), at(tick * period));
    // The link is dead from 5 s to 8 s but for one snapshot every 400 ms.
    for (Duration t = 5400ms; t < 8s; t += 400ms) {
        clock.observe(static_cast<Tick>(tick), at(t));
        CHECK(clock.age(at(t)) == t - tick * period);
        ++tick;
    }
    for (; tick < 160; ++tick) clock.observe(static_cast<Tick>(tick), at(8s));
    clock.observe(160, at(8s));
    CHECK(clock.age(at(8s)) == 0us);
}

TEST_CASE("a route that is longer by more than the delay may hide becomes the new measure", "[netcode][render]") {
    CHECK(check_smooth(period, 400, [](int tick) { return tick < 100 ? 20ms : 140ms; }) > 800);
}

TEST_CASE("at a low tick rate four late snapshots are no shift, the fifth is", "[netcode][render]") {
    constexpr Duration slow = 200ms;
    RenderClock clock(slow);
    int tick = 0;
    for (; tick < 10; ++tick) clock.observe(static_cast<Tick>(tick), at(tick * slow));
    for (; tick < 14; ++tick) clock.observe(static_cast<Tick>(tick), at(tick * slow + 230ms));
    CHECK(clock.age(at(13 * slow + 230ms)) == 230ms);
    clock.observe(14, at(14 * slow + 230ms));
    CHECK(clock.age(at(14 * slow + 230ms)) == 0us);
}
