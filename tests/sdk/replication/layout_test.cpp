// Slots of structs: every scalar type, its edges, and what becomes of values that the schema does not allow.

#include "sdk/core/replication/layout.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "sdk/core/base/random.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

template <class T>
const std::byte* bytes_of(const T& value) {
    return reinterpret_cast<const std::byte*>(&value);
}

/// A struct of one scalar, with its layout.
template <class T>
struct OneField {
    FieldInfo field;
    StructInfo info;
    StructLayout layout;

    OneField(Scalar scalar, double quantum, double min, double max)
        : field{"value", scalar, 0, quantum, min, max},
          info{"test.One", sizeof(T), alignof(T), {&field, 1}},
          layout(info) {}

    std::vector<std::int32_t> slots(T value, QuantizeCounters& counters) const {
        std::vector<std::int32_t> made(layout.slot_count());
        layout.quantize(bytes_of(value), made.data(), 1, counters);
        return made;
    }
    std::vector<std::int32_t> slots(T value) const {
        QuantizeCounters counters;
        return slots(value, counters);
    }
    T value(const std::vector<std::int32_t>& slots) const {
        T made{};
        layout.dequantize(slots.data(), 1, reinterpret_cast<std::byte*>(&made));
        return made;
    }
    T rounded(T given) const { return value(slots(given)); }
};

/// Random values: in range, within half a step, and the same again after one rounding.
template <class T>
void check_rounding(Scalar scalar, double quantum, double min, double max, SeededRandom& random) {
    CAPTURE(quantum, min, max);
    const OneField<T> one(scalar, quantum, min, max);
    if (min <= 0 && max >= 0) {
        CHECK(one.rounded(T{0}) == T{0});
        if (max < quantum * 2147483648.0) CHECK(one.slots(T{0})[0] == 0);
    }
    for (int i = 0; i < 200; ++i) {
        const double unit = static_cast<double>(random.next() >> 11) * 0x1p-53;
        const T given = static_cast<T>(min + (max - min) * unit);
        const auto slots = one.slots(given);
        const T held = one.value(slots);
        CAPTURE(given, held);
        // Half a step, and what the type itself cannot tell apart.
        const double type_error = std::abs(static_cast<double>(given)) * (sizeof(T) == 4 ? 0x1p-22 : 0x1p-50);
        // Beside an edge that is not on the grid, the nearest step may lie outside.
        const double x = static_cast<double>(given);
        const double step_error = std::min(x - min, max - x) < quantum ? quantum : quantum * 0.5000001;
        REQUIRE(std::abs(static_cast<double>(held) - x) <= step_error + type_error);
        REQUIRE(one.slots(held) == slots);
        REQUIRE(one.rounded(held) == held);
        REQUIRE(one.layout.in_range(slots.data(), 1));
    }
}

}  // namespace

TEST_CASE("rounding to the grid twice is rounding once, whatever the quantum", "[replication][layout]") {
    const std::uint64_t seed = 5;
    CAPTURE(seed);
    SeededRandom random(seed);
    for (const double quantum : {0.01, 1 / 64., 0.001, 0.1, 0.3, 1.0, 3.0, 1e-6}) {
        const double extent = quantum * 50000;
        check_rounding<float>(Scalar::Float, quantum, -extent, extent, random);
        check_rounding<double>(Scalar::Double, quantum, -extent, extent, random);
        check_rounding<float>(Scalar::Float, quantum, extent, 2 * extent, random);
        check_rounding<double>(Scalar::Double, quantum, -3 * extent, -extent / 3, random);
    }
    for (int i = 0; i < 300; ++i) {
        const double quantum = std::exp(static_cast<double>(random.range(-12, 4)));
        const double extent = quantum * std::exp(static_cast<double>(random.range(0, 20)));
        const double shift = extent * static_cast<double>(random.range(-1, 1));
        check_rounding<float>(Scalar::Float, quantum, shift - extent, shift + extent, random);
        check_rounding<double>(Scalar::Double, quantum, shift - extent, shift + extent, random);
    }
}

TEST_CASE("a grid finer than its floats still rounds for good, and no other step is accepted",
          "[replication][layout]") {
    SeededRandom random(6);
    check_rounding<float>(Scalar::Float, 0.01, -1e6, 1e6, random);
    check_rounding<float>(Scalar::Float, 0.001, -2e6, 2e6, random);
    const OneField<float> one(Scalar::Float, 0.01, -1e6, 1e6);
    // Floats near 999999 are 1/16 apart: of 7 steps, 1 can be a float's.
    int accepted = 0;
    for (std::int32_t step = 99'990'000; step < 99'990'700; ++step) {
        const std::vector<std::int32_t> slots{step};
        if (!one.layout.in_range(slots.data(), 1)) continue;
        ++accepted;
        REQUIRE(one.slots(one.value(slots)) == slots);
    }
    CHECK(accepted > 80);
    CHECK(accepted < 150);
}

