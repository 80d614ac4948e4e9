// Readers of the wire for whoever has only sdk/PROTOCOL.md: WebSocket frames, FlatBuffers, ticks and states of the game hello.
// They use nothing of the SDK but names for bytes, and refuse by failing the test.
#pragma once

#include <zstd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
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

inline std::int32_t unzigzag(std::uint32_t number) {
    return static_cast<std::int32_t>(number >> 1 ^ (0U - (number & 1)));
}

/// Reads what a delta body is made of from its front.
struct Numbers {
    ByteSpan bytes;

    std::uint32_t number() {
        std::uint32_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            REQUIRE_FALSE(bytes.empty());
            const auto byte = std::to_integer<std::uint32_t>(bytes.front());
            bytes = bytes.subspan(1);
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
    }
    std::int32_t signed_number() { return unzigzag(number()); }
};

/// Index → the two slots that rows of both tables have: generation and owner, x and y.
using Rows = std::map<std::uint32_t, std::array<std::int32_t, 2>>;
using State = std::array<Rows, 2>;

inline State apply_delta(State state, ByteSpan body) {
    Numbers in{body};
    std::size_t next_table = 0;
    while (const std::uint32_t distance = in.number()) {
        const std::size_t table = next_table + distance - 1;
        next_table = table + 1;
        REQUIRE(table < state.size());
        Rows& rows = state[table];
        const std::uint32_t size = in.number();
        const std::size_t rest = in.bytes.size() - size;
        const auto for_each_row = [&](const auto& row) {
            std::uint32_t index = 0;
            for (std::uint32_t count = in.number(); count > 0; --count, ++index) {
                index += in.number();
                row(index);
            }
        };
        for_each_row([&](std::uint32_t index) {
            CHECK(rows.erase(index) == 1);
            if (table == 0) state[1].erase(index);
        });
        for_each_row([&](std::uint32_t index) {
            const std::int32_t first = in.signed_number();
            CHECK(rows.emplace(index, std::array{first, in.signed_number()}).second);
        });
        for_each_row([&](std::uint32_t index) {
            const std::uint64_t mask = little(in.bytes, 0, 1);
            in.bytes = in.bytes.subspan(1);
            for (const std::size_t slot : {0U, 1U})
                if ((mask >> slot & 1) == 1) rows.at(index)[slot] += in.signed_number();
        });
        CHECK(in.bytes.size() == rest);
    }
    CHECK(in.bytes.empty());
    return state;
}

inline Bytes inflate(ByteSpan frame) {
    Bytes content(static_cast<std::size_t>(ZSTD_getFrameContentSize(frame.data(), frame.size())));
    REQUIRE(content.size() < 1000);
    REQUIRE(ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size()) == content.size());
    return content;
}

inline State read_planes(const Table& keyframe) {
    State state;
    const std::size_t tables = keyframe.target(2);
    for (std::size_t i = 0; i < little(keyframe.buffer, tables, 4); ++i) {
        const std::size_t at = tables + 4 + 4 * i;
        const Table table{keyframe.buffer, at + static_cast<std::size_t>(little(keyframe.buffer, at, 4))};
        Rows& rows = state.at(static_cast<std::size_t>(table.number(0, 2)));
        Numbers present{table.bytes(1)};
        for (std::uint32_t index = 0; !present.bytes.empty(); ++index) {
            index += present.number();
            rows[index] = {};
        }
        const ByteSpan planes = table.bytes(2);
        REQUIRE(planes.size() == rows.size() * 2 * 4);
        for (std::size_t slot = 0; slot < 2; ++slot) {
            std::int32_t value = 0;
            std::size_t row = slot * rows.size() * 4;
            for (auto& [index, slots] : rows) {
                std::uint32_t difference = 0;
                for (std::size_t byte = 0; byte < 4; ++byte)
                    difference |= std::to_integer<std::uint32_t>(planes[row + byte * rows.size()]) << 8 * byte;
                slots[slot] = value += unzigzag(difference);
                ++row;
            }
        }
    }
    return state;
}

/// A Tick with its one body.
struct TickView {
    std::uint64_t tick = 0;
    std::uint64_t input_tick = 0;
    std::uint64_t group = 0;
    std::uint64_t coding = 0;
    std::uint64_t baseline_age = 0;
    ByteSpan body;
};

inline TickView read_tick(ByteSpan message) {
    REQUIRE(little(message, 0, 1) == 0x08);
    const auto length = static_cast<std::size_t>(little(message, 1, 2));
    const Table table = Table::root(message.subspan(3, length));
    const std::size_t rows = table.target(2);
    REQUIRE(little(table.buffer, rows, 4) == 1);
    TickView tick{.tick = table.number(0, 4),
                  .input_tick = table.number(1, 4),
                  .group = little(table.buffer, rows + 4, 2),
                  .coding = little(table.buffer, rows + 6, 1),
                  .baseline_age = little(table.buffer, rows + 7, 1),
                  .body = message.subspan(3 + length)};
    CHECK(little(table.buffer, rows + 8, 4) == tick.body.size());
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
