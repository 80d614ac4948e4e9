// Messages to bytes. What is small or hot is stored; a cold message goes through zstd only where that saves bytes.
#include <cassert>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/room_tables.h"
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

void store(Kind kind, ByteSpan table, Bytes& out) {
    out.clear();
    out.reserve(1 + table.size());
    out.push_back(to_byte({kind, Coding::Stored}));
    append(out, table);
}

Bytes stored(Kind kind, ByteSpan table) {
    Bytes message;
    store(kind, table, message);
    return message;
}

template <class Table>
Bytes cold(FlatBufferBuilder& builder, Offset<Table> message) {
    constexpr flat::ColdMessage type = flat::ColdMessageTraits<Table>::enum_value;
    builder.Finish(flat::CreateCold(builder, type, message.Union()));
    const ByteSpan table = finished(builder);
    // These carry what only the two ends may know beside text that anybody may choose: their compressed size would tell.
    constexpr bool secret = type == flat::ColdMessage::Hello || type == flat::ColdMessage::Welcome;
    if (!secret && table.size() >= zstd_pays_from_bytes) {
        Bytes compressed{to_byte({Kind::Cold, Coding::Zstd})};
        append_zstd(compressed, table, cold_level);
        if (compressed.size() <= table.size()) return compressed;
    }
    return stored(Kind::Cold, table);
}

/// A cold message that is never compressed.
template <class Table>
Bytes cold_stored(FlatBufferBuilder& builder, Offset<Table> message) {
    builder.Finish(flat::CreateCold(builder, flat::ColdMessageTraits<Table>::enum_value, message.Union()));
    return stored(Kind::Cold, finished(builder));
}

/// Absent when empty, which reads back as empty.
Offset<flatbuffers::Vector<std::uint8_t>> add_data(FlatBufferBuilder& builder, ByteSpan data) {
    if (data.empty()) return 0;
    return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
}

/// Hot messages are built each tick: the buffer stays with the thread, and holds nothing from one message to the next.
FlatBufferBuilder& hot_builder() {
    thread_local FlatBufferBuilder builder;
    builder.Clear();
    return builder;
}

/// A group in the lower 16 bits, its tick above. Absent when empty, which reads back as empty.
Offset<flatbuffers::Vector<std::uint64_t>> add_groups(FlatBufferBuilder& builder, const std::vector<Resume::Group>& groups) {
    assert(groups.size() <= Limits{}.resumed_groups_max);
    if (groups.empty()) return 0;
    std::vector<std::uint64_t> numbers;
    numbers.reserve(groups.size());
    for (const Resume::Group& each : groups) numbers.push_back(std::uint64_t{each.tick} << 16 | each.group);
    return builder.CreateVector(numbers);
}

}  // namespace

Bytes encode(const Hello& message) {
    assert(message.schema_prints.size() <= Limits{}.schema_prints_max);
    FlatBufferBuilder builder;
    Offset<flatbuffers::Vector<std::uint32_t>> schema_prints = 0;
    if (!message.schema_prints.empty()) schema_prints = builder.CreateVector(message.schema_prints);
    assert(message.code_tables.size() <= Limits{}.resources_max &&
           message.dictionaries.size() <= Limits{}.resources_max);
    Offset<flatbuffers::Vector<std::uint64_t>> code_tables = 0;
    Offset<flatbuffers::Vector<std::uint64_t>> dictionaries = 0;
    if (!message.code_tables.empty()) code_tables = builder.CreateVector(message.code_tables);
    if (!message.dictionaries.empty()) dictionaries = builder.CreateVector(message.dictionaries);
    const auto schema_name = add_text(builder, message.schema_name);
    const auto sdk_version = add_text(builder, message.sdk_version);
    const auto player_name = add_text(builder, message.player_name);
    assert(message.token.size() <= Limits{}.token_bytes_max);
    // Whole or not at all: a part of it is worth nothing.
    Offset<flatbuffers::String> token = 0;
    if (!message.token.empty()) token = builder.CreateString(message.token);
    static const Resume joins{.attempt = 0};
    const Resume& resume = message.resume ? *message.resume : joins;
    const auto session_token = add_data(builder, resume.token);
    const auto groups = add_groups(builder, resume.groups);
    const WishTexts room = add_wish(builder, message.room);
    return cold(builder, flat::CreateHello(builder, message.protocol, message.schema_hash, schema_name, sdk_version,
                                           player_name, schema_prints, code_tables, dictionaries, token, session_token,
                                           resume.tick, resume.events_received, groups, resume.bulks_received,
                                           message.spectate, room.name, room.properties, room.code,
                                           message.room.free_seats, static_cast<std::uint8_t>(message.room.choice),
                                           message.room.seats, message.room.is_private, room.reservation, message.lists_rooms,
                                           resume.attempt));
}