TEST_CASE("a range far from 0 has all its steps, and its multiples of the quantum are exact", "[replication][layout]") {
    SeededRandom random(7);
    check_rounding<double>(Scalar::Double, 0.001, 1e7, 1.1e7, random);
    const OneField<double> one(Scalar::Double, 0.5, 4e9, 4.1e9);
    CHECK(one.rounded(4e9 + 0.5) == 4e9 + 0.5);
    CHECK(one.rounded(4.1e9) == 4.1e9);
}

TEST_CASE("a value beyond its range is held at the edge and counted", "[replication][layout]") {
    const OneField<float> one(Scalar::Float, 0.01, -512, 512);
    QuantizeCounters counters;
    CHECK(one.value(one.slots(600.0F, counters)) == 512.0F);
    CHECK(one.value(one.slots(-513.0F, counters)) == -512.0F);
    CHECK(one.value(one.slots(std::numeric_limits<float>::infinity(), counters)) == 512.0F);
    CHECK(one.value(one.slots(-std::numeric_limits<float>::infinity(), counters)) == -512.0F);
    CHECK(counters.saturated == 4);
    CHECK(one.value(one.slots(512.0F, counters)) == 512.0F);
    CHECK(one.value(one.slots(512.004F, counters)) == 512.0F);
    CHECK(counters.saturated == 4);
    CHECK(counters.nan == 0);
}

TEST_CASE("whoever writes a range's own edge is not counted, in any type", "[replication][layout]") {
    QuantizeCounters counters;
    CHECK(OneField<float>(Scalar::Float, 0, -0.3, 0.3).slots(0.3F, counters).size() == 1);
    CHECK(OneField<float>(Scalar::Float, 0.1, -0.3, 0.3).slots(0.3F, counters)[0] == 3);
    CHECK(OneField<double>(Scalar::Double, 0.1, -0.3, 0.3).slots(0.3, counters)[0] == 3);
    CHECK(OneField<double>(Scalar::Double, 0.1, -0.3, 0.3).rounded(0.3) == 0.3);
    CHECK(OneField<float>(Scalar::Float, 0.001, -3.2, 3.2).slots(-3.2F, counters)[0] == -3200);
    CHECK(OneField<float>(Scalar::Float, 1, 0.4, 9.5).rounded(0.4F) == 1.0F);
    CHECK(counters.saturated == 0);
}

TEST_CASE("not a number keeps the previous value and is counted", "[replication][layout]") {
    QuantizeCounters counters;
    const auto check = [&](auto one, auto nan, auto value) {
        auto slots = one.slots(value);
        one.layout.quantize(bytes_of(nan), slots.data(), 1, counters);
        CHECK(one.value(slots) == value);
        std::vector<std::int32_t> fresh(slots.size());
        one.layout.quantize(bytes_of(nan), fresh.data(), 1, counters);
        CHECK(one.value(fresh) == 0);
    };
    const float nan = std::numeric_limits<float>::quiet_NaN();
    check(OneField<float>(Scalar::Float, 0.25, -10, 10), nan, 1.5F);
    check(OneField<float>(Scalar::Float, 0, -10, 10), nan, 1.7F);
    check(OneField<double>(Scalar::Double, 0.25, -10, 10), static_cast<double>(nan), 1.5);
    check(OneField<double>(Scalar::Double, 0, -10, 10), static_cast<double>(nan), 1.7);
    CHECK(counters.nan == 8);
    CHECK(counters.saturated == 0);

    const OneField<float> without_zero(Scalar::Float, 1, 5, 10);
    CHECK(without_zero.rounded(nan) == 5.0F);
    CHECK(OneField<float>(Scalar::Float, 0, 5, 10).rounded(nan) == 5.0F);
}

TEST_CASE("exact fields keep every bit at the edges of their types", "[replication][layout]") {
    const StructLayout layout(sample::schema().components[2]);
    using Int64 = std::numeric_limits<std::int64_t>;
    using UInt64 = std::numeric_limits<std::uint64_t>;
    using Int32 = std::numeric_limits<std::int32_t>;
    const sample::Exact cases[] = {
        {},
        {Int64::min(), UInt64::max(), -1e9, -0.0F, -1000, 200, Int32::min(), -128, 65535},
        {Int64::max(), 1, 0.1, std::numeric_limits<float>::infinity(), 1000, 0, Int32::max(), 127, 0},
        {-1, 0x123456789abcdef0, 1e-300, 1e-45F, 1 / 64., 1, -1, -1, 1},
    };
    for (const sample::Exact& given : cases) {
        QuantizeCounters counters;
        std::vector<std::int32_t> slots(layout.slot_count() * 3);
        layout.quantize(bytes_of(given), slots.data(), 3, counters);
        CHECK(counters.saturated == 0);
        CHECK(layout.in_range(slots.data(), 3));
        sample::Exact back;
        layout.dequantize(slots.data(), 3, reinterpret_cast<std::byte*>(&back));
        CHECK(back == given);
        CHECK(std::signbit(back.raw) == std::signbit(given.raw));
    }
}

