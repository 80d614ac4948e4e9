// What the eye gets beyond the state: sparks and bursts.
#include "samples/arena/client/effects.h"

#include <catch2/catch.hpp>

namespace arena {

namespace {

SeenFighter fighter(std::uint32_t index, Vec2 position, int hp) {
    SeenFighter seen;
    seen.index = index;
    seen.position = position;
    seen.hp = hp;
    return seen;
}

}  // namespace

TEST_CASE("a shot that vanishes leaves a spark on what it met", "[arena][client]") {
    const Rect wall = walls[1];
    const float y = wall.y + wall.height / 2;
    Effects effects;
    Scene scene;
    scene.shots.push_back({.id = {5, 1}, .position = {wall.x - 20, y}, .velocity = {900, 0}});
    effects.update(scene, 0.01F);
    CHECK(effects.shown().empty());
    scene.shots.clear();
    effects.update(scene, 0.01F);
    REQUIRE(effects.shown().size() == 1);
    CHECK(effects.shown()[0].kind == Effect::Kind::Spark);
    CHECK(effects.shown()[0].position.x == Approx(wall.x));
    CHECK(effects.shown()[0].position.y == Approx(y));
}

TEST_CASE("an index that another shot took leaves the first one's spark", "[arena][client]") {
    Effects effects;
    Scene scene;
    scene.shots.push_back({.id = {5, 1}, .position = {100, 100}, .velocity = {900, 0}});
    effects.update(scene, 0.01F);
    scene.shots[0] = {.id = {5, 2}, .position = {1500, 1500}, .velocity = {0, 900}};
    effects.update(scene, 0.01F);
    REQUIRE(effects.shown().size() == 1);
    CHECK(effects.shown()[0].position.y == Approx(100));
}

TEST_CASE("a death bursts once, in the fighter's colour, and fades", "[arena][client]") {
    Effects effects;
    Scene scene;
    scene.fighters.push_back(fighter(3, {500, 500}, 10));
    scene.fighters[0].hue = 77;
    effects.update(scene, 0.01F);
    scene.fighters[0].hp = 0;
    effects.update(scene, 0.01F);
    effects.update(scene, 0.01F);
    REQUIRE(effects.shown().size() == 1);
    CHECK(effects.shown()[0].kind == Effect::Kind::Burst);
    CHECK(effects.shown()[0].hue == 77);
    CHECK(effects.shown()[0].progress() > 0);
    for (int frame = 0; frame < 100; ++frame) effects.update(scene, 0.01F);
    CHECK(effects.shown().empty());
}

TEST_CASE("whoever is dead when first seen does not burst", "[arena][client]") {
    Effects effects;
    Scene scene;
    scene.fighters.push_back(fighter(3, {500, 500}, 0));
    effects.update(scene, 0.01F);
    effects.update(scene, 0.01F);
    CHECK(effects.shown().empty());
}

}  // namespace arena
