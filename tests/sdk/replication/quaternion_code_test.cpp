// Quaternions as their smallest three: what they lose, and that they lose it once.

#include "sdk/core/replication/quaternion_code.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sdk/core/base/random.h"

using namespace tidewire;
using tidewire::replication::QuaternionCode;
using Components = QuaternionCode::Components;
using Slots = QuaternionCode::Slots;

namespace {

/// The angle between two rotations of any length; |sin| of its half is exact where the cosine is not.
double angle_between(const Components& a, const Components& b) {
    double dot = 0, aa = 0, bb = 0, away = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
        bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
        const double x = static_cast<double>(a[i]) / std::sqrt(aa);
        const double y = std::copysign(static_cast<double>(b[i]) / std::sqrt(bb), dot * static_cast<double>(b[i]));
        away += (x - y) * (x - y);
    }
    return 4 * std::asin(std::min(1.0, std::sqrt(away) / 2));
}

/// Any rotation, and often one where components are as good as equal.
Components any(SeededRandom& random) {
    Components q;
    for (float& x : q) x = random.range(-1, 1);
    const std::uint32_t kind = random.below(4);
    if (kind == 0) q[random.below(4)] = -q[random.below(4)];
    if (kind == 1) q[random.below(4)] = q[random.below(4)] * (1 + random.range(-1e-3F, 1e-3F));
    if (kind == 2)
        for (float& x : q) x = (random.below(2) == 0 ? -0.5F : 0.5F) + random.range(-1e-3F, 1e-3F);
    return q;
}

}  // namespace

TEST_CASE("all slots of four bits stand for themselves or are refused", "[replication][quaternion]") {
    const QuaternionCode code(4);
    CHECK(code.part_last() == 14);
    int accepted = 0;
    for (int all = 0; all < 4 * 18 * 18 * 18; ++all) {
        const Slots slots{all / (18 * 18 * 18), all / (18 * 18) % 18 - 1, all / 18 % 18 - 1, all % 18 - 1};
        if (!code.has(slots)) continue;
        ++accepted;
        REQUIRE(*std::min_element(slots.begin(), slots.end()) >= 0);
        REQUIRE(code.slots(code.value(slots)) == slots);
    }
    CHECK(accepted == 7440);
    CHECK_FALSE(code.has({4, 7, 7, 7}));
    CHECK_FALSE(code.has({-1, 7, 7, 7}));
    CHECK_FALSE(code.has({0, 0, 0, 0}));  // Longer than 1 without the largest.
}

TEST_CASE("rounding a rotation twice is rounding it once, near ties too", "[replication][quaternion]") {
    const int bits = GENERATE(2, 3, 4, 9, 12, 16);
    CAPTURE(bits);
    const QuaternionCode code(bits);
    SeededRandom random(static_cast<std::uint64_t>(bits));
    double worst = 0;
    for (int i = 0; i < 50000; ++i) {
        const Components q = any(random);
        const auto slots = code.slots(q);
        REQUIRE(slots);
        REQUIRE(code.has(*slots));
        const Components rounded = code.value(*slots);
        REQUIRE(code.slots(rounded) == slots);
        REQUIRE(code.value(*code.slots(rounded)) == rounded);
        worst = std::max(worst, angle_between(q, rounded));
    }
    CHECK(worst < 4 * code.quantum());
}

TEST_CASE("length and sign make no difference", "[replication][quaternion]") {
    const QuaternionCode code(9);
    SeededRandom random(77);
    for (int i = 0; i < 5000; ++i) {
        Components q = any(random);
        const auto slots = code.slots(q);
        const float scale = random.below(2) == 0 ? -4.0F : 0x1p-60F;
        for (float& x : q) x *= scale;
        REQUIRE(code.slots(q) == slots);
    }
}

TEST_CASE("the axes are exact, and of equal components the first is the largest", "[replication][quaternion]") {
    const QuaternionCode code(9);
    CHECK(code.slots({0, 0, 0, 1}) == code.identity());
    CHECK(code.value(code.identity()) == Components{0, 0, 0, 1});
    CHECK(code.value(*code.slots({0, -3, 0, 0})) == Components{0, 1, 0, 0});
    CHECK(code.value(*code.slots({0.5F, 0.5F, -0.5F, 0.5F}))[0] > 0);
    CHECK((*code.slots({0.5F, 0.5F, -0.5F, 0.5F}))[0] == 0);
    CHECK((*code.slots({0, -0.7F, 0.7F, 0}))[0] == 1);
}

TEST_CASE("what has no direction is no rotation", "[replication][quaternion]") {
    const QuaternionCode code(9);
    using Float = std::numeric_limits<float>;
    CHECK_FALSE(code.slots({0, 0, 0, 0}));
    CHECK_FALSE(code.slots({0, -0.0F, 0, 0}));
    CHECK_FALSE(code.slots({0, Float::quiet_NaN(), 0, 1}));
    CHECK_FALSE(code.slots({Float::infinity(), 0, 0, 1}));
    CHECK(code.slots({0, 0, 0, Float::denorm_min()}) == code.identity());
    CHECK(code.slots({0, 0, 0, Float::max()}) == code.identity());
}
