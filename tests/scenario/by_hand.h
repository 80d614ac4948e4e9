// Readers of the wire for whoever has only sdk/PROTOCOL.md: WebSocket frames, FlatBuffers and ticks.
// They use nothing of the SDK but names for bytes, and refuse by failing the test.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sdk/core/base/bytes.h"

namespace tidewire::test::by_hand {

/// RFC 6455 5.2.
struct FrameView {
    unsigned opcode = 0;
    bool final = false;
    bool masked = false;
    Bytes payload;         // without its mask
    std::size_t size = 0;  // of the whole frame
};

inline FrameView read_frame(ByteSpan bytes) {
    const auto at = [&](std::size_t index) {
        REQUIRE(index < bytes.size());
        return std::to_integer<unsigned>(bytes[index]);
    };
    FrameView frame{.opcode = at(0) & 0x0f, .final = at(0) >> 7 == 1, .masked = at(1) >> 7 == 1, .payload = {}};
    std::size_t length = at(1) & 0x7f;
    std::size_t begin = 2;
    REQUIRE(length != 127);
    if (length == 126) {
        length = at(2) << 8 | at(3);
        begin = 4;
    }
    const std::size_t mask = begin;
    if (frame.masked) begin += 4;
    frame.size = begin + length;
    REQUIRE(frame.size <= bytes.size());
    for (std::size_t i = 0; i < length; ++i)
        frame.payload.push_back(bytes[begin + i] ^ (frame.masked ? bytes[mask + i % 4] : std::byte{0}));
    return frame;
}

inline std::uint64_t little(ByteSpan bytes, std::size_t at, std::size_t size) {
    REQUIRE(at + size <= bytes.size());
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
    return value;
}

/// A FlatBuffers table: where it begins, and its vtable in front of or behind it.
struct Table {
    ByteSpan buffer;
    std::size_t begin = 0;

    static Table root(ByteSpan buffer) { return {buffer, static_cast<std::size_t>(little(buffer, 0, 4))}; }
    /// Where a field is; 0 when it is absent.
    std::size_t field(std::size_t number) const {
        const auto back = static_cast<std::int32_t>(little(buffer, begin, 4));
        const auto vtable = static_cast<std::size_t>(static_cast<std::int64_t>(begin) - back);
        const std::size_t slot = 4 + 2 * number;
        if (slot >= little(buffer, vtable, 2)) return 0;
        const auto offset = static_cast<std::size_t>(little(buffer, vtable + slot, 2));
        return offset == 0 ? 0 : begin + offset;
    }
    std::uint64_t number(std::size_t index, std::size_t size) const {
        const std::size_t at = field(index);
        return at == 0 ? 0 : little(buffer, at, size);
    }
    /// What an offset leads to. The field must be there.
    std::size_t target(std::size_t index) const {
        const std::size_t at = field(index);
        REQUIRE(at != 0);
        return at + static_cast<std::size_t>(little(buffer, at, 4));
    }
    Table table(std::size_t index) const { return {buffer, target(index)}; }
    /// A string or a vector of bytes.
    ByteSpan bytes(std::size_t index) const {
        const std::size_t at = target(index);
        const auto size = static_cast<std::size_t>(little(buffer, at, 4));
        REQUIRE(at + 4 + size <= buffer.size());
        return buffer.subspan(at + 4, size);
    }
    std::string text(std::size_t index) const { return to_string(bytes(index)); }
};

/// A Tick with its one body.
struct TickView {
    std::uint64_t tick = 0;
    std::uint64_t input_tick = 0;
    std::int16_t input_lead = 0;
    std::uint64_t group = 0;
    std::uint64_t coding = 0;
    ByteSpan body;
};

inline TickView read_tick(ByteSpan message) {
    REQUIRE(little(message, 0, 1) == 0x08);
    const auto length = static_cast<std::size_t>(little(message, 1, 2));
    const Table table = Table::root(message.subspan(3, length));
    const std::size_t rows = table.target(3);
    REQUIRE(little(table.buffer, rows, 4) == 1);
    TickView tick{.tick = table.number(0, 4),
                  .input_tick = table.number(1, 4),
                  .input_lead = static_cast<std::int16_t>(table.number(2, 2)),
                  .group = little(table.buffer, rows + 4, 2),
                  .coding = little(table.buffer, rows + 6, 2) >> 13,
                  .body = message.subspan(3 + length)};
    CHECK((little(table.buffer, rows + 6, 2) & 0x1fff) == tick.body.size());
    return tick;
}

/// The table in the union of a cold message that is of this type.
inline Table read_cold(ByteSpan message, unsigned type) {
    REQUIRE(little(message, 0, 1) == 0x04);
    const Table cold = Table::root(message.subspan(1));
    CHECK(cold.number(0, 1) == type);
    return cold.table(1);
}

}  // namespace tidewire::test::by_hand
