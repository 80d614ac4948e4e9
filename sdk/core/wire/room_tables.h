// What messages say of rooms, as tables. Private to this room.
#pragma once

#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/verify.h"
#include "wire_generated.h"

namespace tidewire::wire {

/// The texts of a Hello's wish; those that are empty are absent, which reads back as empty.
struct WishTexts {
    flatbuffers::Offset<flatbuffers::String> name = 0;
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> properties = 0;
    flatbuffers::Offset<flatbuffers::String> code = 0;
    flatbuffers::Offset<flatbuffers::String> reservation = 0;
};
WishTexts add_wish(flatbuffers::FlatBufferBuilder& builder, const RoomWish& wish);
flatbuffers::Offset<flat::RoomList> add_list(flatbuffers::FlatBufferBuilder& builder, const RoomList& list);

Result<RoomWish> to_wish(const flat::Hello& hello, const Limits& limits);
Result<RoomIdentity> to_room(const flat::Welcome& welcome, const Limits& limits);
Result<Message> to_message(const flat::RoomList& list, const Limits& limits);

/// Of the Hello its wish, without the table itself.
void add_wish_extent(Extent& extent, const flat::Hello& hello);
void add_extent(Extent& extent, const flat::RoomList& list);

}  // namespace tidewire::wire
