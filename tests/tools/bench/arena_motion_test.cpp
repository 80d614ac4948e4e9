// The arena trace keeps the rules of the arena's motion.
#include "tools/bench/arena_motion.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace tidewire::bench;

namespace {

constexpr std::size_t frames = 300;

std::int32_t value(const Trace& trace, std::size_t frame, std::size_t row, ArenaColumn column) {
    return trace.frame(frame)[row * arena_columns + static_cast<std::size_t>(column)];
}

bool moves(const Trace& trace, std::size_t frame, std::size_t row) {
    return value(trace, frame, row, ArenaColumn::VelocityX) != 0 ||
           value(trace, frame, row, ArenaColumn::VelocityY) != 0;
}

}  // namespace

TEST_CASE("the same seed makes the same arena, another seed another", "[bench][arena]") {
    const Trace first = make_arena({.seed = 3}, 50);
    CHECK(first.rows == 1000);
    CHECK(first.frames() == 50);
    CHECK(first.values == make_arena({.seed = 3}, 50).values);
    CHECK(first.values != make_arena({.seed = 4}, 50).values);
}

TEST_CASE("nobody leaves the arena and every value lies in its range", "[bench][arena]") {
    const bool straight = GENERATE(false, true);
    const Trace trace = make_arena({.straight = straight}, frames);
    std::array<std::int32_t, arena_columns> low{};
    std::array<std::int32_t, arena_columns> high{};
    for (std::size_t i = 0; i < trace.values.size(); ++i) {
        low[i % arena_columns] = std::min(low[i % arena_columns], trace.values[i]);
        high[i % arena_columns] = std::max(high[i % arena_columns], trace.values[i]);
    }
    CHECK(low == std::array<std::int32_t, arena_columns>{0, 0, -1200, -1200, -2048, 0});
    CHECK(high[0] <= 2000 * 64);
    CHECK(high[1] <= 2000 * 64);
    CHECK(high[2] <= 1200);
    CHECK(high[3] <= 1200);
    CHECK(high[4] <= 2047);
    CHECK(high[5] <= 100);
}

TEST_CASE("the number of movers holds, and only they and who just stopped change", "[bench][arena]") {
    const Trace trace = make_arena({.entities = 500, .changing = 100}, frames);
    for (std::size_t f = 1; f < trace.frames(); ++f) {
        std::size_t movers = 0;
        std::size_t stopped = 0;
        for (std::size_t row = 0; row < trace.rows; ++row) {
            if (moves(trace, f, row)) ++movers;
            if (moves(trace, f - 1, row) && !moves(trace, f, row)) ++stopped;
        }
        REQUIRE(movers == 100);
        REQUIRE(stopped == 2);
        REQUIRE(changed_rows(trace.frame(f - 1), trace.frame(f), arena_columns) == 102);
    }
}

TEST_CASE("a mover goes ten units a tick in the direction of its angle, except at the walls", "[bench][arena]") {
    const Trace trace = make_arena({}, frames);
    const std::size_t last = trace.frames() - 1;
    std::size_t seen = 0;
    for (std::size_t row = 0; row < trace.rows; ++row) {
        const std::int32_t x = value(trace, last, row, ArenaColumn::X);
        const std::int32_t y = value(trace, last, row, ArenaColumn::Y);
        if (!moves(trace, last, row) || std::min({x, y, 128000 - x, 128000 - y}) < 640) continue;
        ++seen;
        const int step_x = x - value(trace, last - 1, row, ArenaColumn::X);
        const int step_y = y - value(trace, last - 1, row, ArenaColumn::Y);
        CHECK(std::hypot(step_x, step_y) == Approx(640).margin(1));
        const double angle = value(trace, last, row, ArenaColumn::Angle) * 2 * 3.14159265358979323846 / 4096;
        CHECK(std::abs(step_x - 640 * std::cos(angle)) < 2);
        CHECK(std::abs(step_y - 640 * std::sin(angle)) < 2);
        // 64 quanta a unit and a tick are 120 quanta of a quarter unit a second.
        CHECK(std::abs(value(trace, last, row, ArenaColumn::VelocityX) * 64 - step_x * 120) <= 92);
    }
    CHECK(seen > 150);
}

TEST_CASE("who goes straight repeats its step until it meets a wall", "[bench][arena]") {
    const Trace trace = make_arena({.entities = 50, .changing = 50, .straight = true}, frames);
    std::size_t mirrored = 0;
    for (std::size_t f = 2; f < trace.frames(); ++f) {
        for (std::size_t row = 0; row < trace.rows; ++row) {
            if (value(trace, f, row, ArenaColumn::Angle) != value(trace, f - 1, row, ArenaColumn::Angle)) {
                ++mirrored;
                continue;
            }
            const auto step = [&](std::size_t frame) {
                return value(trace, frame, row, ArenaColumn::X) - value(trace, frame - 1, row, ArenaColumn::X);
            };
            if (value(trace, f - 1, row, ArenaColumn::Angle) == value(trace, f - 2, row, ArenaColumn::Angle))
                REQUIRE(step(f) == step(f - 1));
        }
    }
    CHECK(mirrored > 0);
}

TEST_CASE("hit points fall by one near another, and after none there are a hundred", "[bench][arena]") {
    const Trace trace = make_arena({.entities = 1000, .changing = 1000}, frames);
    bool wrapped = false;
    for (std::size_t f = 1; f < trace.frames(); ++f) {
        for (std::size_t row = 0; row < trace.rows; ++row) {
            const std::int32_t before = value(trace, f - 1, row, ArenaColumn::Hp);
            const std::int32_t after = value(trace, f, row, ArenaColumn::Hp);
            if (after == before) continue;
            REQUIRE(after == (before > 0 ? before - 1 : 100));
            wrapped = wrapped || before == 0;
        }
    }
    CHECK(wrapped);
}