Bytes encode(const Welcome& message) {
    FlatBufferBuilder builder;
    const auto schema_name = add_text(builder, message.schema_name);
    const auto session_token = add_data(builder, message.session_token);
    const auto room_name = add_text(builder, message.room.name);
    const auto room_code = add_text(builder, message.room.code);
    return cold(builder, flat::CreateWelcome(builder, message.protocol, message.schema_hash, schema_name,
                                             message.player, message.tick_rate, message.tick, message.entities_max,
                                             message.code_tables, message.dictionary, session_token, message.session_ms,
                                             static_cast<std::uint8_t>(message.resumed), message.events_received,
                                             message.spectates, message.delay_ms, message.room.number, room_name, room_code));
}

Bytes encode(const Goodbye& message) {
    FlatBufferBuilder builder;
    const auto reason = add_text(builder, message.reason);
    return cold(builder, flat::CreateGoodbye(builder, message.close_code, reason, message.retry_after_ms, message.keeps_session));
}

Bytes encode_stored(const Goodbye& message) {
    FlatBufferBuilder builder;
    const auto reason = add_text(builder, message.reason);
    return cold_stored(builder, flat::CreateGoodbye(builder, message.close_code, reason, message.retry_after_ms, message.keeps_session));
}

Bytes encode(const Ping& message) {
    Bytes out;
    encode(message, out);
    return out;
}

Bytes encode(const Pong& message) {
    Bytes out;
    encode(message, out);
    return out;
}

// Too small for zstd to pay, whatever is in them.

void encode(const Ping& message, Bytes& out) {
    FlatBufferBuilder& builder = hot_builder();
    const auto ping = flat::CreatePing(builder, message.id, message.sent_us, message.events_received);
    builder.Finish(flat::CreateCold(builder, flat::ColdMessage::Ping, ping.Union()));
    store(Kind::Cold, finished(builder), out);
}

void encode(const Pong& message, Bytes& out) {
    FlatBufferBuilder& builder = hot_builder();
    const auto pong = flat::CreatePong(builder, message.id, message.sent_us, message.received_us, message.hold_us,
                                       message.events_received);
    builder.Finish(flat::CreateCold(builder, flat::ColdMessage::Pong, pong.Union()));
    store(Kind::Cold, finished(builder), out);
}

Bytes encode(const Resource& message) {
    assert(message.data.size() <= Limits{}.resource_bytes_max);
    FlatBufferBuilder builder;
    const auto data =
        builder.CreateVector(reinterpret_cast<const std::uint8_t*>(message.data.data()), message.data.size());
    return cold_stored(builder,
                       flat::CreateResource(builder, static_cast<std::uint8_t>(message.kind), message.id, data));
}

Bytes encode(const Desync& message) {
    FlatBufferBuilder builder;
    const auto difference = add_text(builder, message.difference);
    return cold_stored(builder, flat::CreateDesync(builder, message.tick, message.group, difference));
}

Bytes encode(const Suspend& message) {
    FlatBufferBuilder builder;
    return cold_stored(builder, flat::CreateSuspend(builder, message.suspended));
}

Bytes encode(const Event& message) {
    assert(message.data.size() <= Limits{}.event_bytes_max);
    FlatBufferBuilder& builder = hot_builder();
    const auto data = add_data(builder, message.data);
    return cold_stored(builder, flat::CreateEvent(builder, message.type, data, message.tick, message.player));
}

Bytes encode(const Request& message) {
    assert(message.data.size() <= Limits{}.event_bytes_max);
    FlatBufferBuilder builder;
    const auto data = add_data(builder, message.data);
    return cold_stored(builder, flat::CreateRequest(builder, message.id, message.type, data));
}

Bytes encode(const Reply& message) {
    assert(message.data.size() <= Limits{}.event_bytes_max);
    FlatBufferBuilder builder;
    const auto data = add_data(builder, message.data);
    const auto refusal = add_text(builder, message.refusal);
    return cold_stored(builder, flat::CreateReply(builder, message.id, message.type, data, refusal));
}

Bytes encode(const RoomList& message) {
    FlatBufferBuilder builder;
    return cold_stored(builder, add_list(builder, message));
}

Bytes encode(const InputMessage& message) {
    FlatBufferBuilder& builder = hot_builder();
    const auto data = add_data(builder, message.data);
    builder.Finish(flat::CreateInput(builder, message.tick, message.ack_tick, data, message.type, message.view_tick,
                                     message.view_fraction, message.parts_received));
    return stored(Kind::Input, finished(builder));
}

}  // namespace tidewire::wire
