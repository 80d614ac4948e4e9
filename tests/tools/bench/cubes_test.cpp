// The cubes trace is what the delta bench says it is: seeded, in its widths, and mostly at rest.
#include "tools/bench/cubes.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace tidewire::bench;

namespace {

constexpr std::size_t second = 60;  // frames

/// Recorded once: twelve seconds are enough for every promise.
const Trace& recorded() {
    static const Trace trace = make_cubes(1, 12 * second);
    return trace;
}

std::int32_t value(std::size_t frame, std::size_t row, CubeColumn column) {
    return recorded().frame(frame)[row * cube_columns + static_cast<std::size_t>(column)];
}

/// Whether no column of the cube changes from one frame to the other.
bool constant(std::size_t row, std::size_t from, std::size_t to) {
    const auto at = [row](std::size_t f) { return recorded().frame(f).subspan(row * cube_columns, cube_columns); };
    for (std::size_t f = from + 1; f <= to; ++f)
        if (!std::equal(at(f).begin(), at(f).end(), at(from).begin())) return false;
    return true;
}

}  // namespace

TEST_CASE("the same seed makes the same cubes, another seed others", "[bench][cubes]") {
    const Trace first = make_cubes(7, 2 * second);
    CHECK(first.rows == cube_rows);
    CHECK(first.frames() == 2 * second);
    CHECK(first.values == make_cubes(7, 2 * second).values);
    CHECK(first.values != make_cubes(8, 2 * second).values);
}

TEST_CASE("a shorter trace is the beginning of a longer one", "[bench][cubes]") {
    const Trace beginning = make_cubes(1, second);
    CHECK(std::equal(beginning.values.begin(), beginning.values.end(), recorded().values.begin()));
}

TEST_CASE("every value of a cube lies in the range of its width", "[bench][cubes]") {
    std::array<std::int32_t, cube_columns> low{};
    std::array<std::int32_t, cube_columns> high{};
    for (std::size_t i = 0; i < recorded().values.size(); ++i) {
        low[i % cube_columns] = std::min(low[i % cube_columns], recorded().values[i]);
        high[i % cube_columns] = std::max(high[i % cube_columns], recorded().values[i]);
    }
    for (std::size_t c = 0; c < cube_columns; ++c) {
        INFO("column " << c);
        const bool is_signed = c == static_cast<std::size_t>(CubeColumn::PositionX) ||
                               c == static_cast<std::size_t>(CubeColumn::PositionY);
        CHECK(low[c] >= (is_signed ? -(1 << (cube_widths[c] - 1)) : 0));
        CHECK(high[c] < (1 << (is_signed ? cube_widths[c] - 1 : cube_widths[c])));
    }
}

TEST_CASE("after the first second about 100 cubes change from frame to frame", "[bench][cubes]") {
    double changed = 0;
    for (std::size_t f = second; f < recorded().frames(); ++f)
        changed += static_cast<double>(changed_rows(recorded().frame(f - 1), recorded().frame(f), cube_columns));
    const double mean = changed / static_cast<double>(recorded().frames() - second);
    CHECK(mean > 90);
    CHECK(mean < 110);
}

TEST_CASE("cubes that nobody reached stand where they stood, to the quantum", "[bench][cubes]") {
    std::size_t untouched = 0;
    for (std::size_t row = 1; row < cube_rows; ++row)
        if (constant(row, 0, second)) ++untouched;
    CHECK(untouched > 500);
}

TEST_CASE("cubes that were moved come to rest, flat and elsewhere", "[bench][cubes]") {
    const std::size_t last = recorded().frames() - 1;
    std::size_t settled = 0;
    std::size_t flat = 0;
    for (std::size_t row = 1; row < cube_rows; ++row) {
        const bool moved = value(last, row, CubeColumn::PositionX) != value(0, row, CubeColumn::PositionX);
        if (!moved || !constant(row, last - second, last)) continue;
        ++settled;
        // The centre of a flat cube of 0.4 m is 102 quanta above the ground.
        if (std::abs(value(last, row, CubeColumn::PositionZ) - 102) <= 4) ++flat;
    }
    CHECK(settled > 100);
    CHECK(flat > settled * 3 / 4);
}

TEST_CASE("the player's cube always interacts, others while they are pushed, and none at rest", "[bench][cubes]") {
    const std::size_t last = recorded().frames() - 1;
    std::size_t pushed = 0;
    for (std::size_t f = 0; f <= last; ++f) {
        REQUIRE(value(f, 0, CubeColumn::Interacting) == 1);
        for (std::size_t row = 1; row < cube_rows; ++row)
            if (value(f, row, CubeColumn::Interacting) == 1) ++pushed;
    }
    CHECK(pushed > 10 * last);
    for (std::size_t row = 1; row < cube_rows; ++row)
        if (constant(row, last - second, last)) CHECK(value(last, row, CubeColumn::Interacting) == 0);
}
