// Residuals as tokens and changes as drifts: exact both ways, at every edge of 32 bits.
#include "sdk/core/replication/token.h"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "sdk/core/base/random.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

/// Every small number, the neighbours of every power of two and of every half octave, and random ones, of both signs.
std::vector<std::int32_t> interesting_values() {
    std::vector<std::int32_t> values{std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int32_t>::max()};
    const auto add = [&](std::int64_t value) {
        for (const std::int64_t signed_value : {value, -value})
            if (signed_value >= std::numeric_limits<std::int32_t>::min() &&
                signed_value <= std::numeric_limits<std::int32_t>::max())
                values.push_back(static_cast<std::int32_t>(signed_value));
    };
    for (std::int64_t value = 0; value < 5000; ++value) add(value);
    for (unsigned octave = 3; octave < 32; ++octave)
        for (const std::int64_t edge : {std::int64_t{1} << octave, std::int64_t{3} << (octave - 1)})
            for (std::int64_t off = -2; off <= 2; ++off) add(edge + off);
    SeededRandom random(7);
    for (int i = 0; i < 20'000; ++i)
        values.push_back(
            static_cast<std::int32_t>(static_cast<std::uint32_t>(random.next() >> 32) >> random.below(32)));
    return values;
}

}  // namespace

TEST_CASE("every residual is its token again, and never the token of what stays the same", "[replication][token]") {
    for (const std::int32_t value : interesting_values()) {
        CAPTURE(value);
        const Token token = to_token(value);
        REQUIRE(token.symbol != token_same);
        REQUIRE(token.symbol < token_symbols);
        REQUIRE(token.bit_count == token_bit_count(token.symbol));
        REQUIRE((token.bit_count == 32 || token.bits >> token.bit_count == 0));
        REQUIRE(from_token(token.symbol, token.bits) == value);
    }
}

TEST_CASE("tokens of residuals below 8 have no bits", "[replication][token]") {
    for (std::int32_t value = -7; value <= 7; ++value) CHECK(to_token(value).bit_count == 0);
    CHECK(to_token(8).bit_count == 2);
    CHECK(to_token(-511).bit_count == 7);
    CHECK(to_token(512).bit_count == 10);
    CHECK(to_token(std::numeric_limits<std::int32_t>::min()).bit_count == 32);
}

TEST_CASE("no residual within a magnitude takes a symbol above the magnitude's largest", "[replication][token]") {
    SeededRandom random(8);
    for (const std::int32_t value : interesting_values()) {
        const std::uint32_t magnitude = token::magnitude(value);
        CAPTURE(value);
        REQUIRE(to_token(value).symbol <= token_symbol_max(magnitude));
        const std::uint32_t larger = magnitude + random.below(0x80000000U - magnitude);
        CAPTURE(larger);
        REQUIRE(token_symbol_max(magnitude) <= token_symbol_max(larger));
    }
    CHECK(token_symbol_max(0) == 1);
    CHECK(token_symbol_max(0x80000000U) == token_symbols - 1);
}

TEST_CASE("any bits after any symbol are a residual", "[replication][token]") {
    SeededRandom random(9);
    for (std::uint32_t symbol = 1; symbol < token_symbols; ++symbol)
        for (int i = 0; i < 100; ++i) {
            const unsigned count = token_bit_count(symbol);
            const auto bits = static_cast<std::uint32_t>(count == 0 ? 0 : random.next() >> (64 - count));
            const std::int32_t value = from_token(symbol, bits);
            CAPTURE(symbol, bits, value);
            // Magnitudes of more than 31 bits wrap: no encoder writes them, and a reader gets something.
            if (symbol == token_symbols - 1 && bits != 1) continue;
            REQUIRE(to_token(value).symbol == symbol);
            REQUIRE(to_token(value).bits == bits);
        }
}

TEST_CASE("a drift keeps the sign and an eighth of an octave", "[replication][token]") {
    for (const std::int32_t value : interesting_values()) {
        CAPTURE(value);
        const std::int32_t drift = to_drift(value);
        REQUIRE(token::magnitude(drift) <= drift_max);
        REQUIRE((drift < 0) == (value < 0));
        const std::int64_t back = from_drift(drift);
        if (token::magnitude(value) < 16) REQUIRE(back == value);
        const std::int64_t off = back > value ? back - value : std::int64_t{value} - back;
        REQUIRE(off * 16 <= std::int64_t{token::magnitude(value)});
    }
}

TEST_CASE("a drift of the change that a drift stands for is itself", "[replication][token]") {
    for (auto drift = -static_cast<std::int32_t>(drift_max); drift <= static_cast<std::int32_t>(drift_max); ++drift)
        CHECK(to_drift(from_drift(drift)) == drift);
}
