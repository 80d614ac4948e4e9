// Cells and distances, and what a grid cannot be made of.
#include "server/room/interest_grid.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "tests/server/room/interest_world.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::interest_schema;
using tidewire::test::sample_grid;

namespace {

InterestGrid grid_of(const InterestOptions& options = sample_grid()) {
    auto grid = InterestGrid::create(options, interest_schema());
    REQUIRE(grid);
    return std::move(*grid);
}

std::string refused(GridOptions grid) {
    InterestOptions options = sample_grid();
    options.grid = grid;
    const auto made = InterestGrid::create(options, interest_schema());
    REQUIRE_FALSE(made);
    CHECK(made.error().blame == Blame::Caller);
    return made.error().message;
}

constexpr std::int32_t step(double units) { return static_cast<std::int32_t>(units * 8); }

}  // namespace

TEST_CASE("the grid covers the range that the schema gives the position", "[interest][grid]") {
    const InterestGrid grid = grid_of();
    CHECK(grid.cell_count() == 256);
    CHECK(grid.cell(step(0), step(0)) == 0);
    CHECK(grid.cell(step(63.875), step(0)) == 0);
    CHECK(grid.cell(step(64), step(0)) == 1);
    CHECK(grid.cell(step(0), step(64)) == 16);
    CHECK(grid.cell(step(1024), step(1024)) == 255);
}

TEST_CASE("what lies outside the bounds is in the nearest cell at the edge", "[interest][grid]") {
    InterestOptions options = sample_grid();
    options.grid->bounds = GridBounds{.min_x = 256, .min_y = 256, .max_x = 512, .max_y = 320};
    const InterestGrid grid = grid_of(options);
    CHECK(grid.cell_count() == 4);
    CHECK(grid.cell(step(0), step(1000)) == 0);
    CHECK(grid.cell(step(1024), step(300)) == 3);
    CHECK(grid.holds(0, step(0), step(1000)));
    CHECK(grid.holds(3, step(1024), step(0)));
    CHECK(grid.distance(3, {2000, -50}) == 0);
}

TEST_CASE("a cell holds what is beyond its border by the margin and no more", "[interest][grid]") {
    const InterestGrid grid = grid_of();
    CHECK(grid.holds(17, step(60), step(132)));
    CHECK_FALSE(grid.holds(17, step(59.875), step(100)));
    CHECK_FALSE(grid.holds(17, step(100), step(132.125)));
}

TEST_CASE("the distance of a cell is never more than that of anything it holds", "[interest][grid]") {
    const InterestGrid grid = grid_of();
    SeededRandom random(7);
    for (int i = 0; i < 20000; ++i) {
        const std::int32_t x = static_cast<std::int32_t>(random.below(8193));
        const std::int32_t y = static_cast<std::int32_t>(random.below(8193));
        const std::uint32_t cell = random.below(grid.cell_count());
        const GridPoint focus{double{random.range(0, 1024)}, double{random.range(0, 1024)}};
        if (grid.holds(cell, x, y)) {
            const GridPoint point = grid.point(x, y);
            CHECK(grid.distance(cell, focus) <= std::hypot(point.x - focus.x, point.y - focus.y) + 1e-9);
        }
        REQUIRE(grid.holds(grid.cell(x, y), x, y));
    }
}

TEST_CASE("looking near a point misses no cell of the radius", "[interest][grid]") {
    const InterestGrid grid = grid_of();
    SeededRandom random(8);
    for (int i = 0; i < 300; ++i) {
        const GridPoint point{double{random.range(-200, 1200)}, double{random.range(-200, 1200)}};
        const double radius = double{random.range(0, 400)};
        std::vector<bool> visited(grid.cell_count());
        grid.visit_near(point, radius, [&](std::uint32_t cell, double distance) {
            CHECK(distance == grid.distance(cell, point));
            CHECK_FALSE(visited[cell]);
            visited[cell] = true;
        });
        for (std::uint32_t cell = 0; cell < grid.cell_count(); ++cell)
            if (grid.distance(cell, point) <= radius) CHECK(visited[cell]);
    }
}

