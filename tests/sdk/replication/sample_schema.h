// A schema written by hand, with a field of every kind that replication knows. Not what the generator makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

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

struct Move {
    std::int8_t dx = 0;
    float aim = 0;
    friend bool operator==(const Move&, const Move&) = default;
};

inline const tidewire::SchemaInfo& schema() {
    using tidewire::FieldInfo;
    using tidewire::Scalar;
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
    static constexpr FieldInfo move[] = {
        {"dx", Scalar::Int8, offsetof(Move, dx), 0, -1, 1},
        {"aim", Scalar::Float, offsetof(Move, aim), 0.001, -3.2, 3.2},
    };
    static constexpr tidewire::StructInfo components[] = {
        {"sample.Pos", sizeof(Pos), alignof(Pos), pos, true},
        {"sample.Status", sizeof(Status), alignof(Status), status},
        {"sample.Exact", sizeof(Exact), alignof(Exact), exact},
    };
    static constexpr tidewire::StructInfo inputs[] = {{"sample.Move", sizeof(Move), alignof(Move), move}};
    static constexpr tidewire::SchemaInfo info{"sample", 0x5a, components, inputs};
    return info;
}

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
