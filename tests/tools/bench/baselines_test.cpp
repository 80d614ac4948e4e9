// The baselines' sizes, on frames small enough to count by hand.
#include "tools/bench/baselines.h"

#include <array>
#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"

using namespace tidewire::bench;

namespace {

using Values = std::vector<std::int32_t>;

constexpr std::array<unsigned, 3> widths = {18, 9, 1};

/// The size of a delta of one row of one column, 18 bits wide, less the row's bit and the selector.
std::size_t bits_of(std::int32_t delta) {
    // Eight equal rows make whole bytes of any number of bits.
    const Values before(8, 1000);
    const Values after(8, 1000 + delta);
    return bitpack_delta_bytes(before, after, std::array<unsigned, 1>{18}) - 8 * 3 / 8;
}

}  // namespace

TEST_CASE("a full frame costs its widths, rounded up to bytes once", "[bench][baselines]") {
    CHECK(bitpack_full_bytes(widths, 1) == 4);
    CHECK(bitpack_full_bytes(widths, 2) == 7);
    CHECK(bitpack_full_bytes(widths, 8) == 28);
    CHECK(bitpack_full_bytes(widths, 0) == 0);
}

TEST_CASE("unchanged rows cost a bit each", "[bench][baselines]") {
    const Values frame(3 * 16, 5);
    CHECK(bitpack_delta_bytes(frame, frame, widths) == 2);
}

TEST_CASE("a delta takes 4, 8 or all bits, the fewest that hold it", "[bench][baselines]") {
    CHECK(bits_of(1) == 4);
    CHECK(bits_of(7) == 4);
    CHECK(bits_of(-8) == 4);
    CHECK(bits_of(8) == 8);
    CHECK(bits_of(-9) == 8);
    CHECK(bits_of(127) == 8);
    CHECK(bits_of(-128) == 8);
    CHECK(bits_of(128) == 18);
    CHECK(bits_of(-129) == 18);
}

TEST_CASE("a column narrower than a delta is sent whole", "[bench][baselines]") {
    const Values before = {0, 0, 0};
    // One bit for the row, two for each of the columns and the one of the last column: 8 in all.
    CHECK(bitpack_delta_bytes(before, Values{0, 0, 1}, widths) == 1);
    // With 4 more bits for the first column: 12.
    CHECK(bitpack_delta_bytes(before, Values{3, 0, 1}, widths) == 2);
}

TEST_CASE("a still tick is a zstd frame of a few bytes", "[bench][baselines]") {
    const Values frame(3 * 100, 7);
    CHECK(columns_zstd1_bytes(frame, frame, 3) <= 6);
}

TEST_CASE("columns that change alike compress, whatever their rows", "[bench][baselines]") {
    const Values before(4 * 200, 0);
    Values after = before;
    for (std::size_t row = 0; row < 200; row += 2)
        for (std::size_t c = 0; c < 4; ++c) after[row * 4 + c] = static_cast<std::int32_t>(1000 * c);
    CHECK(columns_zstd1_bytes(before, after, 4) < 60);
}

TEST_CASE("a frame alone is small where values or their steps repeat", "[bench][baselines]") {
    Values steps(2 * 500);
    for (std::size_t row = 0; row < 500; ++row) {
        steps[row * 2] = static_cast<std::int32_t>(row * 37);
        steps[row * 2 + 1] = -5;
    }
    CHECK(planes_zstd19_bytes(steps, 2) < 40);
    tidewire::SeededRandom random(1);
    Values noise(2 * 500);
    for (std::int32_t& value : noise) value = static_cast<std::int32_t>(random.below(1U << 16));
    const std::size_t bytes = planes_zstd19_bytes(noise, 2);
    CHECK(bytes > 2 * 500 * 2);
    CHECK(bytes < 2 * 500 * 3 + 50);
}

TEST_CASE("noise costs no more than its bytes and a frame", "[bench][baselines]") {
    tidewire::SeededRandom random(1);
    const Values before(100, 0);
    Values after = before;
    for (std::int32_t& value : after) value = 1 + static_cast<std::int32_t>(random.below(127)) - 64;
    // A hundred rows of one column: a gap and a delta of one byte each.
    const std::size_t bytes = columns_zstd1_bytes(before, after, 1);
    CHECK(bytes > 80);
    CHECK(bytes < 200);
}

TEST_CASE("the extreme values have deltas like any other", "[bench][baselines]") {
    const Values before = {0x7fffffff, -0x7fffffff - 1};
    const Values after = {-0x7fffffff - 1, 0x7fffffff};
    CHECK(bitpack_delta_bytes(before, after, std::array<unsigned, 1>{32}) == 2);
    CHECK(columns_zstd1_bytes(before, after, 1) > 0);
    CHECK(VarintZstdStream(1).send(before, after) > 0);
}

TEST_CASE("the stream pays for its header once and then finds repeated ticks in its window", "[bench][baselines]") {
    tidewire::SeededRandom random(1);
    const Values before(6 * 100, 0);
    Values after = before;
    for (std::int32_t& value : after) value = static_cast<std::int32_t>(random.below(100'000)) - 50'000;
    VarintZstdStream stream(6);
    const std::size_t first = stream.send(before, after);
    const std::size_t second = stream.send(before, after);
    CHECK(first > 100 * 6 * 2);
    CHECK(second < 40);
}

TEST_CASE("a still tick costs the stream next to nothing, but is sent", "[bench][baselines]") {
    const Values frame(6 * 100, 0);
    VarintZstdStream stream(6);
    CHECK(stream.send(frame, frame) <= 6);
    CHECK(stream.send(frame, frame) <= 3);
}