TEST_CASE("whole numbers outside the schema's range saturate", "[replication][layout]") {
    const StructLayout layout(sample::schema().components[1]);
    const sample::Status given{.health = 101, .flags = 0xffffffff, .armed = true};
    QuantizeCounters counters;
    std::int32_t slots[3] = {};
    layout.quantize(bytes_of(given), slots, 1, counters);
    CHECK(slots[0] == 100);
    CHECK(slots[1] == -1);
    CHECK(slots[2] == 1);
    CHECK(counters.saturated == 1);
    slots[0] = 101;
    CHECK(layout.first_out_of_range(slots, 1) == 0);
    slots[0] = -10;
    slots[2] = 2;
    CHECK(layout.first_out_of_range(slots, 1) == 2);
    slots[2] = 0;
    CHECK(layout.in_range(slots, 1));
}

TEST_CASE("whole numbers can have a grid too", "[replication][layout]") {
    const OneField<std::int32_t> one(Scalar::Int32, 10, -1000, 1000);
    CHECK(one.slots(126)[0] == 13);
    CHECK(one.rounded(126) == 130);
    CHECK(one.rounded(-1004) == -1000);
    const OneField<std::uint64_t> big(Scalar::UInt64, 4, 0, 4e9);
    CHECK(big.rounded(4'000'000'000U) == 4'000'000'000U);
    CHECK(big.rounded(6) == 8);
}

TEST_CASE("values that no quantisation makes are not in range", "[replication][layout]") {
    const auto refuses = [](const auto& one, std::vector<std::int32_t> slots) {
        return !one.layout.in_range(slots.data(), 1);
    };
    CHECK(refuses(OneField<float>(Scalar::Float, 0.01, -512, 512), {51201}));
    CHECK_FALSE(refuses(OneField<float>(Scalar::Float, 0.01, -512, 512), {51200}));
    CHECK(refuses(OneField<float>(Scalar::Float, 0, -512, 512), {0x7fc00000}));  // NaN
    CHECK(refuses(OneField<float>(Scalar::Float, 0, -512, 512), {0x7f800000}));  // infinity
    CHECK(refuses(OneField<double>(Scalar::Double, 0, -512, 512), {0, 0x7ff80000}));
    CHECK(refuses(OneField<std::int64_t>(Scalar::Int64, 0, -5, 5), {6, 0}));
    CHECK_FALSE(refuses(OneField<std::int64_t>(Scalar::Int64, 0, -5, 5), {-5, -1}));
    CHECK(refuses(OneField<std::uint64_t>(Scalar::UInt64, 0, 0, 5), {0, 1}));
    CHECK(refuses(OneField<std::uint32_t>(Scalar::UInt32, 0, 0, 5), {-1}));
}

TEST_CASE("slots and tables have the names of the schema", "[replication][layout]") {
    const Layout layout(sample::schema());
    CHECK(layout.table_count() == 6);
    CHECK(layout.table_name(0) == "entity");
    CHECK(layout.table_name(3) == "sample.Exact");
    CHECK(layout.slot_name(0, 0) == "entity.generation");
    CHECK(layout.slot_name(1, 1) == "sample.Pos.y");
    CHECK(layout.slot_count(3) == 12);
    CHECK(layout.slot_name(3, 5) == "sample.Exact.precise");
    CHECK(layout.component(3).slot(4).half == 0);
    CHECK(layout.component(3).slot(5).half == 1);
    CHECK(layout.slot_name(4, 2) == "sample.Body.heading");
    CHECK(layout.slot_name(4, 4) == "sample.Body.rotation.largest");
    CHECK(layout.slot_name(4, 7) == "sample.Body.rotation.c");
    CHECK_FALSE(layout.is_record(0));
    CHECK_FALSE(layout.is_record(4));
    CHECK(layout.is_record(5));
    CHECK(layout.slot_count(5) == 0);
    CHECK(layout.input_count() == 1);
}

TEST_CASE("a slot says what a codec may know about its integers", "[replication][layout]") {
    const Layout layout(sample::schema());
    const StructLayout& body = layout.component(4);
    const StructLayout& exact = layout.component(3);
    REQUIRE(body.slot_count() == 8);
    const auto check = [](const Slot& slot, SlotKind kind, std::int32_t first, std::int32_t last, double quantum) {
        CAPTURE(slot.field->name);
        CHECK(slot.kind == kind);
        CHECK(slot.first == first);
        CHECK(slot.last == last);
        CHECK(slot.quantum_or_1 == Approx(quantum));
    };
    constexpr auto low = std::numeric_limits<std::int32_t>::min();
    constexpr auto high = std::numeric_limits<std::int32_t>::max();
    check(body.slot(0), SlotKind::Number, -51200, 51200, 0.01);
    check(body.slot(1), SlotKind::Number, -800, 800, 0.05);
    check(body.slot(2), SlotKind::Angle, -2048, 2047, 6.283185307179586 / 4096);
    check(body.slot(3), SlotKind::Angle, -31, 31, 6.283185307179586 / 63);
    check(body.slot(4), SlotKind::QuaternionLargest, 0, 3, 1);
    for (std::size_t i = 5; i < 8; ++i) check(body.slot(i), SlotKind::QuaternionPart, 0, 510, 0.70710678 / 255);
    check(exact.slot(0), SlotKind::WideLow, low, high, 1);
    check(exact.slot(1), SlotKind::WideHigh, low, high, 1);
    check(exact.slot(6), SlotKind::ExactFloat, low, high, 1);
    check(exact.slot(7), SlotKind::Number, -64000, 64000, 1 / 64.);
    check(exact.slot(8), SlotKind::Number, 0, 200, 1);
    check(exact.slot(9), SlotKind::Number, low, high, 1);
    check(layout.component(2).slot(1), SlotKind::Number, low, high, 1);  // A number without sign, as bits.

    CHECK(body.slot(0).prediction == Prediction::Integral);
    CHECK(body.slot(0).rate_slot == 1);
    CHECK(body.slot(1).prediction == Prediction::Delta);
    CHECK(body.slot(1).rate_slot == -1);
}

TEST_CASE("the integral of what has no steps is predicted by its last value", "[replication][layout]") {
    FieldInfo fields[] = {{"x", Scalar::Float, 0, 0.01, -1, 1}, {"v", Scalar::Float, 4, 0, -1, 1}};
    fields[0].prediction = Prediction::Integral;
    fields[0].integral_of = 1;
    const StructLayout layout(StructInfo{"test.One", 8, 4, fields});
    CHECK(layout.slot(0).prediction == Prediction::Delta);
    CHECK(layout.slot(0).rate_slot == -1);
}

TEST_CASE("an angle wraps where others saturate, and infinity is no angle", "[replication][layout]") {
    const StructLayout layout(sample::schema().components[3]);
    sample::Body body{.heading = 3.2F, .rotation = {0, 0, 0, 1}};
    std::int32_t slots[8] = {};
    QuantizeCounters counters;
    layout.quantize(bytes_of(body), slots, 1, counters);
    CHECK(slots[2] == -2010);
    body.heading = std::numeric_limits<float>::infinity();
    layout.quantize(bytes_of(body), slots, 1, counters);
    CHECK(slots[2] == -2010);
    CHECK(counters == QuantizeCounters{.saturated = 0, .nan = 1});
    slots[2] = 2048;
    CHECK(layout.first_out_of_range(slots, 1) == 2);
}

TEST_CASE("a quaternion that is none keeps the previous one; the first is the identity", "[replication][layout]") {
    const StructLayout layout(sample::schema().components[3]);
    const auto quantized = [&](const sample::Body& body, std::vector<std::int32_t> slots, QuantizeCounters& counters) {
        layout.quantize(bytes_of(body), slots.data(), 1, counters);
        return slots;
    };
    QuantizeCounters counters;
    const auto none = quantized({}, std::vector<std::int32_t>(8), counters);
    CHECK(counters.nan == 1);
    sample::Body read;
    layout.dequantize(none.data(), 1, reinterpret_cast<std::byte*>(&read));
    CHECK(read == sample::Body{.rotation = {0, 0, 0, 1}});

    const auto turned = quantized({.rotation = {2, 0, 0, 2}}, none, counters);
    CHECK(counters.nan == 1);
    layout.dequantize(turned.data(), 1, reinterpret_cast<std::byte*>(&read));
    CHECK(read.rotation[0] == Approx(0.7071).margin(0.003));
    CHECK(read.rotation[3] == Approx(0.7071).margin(0.003));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(quantized({.rotation = {1, nan, 0, 0}}, turned, counters) == turned);
    CHECK(counters == QuantizeCounters{.saturated = 0, .nan = 2});
}
