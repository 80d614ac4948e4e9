// Where the picture looks.
#include "samples/arena/client/camera.h"

#include <catch2/catch.hpp>

namespace arena {

TEST_CASE("a pixel and the place in the arena that it shows belong together", "[arena][client]") {
    Camera camera;
    camera.screen = {0, 0, 1280, 720};
    camera.follow({700, 900}, 0);
    for (const Vec2 pixel : {Vec2{0, 0}, Vec2{1280, 720}, Vec2{640, 360}, Vec2{17, 700}}) {
        const Vec2 back = camera.to_screen(camera.to_arena(pixel));
        CHECK(back.x == Approx(pixel.x).margin(0.01));
        CHECK(back.y == Approx(pixel.y).margin(0.01));
    }
    CHECK(camera.to_arena({640, 360}) == Vec2{700, 900});
}

TEST_CASE("the whole arena fits any window", "[arena][client]") {
    for (const auto& [width, height] : {std::pair{1280.0F, 720.0F}, {320.0F, 240.0F}, {600.0F, 1400.0F}}) {
        CAPTURE(width, height);
        Camera camera;
        camera.screen = {0, 0, width, height};
        camera.show_all();
        for (const Vec2 corner : {Vec2{0, 0}, Vec2{arena_size, 0}, Vec2{0, arena_size}, Vec2{arena_size, arena_size}})
            CHECK(camera.screen.contains(camera.to_screen(corner)));
    }
}

TEST_CASE("the camera follows smoothly and never strays far outside", "[arena][client]") {
    Camera camera;
    camera.screen = {0, 0, 1280, 720};
    camera.follow({1000, 1000}, 0);
    float distance = 200;
    for (int frame = 0; frame < 45; ++frame) {
        camera.follow({1200, 1000}, 1.0F / 60);
        const float now = 1200 - camera.centre.x;
        CHECK(now < distance);
        CHECK(distance - now < 100);
        distance = now;
    }
    CHECK(camera.to_screen(Vec2{1200, 1000}).x == Approx(640).margin(1));
    for (int frame = 0; frame < 300; ++frame) camera.follow({20, 20}, 1.0F / 60);
    CHECK(camera.to_arena({0, 0}).x > -100);
    CHECK(camera.to_arena({0, 0}).y > -100);
}

}  // namespace arena
