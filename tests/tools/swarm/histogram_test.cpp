// Quantiles of durations, to within one part in a hundred.
#include "tools/swarm/histogram.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::swarm;
using namespace std::chrono_literals;

TEST_CASE("without values there is no quantile", "[swarm][histogram]") {
    const Histogram none;
    CHECK(none.count() == 0);
    CHECK_FALSE(none.quantile_ms(0.5));
    CHECK_FALSE(none.max_ms());
}

TEST_CASE("quantiles are right to one part in a hundred, over nine magnitudes", "[swarm][histogram]") {
    for (const std::int64_t unit : {1, 37, 1000, 12'345, 1'000'000}) {
        Histogram histogram;
        for (int i = 1; i <= 1000; ++i) histogram.add(Duration(unit * i));
        INFO(unit);
        const double ms = static_cast<double>(unit) / 1000;
        CHECK(*histogram.quantile_ms(0.5) == Approx(500 * ms).epsilon(0.01));
        CHECK(*histogram.quantile_ms(0.99) == Approx(990 * ms).epsilon(0.01));
        CHECK(*histogram.quantile_ms(0) == Approx(1 * ms).epsilon(0.01));
        CHECK(*histogram.max_ms() == Approx(1000 * ms));
    }
}

TEST_CASE("histograms add up, and what is below zero is zero", "[swarm][histogram]") {
    Histogram a;
    a.add(-5ms);
    Histogram b;
    b.add(1h);
    a.merge(b);
    CHECK(a.count() == 2);
    CHECK(*a.quantile_ms(0.5) == 0);
    CHECK(*a.quantile_ms(1) == Approx(3.6e6).epsilon(0.01));
}
