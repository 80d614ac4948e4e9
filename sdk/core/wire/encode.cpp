// Messages to bytes. What is small or hot is stored; a cold message goes through zstd only where that saves bytes.
#include <cassert>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/zstd_frame.h"
#include "wire_generated.h"

namespace tidewire::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Below this zstd adds bytes.
constexpr std::size_t zstd_pays_from_bytes = 150;
constexpr int cold_level = 3;

ByteSpan finished(const FlatBufferBuilder& builder) {
    return {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
}

/// Absent when empty, which reads back as empty.
Offset<flatbuffers::String> add_text(FlatBufferBuilder& builder, std::string_view text) {
    const std::string_view cut = cut_utf8(text, Limits{}.text_bytes_max);
    return cut.empty() ? 0 : builder.CreateString(cut.data(), cut.size());
}

Bytes stored(Kind kind, ByteSpan table) {
    Bytes message;
    message.reserve(1 + table.size());
    message.push_back(to_byte({kind, Coding::Stored}));
    append(message, table);
    return message;
}

template <class Table>
Bytes cold(FlatBufferBuilder& builder, Offset<Table> message) {
    constexpr flat::ColdMessage type = flat::ColdMessageTraits<Table>::enum_value;
    builder.Finish(flat::CreateCold(builder, type, message.Union()));
    const ByteSpan table = finished(builder);
    // A Hello carries what only the server may know beside text that anybody may choose: its compressed size would tell.
    constexpr bool secret = type == flat::ColdMessage::Hello;
    if (!secret && table.size() >= zstd_pays_from_bytes) {
        Bytes compressed{to_byte({Kind::Cold, Coding::Zstd})};
        append_zstd(compressed, table, cold_level);
        if (compressed.size() <= table.size()) return compressed;
    }
    return stored(Kind::Cold, table);
}

/// Hot messages are built each tick: the buffer stays with the thread, and holds nothing from one message to the next.
FlatBufferBuilder& hot_builder() {
    thread_local FlatBufferBuilder builder;
    builder.Clear();
    return builder;
}

using Rows = flatbuffers::Vector<const flat::GroupBody*>;

/// The builder's own vector of structs aligns to the struct's size instead of its alignment: four bytes a tick for nothing.
Offset<Rows> add_rows(FlatBufferBuilder& builder, const std::vector<GroupBody>& bodies) {
    constexpr std::size_t units = sizeof(flat::GroupBody) / alignof(flat::GroupBody);
    builder.StartVector(bodies.size() * units, alignof(flat::GroupBody));
    for (auto body = bodies.rbegin(); body != bodies.rend(); ++body) {
        const flat::GroupBody row(body->group, static_cast<std::uint8_t>(body->coding), body->baseline_age,
                                  static_cast<std::uint32_t>(body->bytes.size()));
        builder.PushBytes(reinterpret_cast<const std::uint8_t*>(&row), sizeof(row));
    }
    return builder.EndVector(bodies.size());
}

}  // namespace

Bytes encode(const Hello& message) {
    assert(message.schema_prints.size() <= Limits{}.schema_prints_max);
    FlatBufferBuilder builder;
    Offset<flatbuffers::Vector<std::uint32_t>> schema_prints = 0;
    if (!message.schema_prints.empty()) schema_prints = builder.CreateVector(message.schema_prints);
    const auto schema_name = add_text(builder, message.schema_name);
    const auto sdk_version = add_text(builder, message.sdk_version);
    const auto player_name = add_text(builder, message.player_name);
    return cold(builder, flat::CreateHello(builder, message.protocol, message.schema_hash, schema_name, sdk_version,
                                           player_name, schema_prints));
}

Bytes encode(const Welcome& message) {
    FlatBufferBuilder builder;
    const auto schema_name = add_text(builder, message.schema_name);
    return cold(builder, flat::CreateWelcome(builder, message.protocol, message.schema_hash, schema_name,
                                             message.player, message.tick_rate, message.tick, message.entities_max));
}

Bytes encode(const Goodbye& message) {
    FlatBufferBuilder builder;
    const auto reason = add_text(builder, message.reason);
    return cold(builder, flat::CreateGoodbye(builder, message.close_code, reason));
}

Bytes encode_stored(const Goodbye& message) {
    FlatBufferBuilder builder;
    const auto reason = add_text(builder, message.reason);
    const auto goodbye = flat::CreateGoodbye(builder, message.close_code, reason);
    builder.Finish(flat::CreateCold(builder, flat::ColdMessage::Goodbye, goodbye.Union()));
    return stored(Kind::Cold, finished(builder));
}

Bytes encode(const Ping& message) {
    FlatBufferBuilder builder;
    return cold(builder, flat::CreatePing(builder, message.id, message.sent_us));
}

Bytes encode(const Pong& message) {
    FlatBufferBuilder builder;
    return cold(builder, flat::CreatePong(builder, message.id, message.sent_us, message.received_us, message.hold_us));
}

Bytes encode(const InputMessage& message) {
    FlatBufferBuilder& builder = hot_builder();
    Offset<flatbuffers::Vector<std::uint8_t>> data = 0;
    if (!message.data.empty())
        data = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(message.data.data()), message.data.size());
    builder.Finish(flat::CreateInput(builder, message.tick, message.ack_tick, data, message.type));
    return stored(Kind::Input, finished(builder));
}

Bytes encode_tick_head(const TickMessage& message) {
    assert(message.bodies.size() <= Limits{}.bodies_max);
    FlatBufferBuilder& builder = hot_builder();
    const Offset<Rows> bodies = message.bodies.empty() ? 0 : add_rows(builder, message.bodies);
    builder.Finish(flat::CreateTick(builder, message.tick, message.input_tick, bodies));
    const ByteSpan table = finished(builder);
    Bytes head;
    head.reserve(1 + sizeof(std::uint16_t) + table.size());
    head.push_back(to_byte({Kind::Tick, Coding::Stored}));
    append_little_endian(head, static_cast<std::uint16_t>(table.size()));
    append(head, table);
    return head;
}

}  // namespace tidewire::wire
