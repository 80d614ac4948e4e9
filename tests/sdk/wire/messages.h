// Messages for the tests of this room: by seed, compared field by field, and as whole bytes.
#pragma once

#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::test {

/// A Tick message as it crosses the wire: the head, then the bodies.
inline Bytes encode_whole(const wire::TickMessage& tick) {
    Bytes bytes;
    wire::append_tick_head(bytes, tick);
    for (const wire::GroupBody& body : tick.bodies) append(bytes, body.bytes);
    return bytes;
}

template <class T>
Bytes encode_whole(const T& message) {
    return wire::encode(message);
}

inline Bytes encode_any(const wire::Message& message) {
    return std::visit([](const auto& alternative) { return encode_whole(alternative); }, message);
}

inline std::vector<std::string> fields(ByteSpan bytes) { return {to_string(bytes)}; }
inline auto fields(const wire::Hello& m) {
    return std::tuple(m.protocol, m.schema_hash, m.schema_name, m.sdk_version, m.player_name, m.schema_prints,
                      m.code_tables, m.dictionaries, m.token, m.spectate, m.room.name, m.room.properties, m.room.code,
                      m.room.free_seats, m.room.choice, m.room.seats, m.room.is_private, m.room.reservation, m.lists_rooms);
}
inline auto fields(const wire::Welcome& m) {
    return std::tuple(m.protocol, m.schema_hash, m.schema_name, m.player, m.tick_rate, m.tick, m.entities_max,
                      m.code_tables, m.dictionary, m.spectates, m.delay_ms, m.room.number, m.room.name, m.room.code);
}
inline auto fields(const wire::Goodbye& m) { return std::tuple(m.close_code, m.reason, m.retry_after_ms); }
inline auto fields(const wire::Ping& m) { return std::tuple(m.id, m.sent_us); }
inline auto fields(const wire::Pong& m) { return std::tuple(m.id, m.sent_us, m.received_us, m.hold_us); }
inline auto fields(const wire::Resource& m) { return std::tuple(m.kind, m.id, m.data); }
inline auto fields(const wire::Desync& m) { return std::tuple(m.tick, m.group, m.difference); }
inline auto fields(const wire::Suspend& m) { return std::tuple(m.suspended); }
inline auto fields(const wire::Event& m) { return std::tuple(m.type, to_string(m.data), m.tick, m.player); }
inline auto fields(const wire::Request& m) { return std::tuple(m.id, m.type, to_string(m.data)); }
inline auto fields(const wire::Reply& m) { return std::tuple(m.id, m.type, to_string(m.data), m.refusal); }
inline auto fields(const wire::RoomList& m) {
    std::vector<std::tuple<std::uint32_t, std::string, RoomProperties, std::uint32_t, std::uint32_t>> rooms;
    for (const wire::RoomList::Room& room : m.rooms)
        rooms.emplace_back(room.number, room.name, room.properties, room.players, room.seats);
    return std::tuple(m.anew, m.more, rooms, m.gone);
}
inline auto fields(const wire::InputMessage& m) {
    return std::tuple(m.tick, m.ack_tick, m.type, to_string(m.data), m.view_tick, m.view_fraction, m.parts_received);
}
inline auto fields(const wire::Part& m) { return std::tuple(m.lane, m.id, m.offset, m.total, to_string(m.bytes)); }
inline auto fields(const wire::GroupBody& m) { return std::tuple(m.group, m.coding, to_string(m.bytes)); }
inline auto fields(const wire::TickMessage& m) {
    std::vector<decltype(fields(wire::GroupBody{}))> bodies;
    for (const wire::GroupBody& body : m.bodies) bodies.push_back(fields(body));
    return std::tuple(m.tick, m.input_tick, m.input_lead, bodies, m.state_hash);
}
inline bool same(const wire::Message& a, const wire::Message& b) {
    return a.index() == b.index() && std::visit(
                                         [&b](const auto& left) {
                                             using T = std::decay_t<decltype(left)>;
                                             return fields(left) == fields(std::get<T>(b));
                                         },
                                         a);
}

