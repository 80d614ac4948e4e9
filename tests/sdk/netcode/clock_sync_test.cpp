// Two clocks and a link with known delays: how near the estimate comes, and how gently it moves.
#include "sdk/core/netcode/clock_sync.h"

#include <catch2/catch.hpp>
#include <limits>

#include "sdk/core/base/random.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using netcode::ClockSync;

namespace {

/// A ping that leaves at `sent` and meets these delays, answered by a server whose clock is ahead by `offset`.
netcode::PingSample ping(TimePoint sent, Duration forth, Duration hold, Duration back, Duration offset) {
    return {.sent = sent, .received = sent + forth + offset, .hold = hold, .returned = sent + forth + hold + back};
}

}  // namespace

TEST_CASE("before the first sample the offset is zero and nobody is synchronised", "[netcode][clock]") {
    const ClockSync clock;
    CHECK_FALSE(clock.synchronized());
    CHECK(clock.offset(at(5s)) == 0us);
    CHECK(clock.error_max() == 0us);
}

TEST_CASE("the first sample snaps, and the server's hold time is no part of the round trip", "[netcode][clock]") {
    const auto offset = GENERATE(Duration(-7h), Duration(0), Duration(123456us), Duration(24h));
    ClockSync clock;
    clock.add(ping(at(0s), 40ms, 25ms, 40ms, offset));
    CHECK(clock.synchronized());
    CHECK(clock.rtt().last() == 80ms);
    CHECK(clock.offset(at(1s)) == offset);
    CHECK(clock.to_server(at(1s)) == at(1s) + offset);
    CHECK(clock.error_max() == 40ms);
}

TEST_CASE("on a symmetric link with jitter the offset is within two milliseconds", "[netcode][clock]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U);
    CAPTURE(seed);
    SeededRandom random(seed);
    const Duration offset = 3s;
    ClockSync clock;
    Duration worst{0};
    for (int i = 0; i < 240; ++i) {
        // Queues make delays longer, never shorter: mostly a little, now and then a lot.
        const auto delay = [&] {
            const Duration queue =
                random.below(4) == 0 ? Duration(random.below(60'000)) : Duration(random.below(4'000));
            return 80ms + queue;
        };
        const Duration forth = delay();
        const Duration back = delay();
        clock.add(ping(at(i * 250ms), forth, 1ms, back, offset));
        if (i >= 40) worst = std::max(worst, std::chrono::abs(clock.offset(at(i * 250ms + 170ms)) - offset));
    }
    CHECK(worst < 2ms);
}

TEST_CASE("on an asymmetric link the error stays within the published bound", "[netcode][clock]") {
    const auto [forth, back] = GENERATE(std::pair{10ms, 150ms}, std::pair{150ms, 10ms}, std::pair{0ms, 80ms});
    ClockSync clock;
    for (int i = 0; i < 100; ++i) {
        clock.add(ping(at(i * 250ms), forth, 0ms, back, 5s));
        const Duration error = std::chrono::abs(clock.offset(at(i * 250ms)) - 5s);
        CHECK(error <= clock.error_max());
    }
    CHECK(clock.error_max() == (forth + back) / 2);
}

TEST_CASE("samples that waited in a queue do not move the offset", "[netcode][clock]") {
    ClockSync clock;
    clock.add(ping(at(0s), 40ms, 0ms, 40ms, 1s));
    for (int i = 1; i < 20; ++i) clock.add(ping(at(i * 250ms), 40ms, 0ms, 300ms, 1s));
    CHECK(clock.offset(at(5s)) == 1s);
    CHECK(clock.error_max() == 40ms);
    CHECK(clock.rtt().smoothed() > 200ms);
}

TEST_CASE("after the first sample the offset slews by at most five milliseconds per second", "[netcode][clock]") {
    ClockSync clock;
    clock.add(ping(at(0s), 100ms, 0ms, 20ms, 0s));  // says +40 ms
    CHECK(clock.offset(at(120ms)) == 40ms);
    Duration last = clock.offset(at(120ms));
    for (int i = 1; i <= 120; ++i) {
        clock.add(ping(at(i * 250ms), 10ms, 0ms, 10ms, 0s));
        const Duration now = clock.offset(at(i * 250ms + 20ms));
        CHECK(last - now >= 0us);
        CHECK(last - now <= 1'250us);
        last = now;
    }
    CHECK(last == 0us);
}

TEST_CASE("the offset follows a server clock that drifts", "[netcode][clock]") {
    ClockSync clock;
    for (int i = 0; i < 2400; ++i) {
        const Duration drift = i * 250us / 10;  // 100 ppm
        clock.add(ping(at(i * 250ms), 30ms, 0ms, 30ms, drift));
        CHECK(std::chrono::abs(clock.offset(at(i * 250ms + 60ms)) - drift) < 2ms);
    }
}

TEST_CASE("when the route becomes longer for good, its samples count after the minimum has forgotten",
          "[netcode][clock]") {
    ClockSync clock;
    for (int i = 0; i < 40; ++i) clock.add(ping(at(i * 250ms), 20ms, 0ms, 20ms, 0s));
    for (int i = 40; i < 120; ++i) clock.add(ping(at(i * 250ms), 90ms, 0ms, 90ms, 0s));
    CHECK(clock.error_max() == 90ms);
    CHECK(clock.offset(at(30s)) == 0us);
}

TEST_CASE("samples that claim the impossible are ignored", "[netcode][clock]") {
    ClockSync clock;
    clock.add(ping(at(0s), 40ms, 0ms, 40ms, 0s));
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    const netcode::PingSample lies[] = {
        {.sent = at(1s), .received = at(1s), .hold = 200ms, .returned = at(1s + 100ms)},  // a negative round trip
        {.sent = at(1s), .received = at(1s), .hold = -1us, .returned = at(1s + 100ms)},
        {.sent = at(1s), .received = at(1s), .hold = Duration(lowest), .returned = at(1s + 100ms)},
        {.sent = at(1s), .received = at(1s), .hold = Duration(highest), .returned = at(1s + 100ms)},
        {.sent = at(1s), .received = TimePoint(Duration(lowest)), .hold = 0us, .returned = at(1s + 10ms)},
        {.sent = at(1s), .received = TimePoint(Duration(highest)), .hold = 0us, .returned = at(1s + 10ms)},
    };
    for (const auto& lie : lies) clock.add(lie);
    CHECK(clock.rtt().samples() == 1);
    CHECK(clock.offset(at(2s)) == 0us);
}
