// The filter's arithmetic, by hand, and the minimum's memory.
#include "sdk/core/netcode/rtt.h"

#include <catch2/catch.hpp>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using netcode::RttEstimator;

TEST_CASE("the first sample is the round trip time and twice the variation (RFC 6298 2.2)", "[netcode][rtt]") {
    RttEstimator rtt;
    CHECK(rtt.samples() == 0);
    CHECK(rtt.minimum(at(0s)) == 0us);
    rtt.add(100ms, at(0s));
    CHECK(rtt.smoothed() == 100ms);
    CHECK(rtt.variation() == 50ms);
    CHECK(rtt.last() == 100ms);
    CHECK(rtt.samples() == 1);
}

TEST_CASE("further samples move the variation first, then the mean (RFC 6298 2.3)", "[netcode][rtt]") {
    RttEstimator rtt;
    rtt.add(100ms, at(0s));
    rtt.add(140ms, at(1s));
    // RTTVAR = 3/4 * 50 + 1/4 * |100 - 140| = 47.5; with SRTT first it would be 46.25. SRTT = 7/8 * 100 + 1/8 * 140.
    CHECK(rtt.variation() == 47'500us);
    CHECK(rtt.smoothed() == 105ms);
    rtt.add(60ms, at(2s));
    // 3/4 * 47.5 + 1/4 * 45 = 46.875; 7/8 * 105 + 1/8 * 60 = 99.375.
    CHECK(rtt.variation() == 46'875us);
    CHECK(rtt.smoothed() == 99'375us);
    CHECK(rtt.last() == 60ms);
}

TEST_CASE("a steady link's smoothed round trip time is exact, and its variation goes to nothing", "[netcode][rtt]") {
    RttEstimator rtt;
    rtt.add(200ms, at(0s));
    for (int i = 1; i <= 200; ++i) rtt.add(80'003us, at(i * 250ms));
    CHECK(std::chrono::abs(rtt.smoothed() - 80'003us) <= 4us);
    CHECK(rtt.variation() <= 8us);
    for (int i = 1; i <= 200; ++i) rtt.add(150'001us, at(60s + i * 250ms));
    CHECK(std::chrono::abs(rtt.smoothed() - 150'001us) <= 4us);
}

TEST_CASE("the minimum is of at least the last five seconds and forgets after ten", "[netcode][rtt]") {
    const auto start = GENERATE(0ms, 1ms, 2500ms, 4999ms);
    CAPTURE(start.count());
    RttEstimator rtt;
    for (auto t = 0ms; t < start; t += 500ms) rtt.add(90ms, at(t));
    rtt.add(20ms, at(start));
    for (auto t = start + 250ms; t <= start + 20s; t += 250ms) {
        rtt.add(80ms, at(t));
        if (t <= start + 5s) CHECK(rtt.minimum(at(t)) == 20ms);
        if (t >= start + 10s) CHECK(rtt.minimum(at(t)) == 80ms);
    }
}

TEST_CASE("the minimum forgets without new samples too, and falls back to the last one", "[netcode][rtt]") {
    RttEstimator rtt;
    rtt.add(20ms, at(0s));
    rtt.add(70ms, at(1s));
    rtt.add(50ms, at(6s));
    CHECK(rtt.minimum(at(9'999ms)) == 20ms);
    CHECK(rtt.minimum(at(10s)) == 50ms);
    rtt.add(60ms, at(6'500ms));
    CHECK(rtt.minimum(at(3600s)) == 60ms);
    rtt.add(75ms, at(3601s));
    CHECK(rtt.minimum(at(3601s)) == 75ms);
}

TEST_CASE("nineteen of twenty samples of the last ten seconds are within the percentile", "[netcode][rtt]") {
    RttEstimator rtt;
    CHECK(rtt.percentile_95(at(0s)) == 0us);
    for (int i = 0; i < 40; ++i) rtt.add(i % 20 == 7 ? 500ms : 80ms + 1ms * (i % 20), at(200ms * i));
    CHECK(rtt.percentile_95(at(8s)) == 99ms);
    rtt.add(700ms, at(8s));
    rtt.add(700ms, at(8s));
    CHECK(rtt.percentile_95(at(8s)) == 500ms);
    // Later only the last ten seconds count, and after them the last sample is all that is known.
    CHECK(rtt.percentile_95(at(17'900ms)) == 700ms);
    CHECK(rtt.percentile_95(at(60s)) == 700ms);
    for (int i = 0; i < 1000; ++i) rtt.add(20ms, at(60s + 1ms * i));
    CHECK(rtt.percentile_95(at(61s)) == 20ms);
}
