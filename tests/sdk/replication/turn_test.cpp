// The steps of angles: none is lost at the edge, and any number of turns is the same as none.

#include "sdk/core/replication/turn.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sdk/core/base/random.h"

using namespace tidewire;
using tidewire::replication::Turn;

namespace {

constexpr double two_pi = 6.283185307179586476925;

Turn turn(Scalar scalar, double quantum) {
    return Turn(
        {.name = "angle", .scalar = scalar, .offset = 0, .quantum = quantum, .min = 0, .max = 0, .angle = true});
}

}  // namespace

TEST_CASE("steps lie round 0, and as many as the quantum says make a turn", "[replication][turn]") {
    const auto check = [](double quantum, std::int32_t first, std::int32_t last) {
        CAPTURE(quantum);
        for (const Scalar scalar : {Scalar::Float, Scalar::Double}) {
            CHECK(turn(scalar, quantum).first() == first);
            CHECK(turn(scalar, quantum).last() == last);
        }
    };
    check(two_pi / 4096, -2048, 2047);
    check(two_pi / 5, -2, 2);
    check(0.1, -31, 31);
    check(1, -3, 2);
    check(two_pi, 0, 0);
    check(100, 0, 0);
    CHECK(turn(Scalar::Float, 1e-12).last() == (1 << 23) - 1);
    CHECK(turn(Scalar::Double, 1e-12).last() == 1073741823);
}

TEST_CASE("every step of an angle stands for itself", "[replication][turn]") {
    const double steps = GENERATE(1.0, 2.0, 3.0, 5.0, 360.0, 4096.0, 10007.0, 0x1p24);
    CAPTURE(steps);
    for (const Scalar scalar : {Scalar::Float, Scalar::Double}) {
        const Turn made = turn(scalar, two_pi / steps);
        std::int64_t lost = 0;
        for (std::int32_t step = made.first(); step <= made.last(); ++step) {
            lost += made.step(made.value(step)) != step;
            lost += std::abs(made.value(step)) > two_pi / 2 + 1e-6;
        }
        CHECK(lost == 0);
        CHECK(made.last() - made.first() + 1 == static_cast<std::int32_t>(steps));
    }
}

TEST_CASE("whole turns make no difference, and every angle is within half a step of its own", "[replication][turn]") {
    const Turn made = turn(Scalar::Double, two_pi / 4096);
    SeededRandom random(3);
    for (int i = 0; i < 20000; ++i) {
        const double angle = static_cast<double>(random.range(-1000, 1000));
        const std::int32_t step = made.step(angle);
        REQUIRE(made.has(step));
        REQUIRE(std::abs(std::remainder(made.value(step) - angle, two_pi)) <= two_pi / 8192 + 1e-12);
        const double far = made.value(step) + two_pi * static_cast<double>(random.below(1000));
        REQUIRE(made.step(far) == step);
    }
    for (const double angle : {1e300, -1e300, 1e18, 5e-324}) CHECK(made.has(made.step(angle)));
}

TEST_CASE("beyond the last step comes the first", "[replication][turn]") {
    const Turn made = turn(Scalar::Float, two_pi / 4096);
    CHECK(made.step(two_pi / 2) == -2048);
    CHECK(made.step(-two_pi / 2) == -2048);
    CHECK(made.step(made.value(2047) + made.quantum()) == -2048);
    CHECK(made.step(made.value(-2048) - made.quantum()) == 2047);
    const Turn odd = turn(Scalar::Double, two_pi / 3);
    CHECK(odd.step(two_pi / 2 - 0.001) == 1);
    CHECK(odd.step(-two_pi / 2 + 0.001) == -1);
    CHECK(odd.has(odd.step(two_pi / 2)));
}
