// A schema written by hand, with a field of every kind that replication knows. Not what the generator makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tidewire/state.h"

namespace sample {

struct Pos {
    float x = 0;
    float y = 0;
    friend bool operator==(const Pos&, const Pos&) = default;
};

struct Status {
    std::int16_t health = 0;
    std::uint32_t flags = 0;
    bool armed = false;
    friend bool operator==(const Status&, const Status&) = default;
};

struct Exact {
    std::int64_t id = 0;
    std::uint64_t mask = 0;
    double precise = 0;
    float raw = 0;
    double step = 0;
    std::uint8_t small = 0;
    std::int32_t wide = 0;
    std::int8_t tilt = 0;
    std::uint16_t port = 0;
    friend bool operator==(const Exact&, const Exact&) = default;
};

struct Body {
    float px = 0;
    float vx = 0;
    float heading = 0;
    double spin = 0;
    float rotation[4] = {};
    friend bool operator==(const Body&, const Body&) = default;
};

struct Name {
    std::string text = {};
    std::int32_t level = 0;
    std::uint64_t badges = 0;
    float ratio = 0;
    double exact = 0;
    bool hidden = false;
    std::uint16_t lives = 3;  // Never 0: what is absent is the least of its range.
    std::vector<std::uint8_t> items = {};
    friend bool operator==(const Name&, const Name&) = default;
};

struct Move {
    std::int8_t dx = 0;
    float aim = 0;
    friend bool operator==(const Move&, const Move&) = default;
};

namespace detail {

struct Schemas {
    tidewire::SchemaInfo plain;
    tidewire::SchemaInfo whole;
};

inline const Schemas& schemas() {
    using tidewire::FieldInfo;
    using tidewire::Interpolation;
    using tidewire::Prediction;
    using tidewire::RecordFieldInfo;
    using tidewire::RecordType;
    using tidewire::Scalar;
    static constexpr double pi = 3.14159265358979323846;
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr FieldInfo pos[] = {
        {"x", Scalar::Float, offsetof(Pos, x), 0.01, -512, 512},
        {"y", Scalar::Float, offsetof(Pos, y), 0.01, -512, 512},
    };
    static constexpr FieldInfo status[] = {
        {"health", Scalar::Int16, offsetof(Status, health), 0, -10, 100},
        {"flags", Scalar::UInt32, offsetof(Status, flags), 0, 0, 4294967295.0},
        {"armed", Scalar::Bool, offsetof(Status, armed), 0, 0, 1},
    };
    static constexpr FieldInfo exact[] = {
        {"id", Scalar::Int64, offsetof(Exact, id), 0, -0x1p63, 0x1p63},
        {"mask", Scalar::UInt64, offsetof(Exact, mask), 0, 0, 0x1p64},
        {"precise", Scalar::Double, offsetof(Exact, precise), 0, -1e9, 1e9},
        {"raw", Scalar::Float, offsetof(Exact, raw), 0, -infinity, infinity},
        {"step", Scalar::Double, offsetof(Exact, step), 1 / 64., -1000, 1000},
        {"small", Scalar::UInt8, offsetof(Exact, small), 0, 0, 200},
        {"wide", Scalar::Int32, offsetof(Exact, wide), 0, -0x1p31, 0x1p31 - 1},
        {"tilt", Scalar::Int8, offsetof(Exact, tilt), 0, -128, 127},
        {"port", Scalar::UInt16, offsetof(Exact, port), 0, 0, 65535},
    };
    static constexpr auto component_of_rotation = [](const char* name, std::size_t i) {
        return FieldInfo{.name = name,
                         .scalar = Scalar::Float,
                         .offset = static_cast<std::uint16_t>(offsetof(Body, rotation) + i * sizeof(float)),
                         .quantum = 0,
                         .min = -1,
                         .max = 1,
                         .interpolation = Interpolation::Quaternion,
                         .quaternion_bits = 9};
    };
    static constexpr FieldInfo body[] = {
        {.name = "px",
         .scalar = Scalar::Float,
         .offset = offsetof(Body, px),
         .quantum = 0.01,
         .min = -512,
         .max = 512,
         .interpolation = Interpolation::Linear,
         .prediction = Prediction::Integral,
         .integral_of = 1},
        {"vx", Scalar::Float, offsetof(Body, vx), 0.05, -40, 40},
        {.name = "heading",
         .scalar = Scalar::Float,
         .offset = offsetof(Body, heading),
         .quantum = 2 * pi / 4096,
         .min = -pi,
         .max = pi,
         .interpolation = Interpolation::Angle,
         .angle = true},
        {.name = "spin",
         .scalar = Scalar::Double,
         .offset = offsetof(Body, spin),
         .quantum = 0.1,
         .min = -pi,
         .max = pi,
         .angle = true},
        component_of_rotation("rotation[0]", 0),
        component_of_rotation("rotation[1]", 1),
        component_of_rotation("rotation[2]", 2),
        component_of_rotation("rotation[3]", 3),
    };
    static constexpr RecordFieldInfo name[] = {
        {"text", RecordType::Text, Scalar::UInt8, 0, offsetof(Name, text), 0, 24},
        {"level", RecordType::Number, Scalar::Int32, 1, offsetof(Name, level), -100, 100},
        {"badges", RecordType::Number, Scalar::UInt64, 2, offsetof(Name, badges), 0, 0x1p64},
        {"ratio", RecordType::Number, Scalar::Float, 3, offsetof(Name, ratio), -0.3, 0.3},
        {"exact", RecordType::Number, Scalar::Double, 4, offsetof(Name, exact), -1e9, 1e9},
        {"hidden", RecordType::Number, Scalar::Bool, 5, offsetof(Name, hidden), 0, 1},
        {"lives", RecordType::Number, Scalar::UInt16, 6, offsetof(Name, lives), 3, 9},
        {"items", RecordType::Bytes, Scalar::UInt8, 7, offsetof(Name, items), 0, 40},
    };
    static constexpr FieldInfo move[] = {
        {"dx", Scalar::Int8, offsetof(Move, dx), 0, -1, 1},
        {"aim", Scalar::Float, offsetof(Move, aim), 0.001, -3.2, 3.2},
    };
    static constexpr tidewire::StructInfo components[] = {
        {"sample.Pos", sizeof(Pos), alignof(Pos), pos, true},
        {"sample.Status", sizeof(Status), alignof(Status), status},
        {"sample.Exact", sizeof(Exact), alignof(Exact), exact},
        {"sample.Body", sizeof(Body), alignof(Body), body},
        {.name = "sample.Name",
         .size = sizeof(Name),
         .alignment = alignof(Name),
         .is_table = true,
         .record = name,
         .lifecycle = tidewire::Lifecycle::of<Name>()},
    };
    static constexpr tidewire::StructInfo inputs[] = {{"sample.Move", sizeof(Move), alignof(Move), move}};
    static constexpr Schemas made{{"sample", 0x5a, std::span(components).first(4), inputs},
                                  {"sample", 0x5b, components, inputs}};
    return made;
}

}  // namespace detail

/// Every kind of component.
inline const tidewire::SchemaInfo& schema() { return detail::schemas().whole; }
/// The components that are structs, for what knows no tables.
inline const tidewire::SchemaInfo& plain_schema() { return detail::schemas().plain; }

}  // namespace sample

template <>
struct tidewire::ComponentIndex<sample::Pos> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<sample::Status> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::ComponentIndex<sample::Exact> {
    static constexpr std::uint16_t value = 2;
};
template <>
struct tidewire::ComponentIndex<sample::Body> {
    static constexpr std::uint16_t value = 3;
};
template <>
struct tidewire::ComponentIndex<sample::Name> {
    static constexpr std::uint16_t value = 4;
};
