// Two cubes touch where one would say that they do.
#include "tools/bench/cube_touch.h"

#include <catch2/catch.hpp>

using namespace tidewire::bench;

namespace {

const Rotation straight;
/// An eighth of a turn around each axis.
const Rotation around_z{0, 0, 0.3826834323650898, 0.9238795325112867};
const Rotation around_y{0, 0.3826834323650898, 0, 0.9238795325112867};
const Rotation around_x{0.3826834323650898, 0, 0, 0.9238795325112867};

/// From the centre of a cube to the middle of an edge.
const double reach = 0.5 * std::sqrt(2.0);

Cube cube(const Vec3& centre, const Rotation& rotation = straight) { return {centre, axes_of(rotation), 0.5}; }

std::vector<Touch> touches(const Cube& first, const Cube& second) {
    std::vector<Touch> found;
    touch(first, second, 0.02, found);
    return found;
}

}  // namespace

TEST_CASE("cubes farther apart than the margin do not touch", "[bench][cubes]") {
    CHECK(touches(cube({0, 0, 1.03}), cube({})).empty());
    CHECK(touches(cube({1.1, 1.1, 0}), cube({}, around_z)).empty());
}

TEST_CASE("a face on a face touches in its four corners", "[bench][cubes]") {
    const auto found = touches(cube({0.2, 0, 0.99}), cube({}));
    REQUIRE(found.size() == 4);
    for (const Touch& touch : found) {
        CHECK(touch.normal.z == Approx(1));
        CHECK(touch.gap == Approx(-0.01));
        CHECK(std::abs(touch.point.x - 0.1) == Approx(0.4));
        CHECK(std::abs(touch.point.y) == Approx(0.5));
    }
}

TEST_CASE("a turned face on a face touches in the eight corners of what both cover", "[bench][cubes]") {
    CHECK(touches(cube({0, 0, 1.01}, around_z), cube({})).size() == 8);
}

// One cube lies with an edge along y upon another with an edge along x; the edges cross at the origin. No face tells how
// far the two are apart, only the axis across both edges.
TEST_CASE("crossing edges separate cubes whose faces do not", "[bench][cubes]") {
    const Cube below = cube({0, 0, -reach}, around_x);
    const Cube above = cube({0, 0, reach + 0.05}, around_y);
    for (const Vec3& normal : below.axes)
        CHECK(std::abs(dot(above.centre - below.centre, normal)) < below.half + above.reach(normal));
    CHECK(touches(above, below).empty());
}

TEST_CASE("crossing edges touch in one point between them", "[bench][cubes]") {
    const auto found = touches(cube({0, 0, reach - 0.005}, around_y), cube({0, 0, -reach}, around_x));
    REQUIRE(found.size() == 1);
    CHECK(found[0].normal.z == Approx(1));
    CHECK(found[0].gap == Approx(-0.005));
    CHECK(std::abs(found[0].point.x) < 1e-9);
    CHECK(std::abs(found[0].point.y) < 1e-9);
}

TEST_CASE("the normal leads out of the second cube into the first", "[bench][cubes]") {
    const auto found = touches(cube({-0.99, 0, 0}), cube({}));
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].normal.x == Approx(-1));
    const auto reversed = touches(cube({}), cube({-0.99, 0, 0}));
    REQUIRE_FALSE(reversed.empty());
    CHECK(reversed[0].normal.x == Approx(1));
}
