// Whom the server believes what it says that it saw, and how far back anybody gets.
#include "server/room/view_time.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <limits>

#include "sdk/core/base/random.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

constexpr int tick_rate = 30;
constexpr Tick now = 100;
constexpr double limit = 0.25 * tick_rate + 1;
constexpr double band = 0.05 * tick_rate + 2;

RewindReport judged(const ViewTime& view, Tick written = now - 1, const RewindOptions& options = {}) {
    return judge(view, now, written, options, tick_rate);
}

}  // namespace

TEST_CASE("a client is believed what its link makes likely", "[room][rewind]") {
    for (const double told : {95.5 - band, 94.0, 95.5, 97.25, 98.5}) {
        INFO(told);
        const RewindReport report = judged({.told = told, .likely = 95.5, .newest = 97});
        CHECK(report.tick == told);
        CHECK(report.requested == told);
        CHECK_FALSE(report.clamped);
        CHECK_FALSE(report.forged);
    }
}

TEST_CASE("what a client has acknowledged it may have shown, however late that seems", "[room][rewind]") {
    // A stall on the way to the server lets its acknowledgements look late for a while.
    CHECK_FALSE(judged({.told = 98, .likely = 93, .newest = 98}).forged);
    CHECK(judged({.told = 98, .likely = 93, .newest = 94}).forged);
}

TEST_CASE("beyond the band the server's own estimate counts", "[room][rewind]") {
    for (const double told : {0.996, 1.0, 95.5 - band - 0.01, 101.0, 1e9, 4294967295.996}) {
        INFO(told);
        const RewindReport report = judged({.told = told, .likely = 95.5, .newest = 96});
        CHECK(report.tick == 95.5);
        CHECK(report.requested == told);
        CHECK(report.forged);
        CHECK_FALSE(report.clamped);
    }
}

TEST_CASE("a client that says nothing is taken to see what is likely", "[room][rewind]") {
    const RewindReport report = judged({.told = 0, .likely = 95.5, .newest = 96});
    CHECK(report.tick == 95.5);
    CHECK_FALSE(report.forged);
}

TEST_CASE("who has acknowledged nothing, or was told nothing, sees the present", "[room][rewind]") {
    CHECK(judged({}).tick == now);
    CHECK_FALSE(judged({}).forged);
    CHECK(judged({.told = 95}).tick == now);
    CHECK(judged({.told = 95}).forged);
    CHECK(judged({.told = 95, .likely = 95, .newest = 95}, 0).tick == now);
}

TEST_CASE("nobody gets further back than the options say, nor nearer than what was written", "[room][rewind]") {
    const RewindReport far = judged({.told = 88, .likely = 88, .newest = 90});
    CHECK(far.tick == now - limit);
    CHECK(far.clamped);
    CHECK_FALSE(far.forged);
    const RewindReport near = judged({.told = 97.5, .likely = 97, .newest = 97}, 96);
    CHECK(near.tick == 96);
    CHECK(near.clamped);
    // Nothing was written for long: what is on the screen is older than what counts.
    CHECK(judged({.told = 50, .likely = 50, .newest = 50}, 50).tick == now - limit);
    // Early in the game there is no such tick.
    CHECK(judge({.told = 1, .likely = 1, .newest = 1}, 3, 2, {}, tick_rate).tick == 1);
}

TEST_CASE("half a second is the most, whatever the options say", "[room][rewind]") {
    CHECK(rewind_ticks({}, 30) == Approx(8.5));
    CHECK(rewind_ticks({}, 128) == Approx(33));
    CHECK(rewind_ticks({.depth = 500ms}, 128) == Approx(64));
    CHECK(rewind_ticks({.depth = 10s}, 30) == Approx(15));
    CHECK(rewind_ticks({.depth = 0ms}, 30) == Approx(1));
    CHECK(rewind_ticks({}, 1) == Approx(0.5));
}

TEST_CASE("whatever a client says, the tick is within the clamp", "[room][rewind]") {
    SeededRandom random(7);
    for (int i = 0; i < 100'000; ++i) {
        const Tick at = 1 + static_cast<Tick>(random.below(200));
        const auto any = [&]() -> double {
            switch (random.below(4)) {
                case 0:
                    return 0;
                case 1:
                    return static_cast<double>(random.below(220)) + static_cast<double>(random.below(256)) / 256;
                case 2:
                    return static_cast<double>(random.below(256)) / 256;
                default:
                    return static_cast<double>(random.next() >> 32);
            }
        };
        const Tick written = static_cast<Tick>(random.below(at));
        const ViewTime view{.told = any(), .likely = any(), .newest = static_cast<Tick>(random.below(at))};
        const RewindReport report = judge(view, at, written, {}, tick_rate);
        REQUIRE(report.tick <= at);
        REQUIRE(report.tick >= 0);
        REQUIRE(report.tick >= at - limit);
        REQUIRE((report.tick == at || report.tick <= std::max<double>(written, at - limit)));
    }
}

TEST_CASE("for a tick that an input stands in for the view is so much later", "[room][rewind]") {
    const ViewTime later = ViewTime{.told = 90.25, .likely = 91, .newest = 92}.later(3);
    CHECK(later.told == 93.25);
    CHECK(later.likely == 94);
    CHECK(later.newest == 95);
    CHECK(ViewTime{}.later(3).told == 0);
    CHECK(ViewTime{}.later(3).likely == 0);
}

TEST_CASE("a client's picture lies between the ticks that were written to it", "[room][rewind]") {
    WrittenTicks written;
    CHECK(written.newest() == 0);
    CHECK(written.at_or_before(5) == 0);
    CHECK(written.after(0) == 0);
    for (const Tick tick : {1U, 2U, 4U, 9U}) written.note(tick);
    CHECK(written.newest() == 9);
    CHECK(written.at_or_before(3) == 2);
    CHECK(written.at_or_before(4) == 4);
    CHECK(written.at_or_before(8) == 4);
    CHECK(written.at_or_before(100) == 9);
    CHECK(written.after(2) == 4);
    CHECK(written.after(4) == 9);
    CHECK(written.after(8) == 9);
    CHECK(written.after(9) == 0);
    written.note(9 + WrittenTicks::held - 1);
    CHECK(written.at_or_before(50) == 9);
    CHECK(written.after(9) == 9 + WrittenTicks::held - 1);
    written.note(5000);
    CHECK(written.at_or_before(4999) == 0);
    CHECK(written.after(4999) == 5000);
    CHECK(written.after(1) == 0);
}
