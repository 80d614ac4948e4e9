// Wishes and lists. A property crosses the wire as one text, "mode=duel", and they rise by name. A list is columns: no table holds tables.
#include "sdk/core/wire/room_tables.h"

#include <cassert>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/printable.h"

namespace tidewire::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using Texts = flatbuffers::Vector<Offset<flatbuffers::String>>;

/// Absent when empty, which reads back as empty.
Offset<flatbuffers::String> add_room_text(FlatBufferBuilder& builder, const std::string& text) {
    assert(text.size() <= RoomTextLimits{}.bytes_max);
    return text.empty() ? 0 : builder.CreateString(text);
}

std::string property_text(const RoomProperties::value_type& property) { return property.first + "=" + property.second; }

/// Empty when the field is absent.
Result<std::string> read_text(const flatbuffers::String* field, const Limits& limits) {
    if (field == nullptr) return std::string();
    const std::string_view text = field->string_view();
    if (text.size() > limits.room_texts.bytes_max)
        return refuse_size("A text of a room", text.size(), "bytes", limits.room_texts.bytes_max);
    // It goes into lists, logs and tokens.
    if (!valid_utf8(as_bytes(text)) || printable(text) != text)
        return refuse(Refusal::NotValid, "A text of a room is no UTF-8, or has control characters.");
    return std::string(text);
}

/// `count` of the texts from `first` on. Precondition: there are so many.
Result<RoomProperties> read_properties(const Texts* field, std::size_t first, std::size_t count, const Limits& limits) {
    RoomProperties properties;
    if (count > limits.room_texts.properties_max)
        return refuse_size("A room", count, "properties", limits.room_texts.properties_max);
    for (std::size_t i = first; i < first + count; ++i) {
        const auto text = read_text(field->Get(static_cast<flatbuffers::uoffset_t>(i)), limits);
        if (!text) return Unexpected{text.error()};
        const std::size_t equals = text->find('=');
        const std::string name = text->substr(0, equals);
        if (equals == std::string::npos || name.empty() || (!properties.empty() && properties.rbegin()->first >= name))
            return refuse(Refusal::NotValid, "A room's properties must rise by name, as \"mode=duel\".");
        properties.emplace_hint(properties.end(), name, text->substr(equals + 1));
    }
    return properties;
}

template <class Column>
std::size_t size_of(const Column* column) {
    return column == nullptr ? 0 : column->size();
}

void add_texts(Extent& extent, const Texts* texts) {
    extent.add_vector(texts);
    if (texts == nullptr) return;
    for (const flatbuffers::String* const each : *texts) extent.add_string(each);
}

}  // namespace

WishTexts add_wish(FlatBufferBuilder& builder, const RoomWish& wish) {
    assert(wish.properties.size() <= RoomTextLimits{}.properties_max);
    WishTexts texts;
    texts.name = add_room_text(builder, wish.name);
    texts.code = add_room_text(builder, wish.code);
    texts.reservation = add_room_text(builder, wish.reservation);
    std::vector<Offset<flatbuffers::String>> properties;
    for (const auto& each : wish.properties) properties.push_back(add_room_text(builder, property_text(each)));
    if (!properties.empty()) texts.properties = builder.CreateVector(properties);
    return texts;
}

Result<RoomWish> to_wish(const flat::Hello& hello, const Limits& limits) {
    if (hello.room_choice() > static_cast<std::uint8_t>(RoomChoice::Create))
        return refuse(Refusal::NotOurGrammar, "A Hello wishes a room in a way that the protocol does not have.");
    auto name = read_text(hello.room_name(), limits);
    if (!name) return Unexpected{name.error()};
    auto properties = read_properties(hello.room_properties(), 0, size_of(hello.room_properties()), limits);
    if (!properties) return Unexpected{properties.error()};
    auto code = read_text(hello.room_code(), limits);
    if (!code) return Unexpected{code.error()};
    auto reservation = read_text(hello.room_reservation(), limits);
    if (!reservation) return Unexpected{reservation.error()};
    return RoomWish{.name = std::move(*name),
                    .properties = std::move(*properties),
                    .code = std::move(*code),
                    .free_seats = hello.room_free_seats(),
                    .choice = static_cast<RoomChoice>(hello.room_choice()),
                    .seats = hello.room_seats(),
                    .is_private = hello.room_is_private(),
                    .reservation = std::move(*reservation)};
}

