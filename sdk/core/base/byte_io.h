// Fixed-width integers and LEB128 varints, to and from bytes, with bounds.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "sdk/core/base/bytes.h"

namespace tidewire {

/// The C++20 std::bit_cast, which Emscripten 3.1.6 lacks.
template <class To, class From>
To bit_cast(const From& from) {
    static_assert(sizeof(To) == sizeof(From) && std::is_trivially_copyable_v<To> && std::is_trivially_copyable_v<From>);
    To to;
    std::memcpy(&to, &from, sizeof(To));
    return to;
}

template <class T>
T load_big_endian(ByteSpan bytes) {
    static_assert(std::is_unsigned_v<T>);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
    return static_cast<T>(value);
}

template <class T>
void append_big_endian(Bytes& out, T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}

template <class T>
T load_little_endian(ByteSpan bytes) {
    static_assert(std::is_unsigned_v<T>);
    std::uint64_t value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
    return static_cast<T>(value);
}

template <class T>
void append_little_endian(Bytes& out, T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}

/// Maps small magnitudes of either sign to small unsigned numbers: 0, -1, 1, -2, 2 … to 0, 1, 2, 3, 4 ….
inline std::uint32_t to_zigzag(std::int32_t value) {
    return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}

inline std::int32_t from_zigzag(std::uint32_t value) {
    return static_cast<std::int32_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// Unsigned LEB128: 7 bits a byte, low bits first.
inline void append_varint(Bytes& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::byte>(value));
}

/// Reads from the front of a span. A read past the end yields nothing and leaves the reader failed for good,
/// so that a parser may check once at its end.
class ByteReader {
public:
    explicit ByteReader(ByteSpan bytes) : rest_(bytes) {}

    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }
    std::size_t remaining() const { return rest_.size(); }

    std::optional<std::uint8_t> read_u8() {
        const auto bytes = read_bytes(1);
        if (!bytes) return std::nullopt;
        return std::to_integer<std::uint8_t>((*bytes)[0]);
    }

    template <class T>
    std::optional<T> read_little_endian() {
        const auto bytes = read_bytes(sizeof(T));
        if (!bytes) return std::nullopt;
        return load_little_endian<T>(*bytes);
    }

    /// Refuses more than 32 bits and encodings longer than the shortest.
    std::optional<std::uint32_t> read_varint32() {
        const auto value = read_varint(5);
        if (!value || *value > 0xffffffffULL) return fail();
        return static_cast<std::uint32_t>(*value);
    }

    std::optional<ByteSpan> read_bytes(std::size_t count) {
        if (failed_ || count > rest_.size()) return fail();
        const ByteSpan bytes = rest_.first(count);
        rest_ = rest_.subspan(count);
        return bytes;
    }

private:
    std::optional<std::uint64_t> read_varint(std::size_t bytes_max) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes_max; ++i) {
            const auto byte = read_u8();
            if (!byte) return std::nullopt;
            value |= static_cast<std::uint64_t>(*byte & 0x7f) << (7 * i);
            if (*byte < 0x80) {
                if (*byte == 0 && i > 0) return fail();
                return value;
            }
        }
        return fail();
    }

    std::nullopt_t fail() {
        failed_ = true;
        return std::nullopt;
    }

    ByteSpan rest_;
    bool failed_ = false;
};

}  // namespace tidewire
