// The Tick table that is laid out by hand: FlatBuffers like any other, and one that a stranger's builder makes is as good.
#include <flatbuffers/flatbuffers.h>

#include <catch2/catch.hpp>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

namespace {

constexpr flatbuffers::voffset_t tick_field = 4;
constexpr flatbuffers::voffset_t input_tick_field = 6;
constexpr flatbuffers::voffset_t input_lead_field = 8;
constexpr flatbuffers::voffset_t bodies_field = 10;
constexpr flatbuffers::voffset_t large_sizes_field = 12;
constexpr flatbuffers::voffset_t state_hash_field = 14;
constexpr std::size_t large_from = 8191;

struct Row {
    std::uint16_t group;
    std::uint16_t coding_and_size;
};

/// The table as flatc would generate it.
struct TickTable : flatbuffers::Table {
    bool Verify(flatbuffers::Verifier& verifier) const {
        return VerifyTableStart(verifier) && VerifyField<std::uint32_t>(verifier, tick_field, 4) &&
               VerifyField<std::uint32_t>(verifier, input_tick_field, 4) &&
               VerifyField<std::int16_t>(verifier, input_lead_field, 2) && VerifyOffset(verifier, bodies_field) &&
               verifier.VerifyVector(GetPointer<const flatbuffers::Vector<std::uint32_t>*>(bodies_field)) &&
               VerifyOffset(verifier, large_sizes_field) &&
               verifier.VerifyVector(GetPointer<const flatbuffers::Vector<std::uint32_t>*>(large_sizes_field)) &&
               VerifyField<std::uint64_t>(verifier, state_hash_field, 8) && verifier.EndTable();
    }
};

/// Makes the message with the bare builder, as another implementation of the document would.
Bytes built_by_a_stranger(const TickMessage& message) {
    FlatBufferBuilder builder;
    std::vector<std::uint32_t> large;
    std::vector<std::uint32_t> rows;
    for (const GroupBody& body : message.bodies) {
        const bool is_large = body.bytes.size() >= large_from;
        if (is_large) large.push_back(static_cast<std::uint32_t>(body.bytes.size()));
        const auto size = static_cast<std::uint32_t>(is_large ? large_from : body.bytes.size());
        rows.push_back(body.group | (static_cast<std::uint32_t>(body.coding) << 13 | size) << 16);
    }
    const auto bodies = builder.CreateVector(rows);
    const auto large_sizes = builder.CreateVector(large);
    const auto start = builder.StartTable();
    builder.AddElement<std::uint64_t>(state_hash_field, message.state_hash, 0);
    builder.AddOffset(bodies_field, bodies);
    builder.AddOffset(large_sizes_field, large_sizes);
    builder.AddElement<std::uint32_t>(tick_field, message.tick, 0);
    builder.AddElement<std::uint32_t>(input_tick_field, message.input_tick, 0);
    builder.AddElement<std::int16_t>(input_lead_field, message.input_lead, no_input_lead);
    builder.Finish(Offset<TickTable>(builder.EndTable(start)));
    Bytes bytes{std::byte{0x08}};
    append_little_endian(bytes, static_cast<std::uint16_t>(builder.GetSize()));
    append(bytes, {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()});
    for (const GroupBody& body : message.bodies) append(bytes, body.bytes);
    return bytes;
}

Bytes head_of(const TickMessage& message) {
    Bytes head;
    append_tick_head(head, message);
    return head;
}

int code(ByteSpan message) {
    const auto parsed = parse_message(message, Limits{});
    return parsed ? 0 : int{parsed.error().close_code};
}

/// Ticks with and without hashes and bodies that need more than 13 bits.
std::vector<TickMessage> samples() {
    static const Bytes memory(20'000, std::byte{0x5a});
    const auto body = [](std::size_t size) { return ByteSpan(memory).first(size); };
    std::vector<TickMessage> all;
    for (const std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{0x1122334455667788}}) {
        all.push_back({.tick = 1000, .input_tick = 990, .input_lead = -300, .bodies = {}, .state_hash = hash});
        all.push_back({.tick = 1, .input_tick = 0, .bodies = {{.group = 0, .bytes = body(1)}}, .state_hash = hash});
        all.push_back({.tick = ~0U,
                       .input_tick = ~0U,
                       .bodies = {{.group = 7, .bytes = body(8190)},
                                  {.group = 8, .coding = BodyCoding::Keyframe, .bytes = body(8191)},
                                  {.group = 0xffff, .coding = BodyCoding::Verify, .bytes = body(8192)},
                                  {.group = 9, .coding = BodyCoding::Left, .bytes = {}},
                                  {.group = 10, .coding = BodyCoding::CatchUp, .bytes = body(20'000)}},
                       .state_hash = hash});
    }
    return all;
}

}  // namespace

TEST_CASE("a Tick head verifies as FlatBuffers, and every field says what was put in", "[wire][tick]") {
    for (const TickMessage& message : samples()) {
        CAPTURE(message.tick, message.state_hash);
        const Bytes head = head_of(message);
        const std::size_t size = head.size() - 3;
        CHECK(head[0] == std::byte{0x08});
        CHECK(load_little_endian<std::uint16_t>(ByteSpan(head).subspan(1)) == size);
        // 8-aligned, where the library wants its buffers.
        std::vector<std::uint64_t> aligned((size + 7) / 8);
        std::memcpy(aligned.data(), head.data() + 3, size);
        const auto* const buffer = reinterpret_cast<const std::uint8_t*>(aligned.data());
        flatbuffers::Verifier verifier(buffer, size);
        REQUIRE(verifier.VerifyBuffer<TickTable>(nullptr));
        const auto& table = *flatbuffers::GetRoot<TickTable>(buffer);
        CHECK(table.GetField<std::uint32_t>(tick_field, 0) == message.tick);
        CHECK(table.GetField<std::uint32_t>(input_tick_field, 0) == message.input_tick);
        CHECK(table.GetField<std::int16_t>(input_lead_field, 0) == message.input_lead);
        CHECK(table.GetField<std::uint64_t>(state_hash_field, 0) == message.state_hash);
        const auto* rows = table.GetPointer<const flatbuffers::Vector<std::uint32_t>*>(bodies_field);
        REQUIRE(rows != nullptr);
        CHECK(rows->size() == message.bodies.size());
    }
}

TEST_CASE("a Tick head of another client is the same but for the input", "[wire][tick]") {
    for (const TickMessage& message : samples()) {
        CAPTURE(message.tick, message.state_hash);
        TickMessage other = message;
        other.input_tick = 0x12345678;
        other.input_lead = 0x1234;
        Bytes head{std::byte{1}};
        append_tick_head(head, head_of(message), {.tick = other.input_tick, .lead = other.input_lead});
        CHECK(head.front() == std::byte{1});
        head.erase(head.begin());
        CHECK(head == head_of(other));
    }
}

TEST_CASE("a Tick by hand and one by a stranger's builder read back alike", "[wire][tick]") {
    for (const TickMessage& message : samples()) {
        CAPTURE(message.tick, message.state_hash);
        const Bytes bytes = test::encode_whole(message);
        const auto ours = parse_message(bytes, Limits{});
        REQUIRE(ours);
        CHECK(test::same(*ours, message));
        const Bytes foreign = built_by_a_stranger(message);
        const auto theirs = parse_message(foreign, Limits{});
        REQUIRE(theirs);
        CHECK(test::same(*theirs, message));
    }
}

TEST_CASE("a Tick head of one group costs 47 bytes, each further group 4, a hash 20", "[wire][tick][size]") {
    TickMessage tick{.tick = 1000, .input_tick = 990, .bodies = {}};
    std::vector<std::size_t> sizes;
    for (int groups = 0; groups < 4; ++groups) {
        sizes.push_back(head_of(tick).size());
        tick.bodies.push_back({.group = 1, .coding = BodyCoding::Delta, .bytes = {}});
    }
    CHECK(sizes == std::vector<std::size_t>{43, 47, 51, 55});
    tick.bodies.pop_back();
    tick.state_hash = 1;
    CHECK(head_of(tick).size() == 75);
    // A large size costs 4, in a vector of its own.
    const Bytes large(large_from);
    tick.bodies.back().bytes = large;
    CHECK(head_of(tick).size() == 83);
}

TEST_CASE("the largest Tick head reads back", "[wire][tick][limits]") {
    const Bytes body(3, std::byte{9});
    const TickMessage tick{.tick = 7,
                           .input_tick = 3,
                           .bodies = std::vector<GroupBody>(Limits{}.bodies_max, {.group = 5, .bytes = body}),
                           .state_hash = 1};
    const Bytes bytes = test::encode_whole(tick);
    const auto parsed = parse_message(bytes, Limits{});
    REQUIRE(parsed);
    CHECK(test::same(*parsed, tick));
    TickMessage beyond = tick;
    beyond.bodies.push_back({.group = 6, .bytes = body});
    CHECK(code(test::encode_whole(beyond)) == 1009);
}

TEST_CASE("a Tick has as many bodies as its head can name, and no more are half written", "[wire][tick][limits]") {
    // All of them large and a hash: the longest head.
    const Bytes body(large_from, std::byte{9});
    TickMessage tick{.tick = 7,
                     .input_tick = 3,
                     .bodies = std::vector<GroupBody>(tick_bodies_max, {.group = 5, .bytes = body}),
                     .state_hash = 1};
    Bytes head{std::byte{1}};
    REQUIRE(append_tick_head(head, tick));
    CHECK(load_little_endian<std::uint16_t>(ByteSpan(head).subspan(2)) == head.size() - 4);
    const Bytes bytes = test::encode_whole(tick);
    const auto parsed = parse_message(bytes, {.message_bytes_max = bytes.size(), .bodies_max = tick_bodies_max});
    REQUIRE(parsed);
    CHECK(test::same(*parsed, tick));

    for (const std::size_t bodies : {tick_bodies_max + 1, std::size_t{8185}, std::size_t{20'000}}) {
        CAPTURE(bodies);
        tick.bodies.resize(bodies);
        Bytes untouched{std::byte{1}};
        CHECK_FALSE(append_tick_head(untouched, tick));
        CHECK(untouched == Bytes{std::byte{1}});
    }
}

TEST_CASE("a body may be in any of six codings and no other", "[wire][tick]") {
    for (unsigned coding = 0; coding < 8; ++coding) {
        CAPTURE(coding);
        const Bytes bytes = test::encode_whole(
            TickMessage{.tick = 5, .input_tick = 0, .bodies = {{.coding = static_cast<BodyCoding>(coding)}}});
        CHECK(code(bytes) == (coding <= 5 ? 0 : 1002));
    }
}

TEST_CASE("the sizes of a Tick add up exactly to the end of the message", "[wire][tick]") {
    const Bytes body(8, std::byte{1});
    const Bytes head =
        head_of({.tick = 5, .input_tick = 0, .bodies = {{.group = 1, .bytes = body}, {.group = 2, .bytes = body}}});
    for (std::size_t extra = 0; extra <= 20; ++extra) {
        Bytes bytes = head;
        bytes.resize(head.size() + extra);
        CAPTURE(extra);
        CHECK(code(bytes) == (extra == 16 ? 0 : 1002));
    }
}

TEST_CASE("large sizes are as many as there are bodies that need one, and lie within the message",
          "[wire][tick][hostile]") {
    const Bytes body(large_from, std::byte{1});
    const TickMessage tick{
        .tick = 5, .input_tick = 0, .bodies = {{.group = 1, .bytes = body}, {.group = 2, .bytes = body}}};
    const Bytes good = test::encode_whole(tick);
    REQUIRE(code(good) == 0);
    const std::size_t head_size = head_of(tick).size();
    const std::size_t rows_at = head_size - 12 - 8;
    const auto with = [&](std::size_t at, std::uint32_t value, std::size_t size) {
        Bytes liar = good;
        for (std::size_t i = 0; i < size; ++i) liar[at + i] = static_cast<std::byte>(value >> (8 * i));
        return liar;
    };
    // The first body is small after all: one large size is left over.
    CHECK(code(with(rows_at + 2, 5, 2)) == 1002);
    // A size beyond the end, also where a sum would overflow.
    CHECK(code(with(head_size - 4, 8192, 4)) == 1002);
    CHECK(code(with(head_size - 8, 0xffffffff, 4)) == 1002);
    // What fits its 13 bits may stand among the large ones; the sum decides.
    Bytes shifted = with(head_size - 8, 1, 4);
    for (std::size_t i = 0; i < 4; ++i)
        shifted[head_size - 4 + i] = static_cast<std::byte>((2 * large_from - 1) >> 8 * i);
    CHECK(code(shifted) == 0);
    // No vector of large sizes at all.
    TickMessage small{.tick = 5, .input_tick = 0, .bodies = {{.group = 1, .bytes = ByteSpan(body).first(8190)}}};
    Bytes missing = test::encode_whole(small);
    missing[head_of(small).size() - 2] = std::byte{0xff};
    CHECK(code(missing) == 1002);
}