/// Random messages. Spans point into memory of this object, which outlives them.
class MessageMaker {
public:
    explicit MessageMaker(std::uint64_t seed) : random_(seed) {}

    static constexpr std::size_t kinds = std::variant_size_v<wire::Message>;
    /// Those that say themselves where they end: all but the last, Part, which ends where its WebSocket message does.
    static constexpr std::size_t delimited_kinds = kinds - 1;

    /// `kind` is the place in wire::Message.
    wire::Message make(std::size_t kind) {
        switch (kind) {
            case 0:
                return wire::Hello{.protocol = number<std::uint16_t>(),
                                   .schema_hash = number<std::uint64_t>(),
                                   .schema_name = text(),
                                   .sdk_version = text(),
                                   .player_name = text(),
                                   .schema_prints = numbers<std::uint32_t>(),
                                   .code_tables = numbers<std::uint64_t>(),
                                   .dictionaries = numbers<std::uint64_t>(),
                                   .token = text(),
                                   .spectate = random_.below(2) == 1,
                                   .room = wish(),
                                   .lists_rooms = random_.below(4) == 0};
            case 1:
                return wire::Welcome{.protocol = number<std::uint16_t>(),
                                     .schema_hash = number<std::uint64_t>(),
                                     .schema_name = text(),
                                     .player = number<std::uint32_t>(),
                                     .tick_rate = number<std::uint16_t>(),
                                     .tick = number<std::uint32_t>(),
                                     .entities_max = number<std::uint32_t>(),
                                     .code_tables = number<std::uint64_t>(),
                                     .dictionary = number<std::uint64_t>(),
                                     .spectates = random_.below(2) == 1,
                                     .delay_ms = number<std::uint32_t>(),
                                     .room = {.number = number<std::uint32_t>(), .name = room_text(), .code = room_text()}};
            case 2:
                return wire::Goodbye{
                    .close_code = number<std::uint16_t>(), .reason = text(), .retry_after_ms = number<std::uint32_t>()};
            case 3:
                return wire::Ping{.id = number<std::uint32_t>(), .sent_us = number<std::int64_t>()};
            case 4:
                return wire::Pong{.id = number<std::uint32_t>(),
                                  .sent_us = number<std::int64_t>(),
                                  .received_us = number<std::int64_t>(),
                                  .hold_us = number<std::int64_t>()};
            case 5: {
                const ByteSpan data = bytes(300);
                return wire::Resource{
                    .kind = random_.below(2) == 0 ? wire::Resource::Kind::CodeTables : wire::Resource::Kind::Dictionary,
                    .id = number<std::uint64_t>(),
                    .data = Bytes(data.begin(), data.end())};
            }
            case 6:
                return wire::Desync{
                    .tick = number<std::uint32_t>(), .group = number<std::uint16_t>(), .difference = text()};
            case 7:
                return wire::Suspend{.suspended = random_.below(2) == 1};
            case 8:
                return wire::Event{.type = number<std::uint16_t>(),
                                   .data = bytes(700),
                                   .tick = number<std::uint32_t>(),
                                   .player = number<std::uint32_t>()};
            case 9:
                return wire::Request{
                    .id = number<std::uint32_t>(), .type = number<std::uint16_t>(), .data = bytes(300)};
            case 10:
                return wire::Reply{.id = number<std::uint32_t>(),
                                   .type = number<std::uint16_t>(),
                                   .data = bytes(300),
                                   .refusal = text()};
            case 11:
                return room_list();
            case 12:
                return tick();
            case kinds - 1:
                return part();
            default:
                return wire::InputMessage{.tick = number<std::uint32_t>(),
                                          .ack_tick = number<std::uint32_t>(),
                                          .type = number<std::uint16_t>(),
                                          .data = bytes(64),
                                          .view_tick = number<std::uint32_t>(),
                                          .view_fraction = number<std::uint8_t>(),
                                          .parts_received = number<std::uint64_t>()};
        }
    }

