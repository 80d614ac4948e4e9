// What a Hello and a list say of rooms, and what of it is refused.
#include <catch2/catch.hpp>
#include <string>

#include "sdk/core/base/room_texts.h"
#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"

using namespace tidewire;
using namespace tidewire::wire;

namespace {

/// The bytes of `message`, with each occurrence of `from` written as `to`, which is as long.
Bytes changed(Bytes message, std::string_view from, std::string_view to) {
    REQUIRE(from.size() == to.size());
    std::string text(as_text(message));
    REQUIRE(text.find(from) != std::string::npos);
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) text.replace(at, from.size(), to);
    const ByteSpan bytes = as_bytes(text);
    return Bytes(bytes.begin(), bytes.end());
}

std::uint16_t refused(const Bytes& message, const Limits& limits = {}) {
    const auto parsed = parse_message(message, limits);
    return parsed ? 0 : parsed.error().close_code;
}

Hello hello(RoomWish wish) { return {.protocol = 1, .schema_name = "s", .player_name = "Ada", .room = std::move(wish)}; }

}  // namespace

TEST_CASE("who wishes nothing says nothing of rooms", "[wire][rooms]") {
    const std::size_t plain = encode(hello({})).size();
    CHECK(encode(hello({.name = "a"})).size() > plain + 20);
    CHECK(plain <= encode(Hello{.protocol = 1, .schema_name = "s", .player_name = "Ada"}).size());
}

TEST_CASE("texts of rooms are refused where they are too long, no text, or not in order", "[wire][rooms]") {
    const Bytes good = encode(hello({.name = "room-name", .properties = {{"map", "sea"}, {"mode", "duel"}}, .code = "CODECODE", .reservation = "kept-for-ada"}));
    CHECK(refused(good) == 0);
    CHECK(refused(changed(good, "room-name", "room\nname")) == 1007);
    CHECK(refused(changed(good, "room-name", "room\xffname")) == 1007);
    CHECK(refused(changed(good, "kept-for-ada", "kept\x7f" "for-ada")) == 1007);
    CHECK(refused(changed(good, "map=sea", "nap=sea")) == 1007);  // behind mode
    CHECK(refused(changed(good, "map=sea", "map.sea")) == 1007);
    CHECK(refused(changed(good, "map=sea", "=apisea")) == 1007);
    CHECK(refused(good, {.room_texts = {.bytes_max = 8}}) == 1009);
    CHECK(refused(good, {.room_texts = {.properties_max = 1}}) == 1009);
}

TEST_CASE("a list within its limits is taken, and one beyond is not", "[wire][rooms]") {
    RoomList list{.anew = true};
    for (std::uint32_t number = 1; number <= Limits{}.listed_rooms_max; ++number)
        list.rooms.push_back({.number = number,
                              .name = std::string(64, 'n'),
                              .properties = {{"a", std::string(60, 'v')}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", ""}, {"g", ""}, {"h", ""}},
                              .players = number,
                              .seats = 64});
    const Bytes whole = encode(list);
    CHECK(whole.size() < Limits{}.message_bytes_max / 2);
    CHECK(refused(whole) == 0);
    CHECK(refused(whole, {.listed_rooms_max = 127}) == 1009);
    CHECK(refused(encode(RoomList{.gone = {1, 2, 3}}), {.listed_rooms_max = 2}) == 1009);
}

TEST_CASE("what a room may be called is said in a sentence", "[base][rooms]") {
    CHECK_FALSE(refuse_room_texts("Room 7 \xe2\x80\x93 sea", {{"mode", "duel"}, {"open", ""}}, "K7MX"));
    CHECK(refuse_room_texts(std::string(65, 'x'), {}, "") == "the room's name has 65 bytes; at most 64 are allowed");
    CHECK(refuse_room_texts("\x1b[2J", {}, ""));
    CHECK(refuse_room_texts("", {}, "\xff"));
    CHECK(refuse_room_texts("", {{"", "x"}}, ""));
    CHECK(refuse_room_texts("", {{"a=b", "x"}}, ""));
    RoomProperties many;
    for (char name = 'a'; name < 'j'; ++name) many[std::string(1, name)] = "";
    CHECK(refuse_room_texts("", many, "") == "the room has 9 properties; at most 8 are allowed");
}
