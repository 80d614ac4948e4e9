// The small world falls, tumbles and comes to rest.
#include "tools/bench/rigid_cubes.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace tidewire::bench;

namespace {

Body tumbling() {
    Body body;
    body.position = {0, 0, 2};
    body.velocity = {3, -1, 0};
    body.angular = {5, 9, -4};
    return body;
}

void run(RigidCubes& world, int steps) {
    for (int i = 0; i < steps; ++i) world.step();
}

/// Of the axes of the cube, the cosine of the steepest with the vertical: 1 when it lies flat.
double flatness(const Body& body) {
    double steepest = 0;
    for (const Vec3& axis : axes_of(body.rotation)) steepest = std::max(steepest, std::abs(axis.z));
    return steepest;
}

bool same_place(const Body& a, const Body& b) {
    return std::memcmp(&a.position, &b.position, sizeof a.position) == 0 &&
           std::memcmp(&a.rotation, &b.rotation, sizeof a.rotation) == 0;
}

}  // namespace

TEST_CASE("a thrown cube tumbles, comes to rest flat on the ground and sleeps", "[bench][cubes]") {
    RigidCubes world({tumbling()});
    run(world, 60);
    CHECK_FALSE(world.bodies()[0].asleep);
    CHECK(world.bodies()[0].position.x > 1);
    run(world, 600);
    CHECK(world.bodies()[0].asleep);
    CHECK(world.bodies()[0].position.z == Approx(0.2).margin(0.01));
    CHECK(flatness(world.bodies()[0]) > 0.999);
}

TEST_CASE("a sleeper keeps its place to the last bit", "[bench][cubes]") {
    RigidCubes world({tumbling()});
    run(world, 660);
    REQUIRE(world.bodies()[0].asleep);
    const Body before = world.bodies()[0];
    run(world, 300);
    CHECK(same_place(world.bodies()[0], before));
}

TEST_CASE("a sleeper wakes when something moving touches it, and is pushed", "[bench][cubes]") {
    Body sleeper;
    sleeper.position = {0, 0, 0.2};
    sleeper.asleep = true;
    Body far_sleeper = sleeper;
    far_sleeper.position = {0, 5, 0.2};
    Body slider = sleeper;
    slider.asleep = false;
    slider.position = {-1, 0, 0.2};
    slider.velocity = {6, 0, 0};
    RigidCubes world({sleeper, far_sleeper, slider});
    run(world, 30);
    CHECK_FALSE(world.bodies()[0].asleep);
    CHECK(world.bodies()[0].position.x > 0.2);
    CHECK(same_place(world.bodies()[1], far_sleeper));
}

TEST_CASE("a cube dropped on another rests on it", "[bench][cubes]") {
    Body lower;
    lower.position = {0, 0, 0.2};
    Body upper = lower;
    upper.position = {0.05, 0.02, 0.7};
    RigidCubes world({lower, upper});
    run(world, 240);
    CHECK(world.bodies()[0].asleep);
    CHECK(world.bodies()[1].asleep);
    CHECK(world.bodies()[1].position.z == Approx(0.6).margin(0.02));
}

TEST_CASE("a slow cube does not bounce and a fast one does, lower than it fell", "[bench][cubes]") {
    Body dropped;
    dropped.position = {0, 0, 1.2};
    RigidCubes world({dropped});
    double highest_after_impact = 0;
    bool landed = false;
    for (int i = 0; i < 120; ++i) {
        world.step();
        const Body& body = world.bodies()[0];
        landed = landed || body.position.z < 0.22;
        if (landed) highest_after_impact = std::max(highest_after_impact, body.position.z);
    }
    CHECK(highest_after_impact > 0.23);
    CHECK(highest_after_impact < 0.5);
    CHECK(world.bodies()[0].asleep);
}

TEST_CASE("the last step's touching pairs are told", "[bench][cubes]") {
    Body lower;
    lower.position = {0, 0, 0.2};
    Body upper = lower;
    upper.position = {0, 0, 0.6};
    Body apart = lower;
    apart.position = {3, 0, 0.2};
    RigidCubes world({lower, upper, apart});
    world.step();
    REQUIRE_FALSE(world.pairs().empty());
    for (const auto& [first, second] : world.pairs()) {
        CHECK(first == 0);
        CHECK(second == 1);
    }
}
