// Scalars in and out of a game's aggregates, by their run-time type. Conversions saturate; nothing here knows slots.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tidewire/schema.h"

namespace tidewire::replication {

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

template <class T>
void store(std::byte* at, T value) {
    std::memcpy(at, &value, sizeof(T));
}

inline std::int64_t to_int64(double value) {
    if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    if (!(value > -0x1p63)) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

inline std::uint64_t to_uint64(double value) {
    if (value >= 0x1p64) return std::numeric_limits<std::uint64_t>::max();
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

/// The nearest float, but not infinity where `value` is finite.
inline float to_float(double value) {
    constexpr double most = static_cast<double>(std::numeric_limits<float>::max());
    if (std::isfinite(value)) value = std::clamp(value, -most, most);
    return static_cast<float>(value);
}

/// Any whole number; of an unsigned 64-bit one, the bit pattern.
inline std::int64_t load_integer(const std::byte* at, Scalar scalar) {
    switch (scalar) {
        case Scalar::Bool:
            return load<std::uint8_t>(at) != 0;
        case Scalar::Int8:
            return load<std::int8_t>(at);
        case Scalar::UInt8:
            return load<std::uint8_t>(at);
        case Scalar::Int16:
            return load<std::int16_t>(at);
        case Scalar::UInt16:
            return load<std::uint16_t>(at);
        case Scalar::Int32:
            return load<std::int32_t>(at);
        case Scalar::UInt32:
            return load<std::uint32_t>(at);
        default:
            return load<std::int64_t>(at);
    }
}

inline void store_integer(std::byte* at, Scalar scalar, std::int64_t value) {
    switch (scalar) {
        case Scalar::Bool:
            return store(at, static_cast<std::uint8_t>(value != 0));
        case Scalar::Int8:
            return store(at, static_cast<std::int8_t>(value));
        case Scalar::UInt8:
            return store(at, static_cast<std::uint8_t>(value));
        case Scalar::Int16:
            return store(at, static_cast<std::int16_t>(value));
        case Scalar::UInt16:
            return store(at, static_cast<std::uint16_t>(value));
        case Scalar::Int32:
            return store(at, static_cast<std::int32_t>(value));
        case Scalar::UInt32:
            return store(at, static_cast<std::uint32_t>(value));
        default:
            return store(at, value);
    }
}

inline double load_number(const std::byte* at, Scalar scalar) {
    switch (scalar) {
        case Scalar::Float:
            return static_cast<double>(load<float>(at));
        case Scalar::Double:
            return load<double>(at);
        case Scalar::UInt64:
            return static_cast<double>(load<std::uint64_t>(at));
        default:
            return static_cast<double>(load_integer(at, scalar));
    }
}

inline void store_number(std::byte* at, Scalar scalar, double value) {
    switch (scalar) {
        case Scalar::Float:
            return store(at, to_float(value));
        case Scalar::Double:
            return store(at, value);
        case Scalar::UInt64:
            return store(at, to_uint64(std::round(value)));
        default:
            return store_integer(at, scalar, to_int64(std::round(value)));
    }
}

/// What a scalar's type can hold. 64-bit integers end at the next power of two, where to_int64() and to_uint64() saturate.
struct NumberRange {
    double low;
    double high;
};

inline NumberRange range_of(Scalar scalar) {
    switch (scalar) {
        case Scalar::Bool:
            return {0, 1};
        case Scalar::Int8:
            return {-0x1p7, 0x1p7 - 1};
        case Scalar::UInt8:
            return {0, 0x1p8 - 1};
        case Scalar::Int16:
            return {-0x1p15, 0x1p15 - 1};
        case Scalar::UInt16:
            return {0, 0x1p16 - 1};
        case Scalar::Int32:
            return {-0x1p31, 0x1p31 - 1};
        case Scalar::UInt32:
            return {0, 0x1p32 - 1};
        case Scalar::Int64:
            return {-0x1p63, 0x1p63};
        case Scalar::UInt64:
            return {0, 0x1p64};
        default:
            return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    }
}

}  // namespace tidewire::replication