    ByteSpan bytes(std::uint32_t below) {
        Bytes& made = memory_.emplace_back(random_.below(below));
        for (std::byte& byte : made) byte = static_cast<std::byte>(random_.next());
        return made;
    }

private:
    wire::TickMessage tick() {
        wire::TickMessage message{.tick = number<std::uint32_t>(),
                                  .input_tick = number<std::uint32_t>(),
                                  .input_lead = number<std::int16_t>(),
                                  .bodies = {},
                                  .state_hash = number<std::uint64_t>()};
        if (random_.below(2) == 0) message.state_hash = 0;
        for (std::uint32_t i = random_.below(10); i > 0; --i)
            message.bodies.push_back({.group = number<std::uint16_t>(),
                                      .coding = static_cast<wire::BodyCoding>(random_.below(6)),
                                      .bytes = bytes(50)});
        return message;
    }

    RoomWish wish() {
        if (random_.below(3) == 0) return {};
        return {.name = room_text(),
                .properties = properties(),
                .code = room_text(),
                .free_seats = number<std::uint32_t>(),
                .choice = static_cast<RoomChoice>(random_.below(3)),
                .seats = number<std::uint32_t>(),
                .is_private = random_.below(2) == 0,
                .reservation = room_text()};
    }

    wire::RoomList room_list() {
        wire::RoomList list{.anew = random_.below(2) == 0, .more = random_.below(2) == 0};
        list.rooms.resize(random_.below(12));
        for (wire::RoomList::Room& room : list.rooms)
            room = {.number = number<std::uint32_t>(),
                    .name = room_text(),
                    .properties = properties(),
                    .players = number<std::uint32_t>(),
                    .seats = number<std::uint32_t>()};
        list.gone = numbers<std::uint32_t>();
        return list;
    }

    RoomProperties properties() {
        RoomProperties made;
        for (std::uint32_t i = random_.below(9); i > 0; --i) made["p" + std::to_string(random_.below(100))] = room_text().substr(0, 32);
        return made;
    }

    /// Without control characters, and whole code points.
    std::string room_text() {
        std::string made;
        for (std::uint32_t i = random_.below(3) == 0 ? 0 : random_.below(20); i > 0; --i)
            made += static_cast<char>('a' + random_.below(26));
        return made;
    }

    wire::Part part() {
        Bytes& made = memory_.emplace_back(1 + random_.below(300));
        for (std::byte& byte : made) byte = static_cast<std::byte>(random_.next());
        const bool bulk = random_.below(2) == 1;
        wire::Part part{.lane = bulk ? wire::Part::Lane::Bulk : wire::Part::Lane::Message,
                        .id = bulk ? number<std::uint32_t>() : 0,
                        .offset = random_.below(1000),
                        .bytes = made};
        part.total = part.offset + static_cast<std::uint32_t>(made.size()) + random_.below(1000);
        return part;
    }

    /// Any value; zero often, because FlatBuffers leaves it out.
    template <class T>
    T number() {
        return random_.below(4) == 0 ? T{0} : static_cast<T>(random_.next());
    }

    template <class T>
    std::vector<T> numbers() {
        std::vector<T> made(random_.below(3) == 0 ? 0 : random_.below(20));
        for (T& one : made) one = number<T>();
        return made;
    }

    std::string text() {
        static const std::vector<std::string> letters = {
            "a", "Z", "7", " ", "\xc3\xa4", "\xe6\xb3\xa2", "\xf0\x9f\x8c\x8a", std::string(1, '\0')};
        std::string made;
        const std::uint32_t size = random_.below(3) == 0 ? random_.below(200) : random_.below(12);
        while (made.size() < size) made += letters[random_.below(static_cast<std::uint32_t>(letters.size()))];
        return made;
    }

    SeededRandom random_;
    std::vector<Bytes> memory_;
};

}  // namespace tidewire::test
