// The map of the arena is well formed.
#include "samples/arena/map.h"

#include <catch2/catch.hpp>

#include "samples/arena/routes.h"
#include "samples/arena/rules.h"

namespace arena {

TEST_CASE("every wall lies inside the arena and is thick enough to stop a body", "[arena][map]") {
    for (const Rect& wall : walls) {
        CAPTURE(wall.x, wall.y, wall.width, wall.height);
        CHECK(wall.x >= 0);
        CHECK(wall.y >= 0);
        CHECK(wall.right() <= arena_size);
        CHECK(wall.bottom() <= arena_size);
        CHECK(wall.width >= 2 * body_radius);
        CHECK(wall.height >= 2 * body_radius);
    }
}

TEST_CASE("the map is the same seen from all four corners", "[arena][map]") {
    for (const Rect& wall : walls) {
        CAPTURE(wall.x, wall.y);
        const Rect across{arena_size - wall.right(), wall.y, wall.width, wall.height};
        const Rect below{wall.x, arena_size - wall.bottom(), wall.width, wall.height};
        for (const Rect& mirrored : {across, below})
            CHECK(std::any_of(walls.begin(), walls.end(), [&](const Rect& other) {
                return other.x == mirrored.x && other.y == mirrored.y && other.width == mirrored.width &&
                       other.height == mirrored.height;
            }));
    }
}

TEST_CASE("wherever a fighter may appear it touches nothing", "[arena][map]") {
    const float clear = body_radius + spawn_spread * 1.4143F;
    for (const Vec2 point : spawn_points) {
        CAPTURE(point.x, point.y);
        for (const Rect& wall : walls) CHECK_FALSE(circle_overlaps(point, clear, wall));
        CHECK(Rect{0, 0, arena_size, arena_size}.grown(-body_radius - spawn_spread).contains(point));
    }
}

TEST_CASE("from every spawn point there is a way to every other, which no wall blocks", "[arena][map]") {
    const Routes routes;
    for (const Vec2 start : spawn_points) {
        for (std::uint32_t destination = 0; destination < Routes::destination_count; ++destination) {
            CAPTURE(start.x, start.y, destination);
            Vec2 position = start;
            int steps = 0;
            for (; steps < 3000; ++steps) {
                const Vec2 way = routes.way(position, destination);
                if (way == Vec2{}) break;
                const Motion motion = moved({position, way * run_speed}, 1.0F / 60);
                REQUIRE(length(motion.position - position) > 0.1F);
                position = motion.position;
            }
            REQUIRE(steps < 3000);
            CHECK(length(position - spawn_points[destination]) < 2 * Routes::cell_size);
        }
    }
}

}  // namespace arena