TEST_CASE("options of a grid that cannot work are refused with the remedy", "[interest][grid]") {
    using Catch::Matchers::Contains;
    using std::chrono::milliseconds;
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK_THAT(refused({.cell_size = 0}), Contains("more than 0 units"));
    CHECK_THAT(refused({.cell_size = nan}), Contains("cell_size"));
    CHECK_THAT(refused({.enter_radius = 0}), Contains("make it a distance above 0"));
    CHECK_THAT(refused({.enter_radius = 300, .leave_radius = 299}), Contains("make it a quarter larger"));
    CHECK_THAT(refused({.leave_dwell = milliseconds(-1)}), Contains("0 to 3600000 milliseconds"));
    CHECK_THAT(refused({.half_rate_from = -1}), Contains("use 0"));
    CHECK_THAT(refused({.half_rate_from = 200, .quarter_rate_from = 100}), Contains("or 0 to have no quarter rate"));
    CHECK_THAT(refused({.border_margin = 0.6F}), Contains("from 0 to 0.5"));
    CHECK_THAT(refused({.cells_max = 0}), Contains("1 to 16384"));
    CHECK_THAT(refused({.cells_max = 20000}), Contains("1 to 16384"));
    CHECK_THAT(refused({.bounds = GridBounds{.min_x = 5, .min_y = 0, .max_x = 5, .max_y = 9}}),
               Contains("max_x above"));
}

TEST_CASE("a grid of too many cells says which side would do, and it does", "[interest][grid]") {
    const std::string reason = refused({.cell_size = 4});
    INFO(reason);
    const std::string_view before = "raise cell_size to ";
    const std::size_t at = reason.find(before);
    REQUIRE(at != std::string::npos);
    InterestOptions options = sample_grid();
    options.grid->cell_size = std::stof(reason.substr(at + before.size()));
    CHECK(options.grid->cell_size < 20);
    CHECK(InterestGrid::create(options, interest_schema()));
}

TEST_CASE("a grid that shows more cells than a client can be told of says which side would do, and it does",
          "[interest][grid]") {
    const std::string_view before = "raise cell_size to ";
    for (const float radius : {260.0F, 400.0F, 900.0F, 1e6F}) {
        for (const float margin : {0.0F, 0.0625F, 0.5F}) {
            GridOptions grid{.cell_size = 8, .enter_radius = 64, .leave_radius = radius, .border_margin = margin};
            grid.cells_max = 16384;
            const std::string reason = refused(grid);
            CAPTURE(reason, radius, margin);
            CHECK_THAT(reason, Catch::Matchers::Contains("a client can be told of in a tick"));
            CHECK_THAT(reason, Catch::Matchers::Contains("or lower leave_radius"));
            const std::size_t at = reason.find(before);
            REQUIRE(at != std::string::npos);
            grid.cell_size = std::stof(reason.substr(at + before.size()));
            CHECK(grid.cell_size < 40);
            InterestOptions options = sample_grid();
            options.grid = grid;
            CHECK(InterestGrid::create(options, interest_schema()));
        }
    }
}

TEST_CASE("a grid that is taken shows a client at most 1000 cells, give or take those at the rim", "[interest][grid]") {
    SeededRandom random(9);
    std::size_t taken = 0;
    std::size_t many = 0;
    for (int i = 0; i < 300; ++i) {
        InterestOptions options = sample_grid();
        options.grid->cell_size = random.range(8, 40);
        options.grid->leave_radius = random.range(100, 1200);
        options.grid->cells_max = 16384;
        const auto grid = InterestGrid::create(options, interest_schema());
        if (!grid) continue;
        ++taken;
        const double radius = double{options.grid->leave_radius} + grid->margin() * std::sqrt(2.0);
        for (int focus = 0; focus < 10; ++focus) {
            const GridPoint point{double{random.range(0, 1024)}, double{random.range(0, 1024)}};
            std::size_t shown = 0;
            for (std::uint32_t cell = 0; cell < grid->cell_count(); ++cell)
                shown += grid->distance(cell, point) <= radius ? 1U : 0U;
            CHECK(shown <= 1020);
            many += shown > 700 ? 1U : 0U;
        }
    }
    CHECK(taken > 50);
    CHECK(many > 20);
}

TEST_CASE("a grid needs two quantised coordinates that everybody may know", "[interest][grid]") {
    using Catch::Matchers::Contains;
    const auto refused_field = [](std::uint16_t component, std::uint16_t x, std::uint16_t y) {
        InterestOptions options = sample_grid();
        options.component = component;
        options.x_offset = x;
        options.y_offset = y;
        const auto made = InterestGrid::create(options, interest_schema());
        REQUIRE_FALSE(made);
        return made.error().message;
    };
    CHECK_THAT(refused_field(0, 0, 0), Contains("both are test.Place.x"));
    CHECK_THAT(refused_field(0, 0, 2), Contains("members of it that are numbers"));
    CHECK_THAT(refused_field(1, 0, 0), Contains("test.Flag.color") && Contains("(quantize:"));
    CHECK_THAT(refused_field(2, 0, 0), Contains("only owners are told"));
    CHECK_THAT(refused_field(9, 0, 0), Contains("Server::grid()"));
}
