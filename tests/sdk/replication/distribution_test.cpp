// Weights become shares of 2^12: whole, complete, and in proportion.
#include "sdk/core/replication/distribution.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "sdk/core/base/random.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

/// Shares follow each other without a gap, none is empty, and every place is found in its own.
void check_complete(const Distribution& distribution) {
    std::uint32_t place = 0;
    for (std::uint32_t symbol = 0; symbol < distribution.symbol_count(); ++symbol) {
        const RansShare share = distribution.share(symbol);
        REQUIRE(share.start == place);
        REQUIRE(share.frequency > 0);
        for (; place < std::uint32_t{share.start} + share.frequency; ++place)
            if (distribution.find(place) != symbol) FAIL("place " << place << " is not found in symbol " << symbol);
    }
    REQUIRE(place == rans_total);
}

}  // namespace

TEST_CASE("every place lies in the share of one symbol", "[replication][distribution]") {
    SeededRandom random(1);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::uint32_t> weights(1 + random.below(Distribution::symbols_max));
        const std::uint32_t kind = random.below(4);
        for (std::uint32_t& weight : weights)
            weight = kind == 0   ? 0
                     : kind == 1 ? static_cast<std::uint32_t>(random.next() >> (32 + random.below(32)))
                     : kind == 2 ? std::numeric_limits<std::uint32_t>::max()
                                 : random.below(3);
        CAPTURE(round, weights.size(), kind);
        check_complete(Distribution(weights));
    }
}

TEST_CASE("shares are in proportion to their weights, but for one place each", "[replication][distribution]") {
    const std::vector<std::uint32_t> weights{900, 90, 9, 1, 0, 0};
    const Distribution distribution(weights);
    for (std::uint32_t symbol = 0; symbol < weights.size(); ++symbol) {
        const double fair = weights[symbol] / 1000.0 * (rans_total - 6.0) + 1;
        CHECK(std::abs(distribution.share(symbol).frequency - fair) <= 6);
    }
    CHECK(distribution.share(5).frequency == 1);
}

TEST_CASE("symbols that say nothing of themselves are alike, and one alone costs nothing",
          "[replication][distribution]") {
    const Distribution alike(std::vector<std::uint32_t>(64, 7));
    for (std::uint32_t symbol = 0; symbol < 64; ++symbol) CHECK(alike.share(symbol).frequency == rans_total / 64);
    const Distribution alone(std::vector<std::uint32_t>{0});
    CHECK(alone.share(0).frequency == rans_total);
    CHECK(alone.find(rans_total - 1) == 0);
}