Result<RoomIdentity> to_room(const flat::Welcome& welcome, const Limits& limits) {
    auto name = read_text(welcome.room_name(), limits);
    if (!name) return Unexpected{name.error()};
    auto code = read_text(welcome.room_code(), limits);
    if (!code) return Unexpected{code.error()};
    return RoomIdentity{.number = welcome.room(), .name = std::move(*name), .code = std::move(*code)};
}

void add_wish_extent(Extent& extent, const flat::Hello& hello) {
    extent.add_string(hello.room_name());
    add_texts(extent, hello.room_properties());
    extent.add_string(hello.room_code());
    extent.add_string(hello.room_reservation());
}

Offset<flat::RoomList> add_list(FlatBufferBuilder& builder, const RoomList& list) {
    assert(list.rooms.size() <= Limits{}.listed_rooms_max && list.gone.size() <= Limits{}.listed_rooms_max);
    std::vector<std::uint32_t> numbers;
    std::vector<Offset<flatbuffers::String>> names;
    std::vector<std::uint32_t> players;
    std::vector<std::uint32_t> seats;
    std::vector<std::uint8_t> counts;
    std::vector<Offset<flatbuffers::String>> properties;
    for (const RoomList::Room& room : list.rooms) {
        assert(room.properties.size() <= RoomTextLimits{}.properties_max);
        numbers.push_back(room.number);
        names.push_back(builder.CreateString(room.name));
        players.push_back(room.players);
        seats.push_back(room.seats);
        counts.push_back(static_cast<std::uint8_t>(room.properties.size()));
        for (const auto& each : room.properties) properties.push_back(builder.CreateString(property_text(each)));
    }
    // Absent when empty, which reads back as empty.
    const auto column = [&](const auto& values) {
        using Column = decltype(builder.CreateVector(values));
        return values.empty() ? Column(0) : builder.CreateVector(values);
    };
    const auto told_numbers = column(numbers);
    const auto told_names = column(names);
    const auto told_players = column(players);
    const auto told_seats = column(seats);
    const auto told_counts = column(counts);
    const auto told_properties = column(properties);
    const auto gone = column(list.gone);
    return flat::CreateRoomList(builder, list.anew, list.more, told_numbers, told_names, told_players, told_seats, told_counts,
                                told_properties, gone);
}

Result<Message> to_message(const flat::RoomList& list, const Limits& limits) {
    RoomList made{.anew = list.anew(), .more = list.more()};
    const std::size_t count = size_of(list.numbers());
    if (count > limits.listed_rooms_max) return refuse_size("A RoomList", count, "rooms", limits.listed_rooms_max);
    if (size_of(list.gone()) > limits.listed_rooms_max)
        return refuse_size("A RoomList", size_of(list.gone()), "rooms that are gone", limits.listed_rooms_max);
    if (size_of(list.names()) != count || size_of(list.players()) != count || size_of(list.seats()) != count ||
        size_of(list.property_counts()) != count)
        return refuse(Refusal::NotValid, "The columns of a RoomList are not of one length.");
    if (list.gone() != nullptr) made.gone.assign(list.gone()->begin(), list.gone()->end());
    std::size_t told = 0;  // of the properties
    for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
        const std::size_t properties_of_it = list.property_counts()->Get(i);
        if (properties_of_it > size_of(list.properties()) - told)
            return refuse(Refusal::NotValid, "A RoomList has fewer properties than its rooms have.");
        auto name = read_text(list.names()->Get(i), limits);
        if (!name) return Unexpected{name.error()};
        auto properties = read_properties(list.properties(), told, properties_of_it, limits);
        if (!properties) return Unexpected{properties.error()};
        told += properties_of_it;
        made.rooms.push_back({.number = list.numbers()->Get(i),
                              .name = std::move(*name),
                              .properties = std::move(*properties),
                              .players = list.players()->Get(i),
                              .seats = list.seats()->Get(i)});
    }
    if (told != size_of(list.properties()))
        return refuse(Refusal::NotValid, "A RoomList has properties that are no room's.");
    return Message(std::move(made));
}

void add_extent(Extent& extent, const flat::RoomList& list) {
    extent.add_table(&list, flat::RoomList::VT_GONE);
    extent.add_vector(list.numbers());
    add_texts(extent, list.names());
    extent.add_vector(list.players());
    extent.add_vector(list.seats());
    extent.add_vector(list.property_counts());
    add_texts(extent, list.properties());
    extent.add_vector(list.gone());
}

}  // namespace tidewire::wire
