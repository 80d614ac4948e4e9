// FlatBuffers that verify elsewhere but not here, made with the bare builder as a stranger's program would.
#include <flatbuffers/flatbuffers.h>

#include <catch2/catch.hpp>

#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/zstd_frame.h"

using namespace tidewire;
using namespace tidewire::wire;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Table;

namespace {

/// The vtable offset of a table's field by its place in wire.fbs, from 0.
constexpr flatbuffers::voffset_t field(int place) { return static_cast<flatbuffers::voffset_t>(4 + 2 * place); }

ByteSpan finished(const FlatBufferBuilder& builder) {
    return {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
}

Bytes stored(Kind kind, ByteSpan table) {
    Bytes message(1 + table.size());
    message.front() = to_byte({kind, Coding::Stored});
    std::copy(table.begin(), table.end(), message.begin() + 1);
    return message;
}

Bytes compressed(Kind kind, ByteSpan table) {
    Bytes message(1);
    message.front() = to_byte({kind, Coding::Zstd});
    append_zstd(message, table, 1);
    return message;
}

/// A cold message: union type and union value may be left out with 0 and a null offset.
Bytes cold_of(FlatBufferBuilder& builder, std::uint8_t type, Offset<Table> value) {
    const auto start = builder.StartTable();
    builder.AddElement<std::uint8_t>(field(0), type, 0);
    builder.AddOffset(field(1), value);
    builder.Finish(Offset<Table>(builder.EndTable(start)));
    return stored(Kind::Cold, finished(builder));
}

Offset<Table> ping(FlatBufferBuilder& builder) {
    const auto start = builder.StartTable();
    builder.AddElement<std::uint32_t>(field(0), 7, 0);
    builder.AddElement<std::int64_t>(field(1), 8, 0);
    return builder.EndTable(start);
}

constexpr std::uint8_t ping_type = 4;

int code(ByteSpan message, const Limits& limits = {}) {
    const auto parsed = parse_message(message, limits);
    return parsed ? 0 : int{parsed.error().close_code};
}

}  // namespace

TEST_CASE("a stranger's builder makes messages that we read", "[wire][verify]") {
    FlatBufferBuilder builder;
    const Bytes message = cold_of(builder, ping_type, ping(builder));
    const auto parsed = parse_message(message, Limits{});
    REQUIRE(parsed);
    CHECK(std::get<Ping>(*parsed).id == 7);
    CHECK(std::get<Ping>(*parsed).sent_us == 8);
}

TEST_CASE("a cold message without a type, without a value or of an unknown type is refused", "[wire][verify]") {
    FlatBufferBuilder none;
    CHECK(code(cold_of(none, 0, ping(none))) == 1002);
    FlatBufferBuilder unknown;
    CHECK(code(cold_of(unknown, 13, ping(unknown))) == 1002);
    FlatBufferBuilder far;
    CHECK(code(cold_of(far, 255, ping(far))) == 1002);
    FlatBufferBuilder empty;
    CHECK(code(cold_of(empty, ping_type, 0)) == 1007);
}

TEST_CASE("fields that a later protocol appends to a cold message are skipped", "[wire][verify]") {
    FlatBufferBuilder builder;
    const auto later = builder.CreateString("a text that this build does not know");
    const auto start = builder.StartTable();
    builder.AddElement<std::uint32_t>(field(0), 7, 0);
    builder.AddOffset(field(9), later);
    const Offset<Table> value = builder.EndTable(start);
    const auto parsed = parse_message(cold_of(builder, ping_type, value), Limits{});
    REQUIRE(parsed);
    CHECK(std::get<Ping>(*parsed).id == 7);
}

TEST_CASE("objects that no field names are refused as trailing bytes", "[wire][verify]") {
    FlatBufferBuilder builder;
    builder.CreateString("nobody refers to this text, and it lies at the end");
    CHECK(code(cold_of(builder, ping_type, ping(builder))) == 1007);
}

TEST_CASE("a vector or text that claims more than the buffer holds is refused", "[wire][verify][hostile]") {
    const Bytes data(12, std::byte{0x55});
    const Bytes input = encode(InputMessage{.tick = 1, .ack_tick = 2, .type = 3, .data = data});
    const std::size_t length_at = input.size() - data.size() - 4;
    REQUIRE(input[length_at] == std::byte{12});
    for (const std::uint32_t claimed : {13U, 16U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        Bytes liar = input;
        for (std::size_t i = 0; i < 4; ++i) liar[length_at + i] = static_cast<std::byte>(claimed >> (8 * i));
        CAPTURE(claimed);
        CHECK(code(liar) == 1007);
    }
}

TEST_CASE("an offset that points outside, at itself or nowhere is refused", "[wire][verify][hostile]") {
    const Bytes message = encode(Goodbye{.close_code = 1000, .reason = "bye"});
    for (const std::uint32_t offset : {0U, 1U, 2U, 3U, 0x7fffffffU, 0x80000000U, 0xfffffffcU}) {
        Bytes liar = message;
        for (std::size_t i = 0; i < 4; ++i) liar[1 + i] = static_cast<std::byte>(offset >> (8 * i));
        CAPTURE(offset);
        CHECK(code(liar) != 0);
    }
}

TEST_CASE("a compressed Hello or Welcome is refused: they carry tokens", "[wire][verify][H27]") {
    const Bytes hello = encode(Hello{.protocol = 1, .schema_name = std::string(200, 's')});
    CHECK(code(compressed(Kind::Cold, ByteSpan(hello).subspan(1))) == 1002);
    const Bytes welcome = encode(Welcome{.protocol = 1, .schema_name = "s"});
    CHECK(code(compressed(Kind::Cold, ByteSpan(welcome).subspan(1))) == 1002);
    const Bytes goodbye = encode_stored(Goodbye{.close_code = 1000, .reason = std::string(200, 's')});
    CHECK(code(compressed(Kind::Cold, ByteSpan(goodbye).subspan(1))) == 0);
    // And ours never are, however well they would compress.
    CHECK(encode(Hello{.protocol = 1, .schema_name = std::string(200, 's')})[0] == goodbye[0]);
    CHECK(encode(Welcome{.protocol = 1, .schema_name = std::string(200, 's')})[0] == goodbye[0]);
}
