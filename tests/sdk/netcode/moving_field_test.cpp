// Ways between values, and back along them.
#include "sdk/core/netcode/moving_field.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "sdk/core/base/random.h"

using namespace tidewire;
using namespace tidewire::netcode;

namespace {

constexpr double pi = 3.14159265358979323846;

constexpr FieldInfo line{.name = "x",
                         .scalar = Scalar::Float,
                         .offset = 0,
                         .quantum = 0.01,
                         .min = -100,
                         .max = 100,
                         .interpolation = Interpolation::Linear,
                         .snap = 20};
constexpr FieldInfo whole{.name = "n",
                          .scalar = Scalar::Int64,
                          .offset = 0,
                          .quantum = 0,
                          .min = -1e18,
                          .max = 1e18,
                          .interpolation = Interpolation::Linear};
constexpr FieldInfo turn{.name = "a",
                         .scalar = Scalar::Float,
                         .offset = 0,
                         .quantum = 0.001,
                         .min = -4,
                         .max = 4,
                         .interpolation = Interpolation::Angle,
                         .angle = true};
constexpr FieldInfo compass{.name = "a",
                            .scalar = Scalar::Float,
                            .offset = 0,
                            .quantum = 0.001,
                            .min = 0,
                            .max = 6.3,
                            .interpolation = Interpolation::Angle};
constexpr FieldInfo part(std::uint16_t i) {
    return {.name = "q",
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(i * sizeof(float)),
            .quantum = 0,
            .min = -1,
            .max = 1,
            .interpolation = Interpolation::Quaternion,
            .quaternion_bits = 9};
}
constexpr FieldInfo quaternion[] = {part(0), part(1), part(2), part(3)};

MovingField only(const FieldInfo& field) {
    const StructInfo component{.name = "c", .size = 8, .alignment = 8, .fields = {&field, 1}};
    const auto fields = moving_fields(component);
    REQUIRE(fields.size() == 1);
    return fields.front();
}

MovingField rotation() {
    const StructInfo component{.name = "c", .size = 16, .alignment = 4, .fields = quaternion};
    const auto fields = moving_fields(component);
    REQUIRE(fields.size() == 1);
    return fields.front();
}

MovingValue random_rotation(SeededRandom& random) {
    MovingValue q{};
    double size = 0;
    while (size < 0.1) {
        for (double& number : q) number = random.range(-1, 1);
        size = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    }
    for (double& number : q) number /= size;
    return q;
}

double cosine(const MovingValue& a, const MovingValue& b) {
    return std::abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]);
}

}  // namespace

TEST_CASE("a line leads from one number to another", "[netcode][moving]") {
    const MovingField field = only(line);
    const Way way = way_between(field, {3}, {-4.5});
    CHECK(way[0] == -7.5);
    CHECK(moved_along(field, {3}, way)[0] == -4.5);
    CHECK(moved_along(field, {3}, way * 0.5)[0] == -0.75);
    CHECK_FALSE(is_teleport(field, way));
    CHECK(is_teleport(field, way_between(field, {0}, {-20.5})));
    CHECK_FALSE(is_teleport(only(turn), {3}));  // without a snap nothing is
}

TEST_CASE("an arc takes the shorter way, and what lies on it stays within its turn", "[netcode][moving]") {
    const MovingField field = only(turn);
    CHECK(way_between(field, {3}, {-3})[0] == Approx(2 * pi - 6));
    const MovingValue beyond = moved_along(field, {3}, way_between(field, {3}, {-3}) * 0.9);
    float stored = 0;
    store_value(field, beyond, static_cast<std::byte*>(static_cast<void*>(&stored)));
    CHECK(stored == Approx(3 + 0.9 * (2 * pi - 6) - 2 * pi));
    const MovingField other = only(compass);
    store_value(other, moved_along(other, {0.1}, {-0.2}), static_cast<std::byte*>(static_cast<void*>(&stored)));
    CHECK(stored == Approx(2 * pi - 0.1));
}

TEST_CASE("a rotation turns the shorter way, whichever of two names its end has", "[netcode][moving]") {
    SeededRandom random(1);
    const MovingField field = rotation();
    for (int i = 0; i < 1000; ++i) {
        const MovingValue from = random_rotation(random);
        const MovingValue to = random_rotation(random);
        const Way way = way_between(field, from, to);
        CHECK(length(way) <= pi + 1e-9);
        CHECK(cosine(moved_along(field, from, way), to) == Approx(1));
        const Way same = way_between(field, from, {-to[0], -to[1], -to[2], -to[3]});
        CHECK(length(same) == Approx(length(way)));
        // Halfway is half the turn from both.
        const MovingValue middle = moved_along(field, from, way * 0.5);
        CHECK(length(way_between(field, middle, to)) == Approx(length(way) / 2));
    }
    const MovingValue at{0, 0, 0, 1};
    CHECK(length(way_between(field, at, at)) == 0);
    CHECK(moved_along(field, at, Way{}) == at);
}

TEST_CASE("there is no way that would not end exactly", "[netcode][moving]") {
    CHECK(length(way_between(only(whole), {0}, {1e17})) == 0);
    CHECK(length(way_between(only(whole), {0}, {1e15})) == 1e15);
    CHECK(length(way_between(only(line), {0}, {std::nan("")})) == 0);
    CHECK(length(way_between(rotation(), {0, 0, 0, 0}, {0, 0, 0, 1})) == 0);
}

TEST_CASE("what is stored keeps to the declared range", "[netcode][moving]") {
    float stored = 0;
    store_value(only(line), {150}, static_cast<std::byte*>(static_cast<void*>(&stored)));
    CHECK(stored == 100);
    std::array<float, 4> q{};
    auto* const bytes = static_cast<std::byte*>(static_cast<void*>(q.data()));
    store_value(rotation(), {0, 0.6, 0, 0.8}, bytes);
    CHECK(q == std::array<float, 4>{0, 0.6F, 0, 0.8F});
    CHECK(load_value(rotation(), bytes)[3] == Approx(0.8));
}
