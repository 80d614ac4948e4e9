// What a watcher of the list is told: all at first, then what has changed, in messages that it can take.
#include "server/gate/room_feed.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "sdk/client/listed_rooms.h"
#include "sdk/core/base/random.h"
#include "sdk/core/wire/codec.h"

using namespace tidewire;
using namespace tidewire::server;

namespace {

struct Watching {
    explicit Watching(RoomProperties wished = RoomProperties()) : feed(std::move(wished), std::move(*WatchPlace::take(used, 1))) {}
    std::atomic<std::uint32_t> used = 0;
    RoomFeed feed;
};

RoomListing room(std::uint32_t number, std::uint64_t revision, RoomProperties properties = {}) {
    return {.number = RoomNumber{number},
            .name = std::to_string(number),
            .properties = std::move(properties),
            .players = static_cast<std::uint32_t>(revision),
            .seats = 8,
            .revision = revision};
}

/// Over the wire and into the client's list.
void tell(ListedRooms& rooms, const std::vector<wire::RoomList>& messages) {
    for (const wire::RoomList& message : messages) {
        const auto parsed = wire::parse_message(wire::encode(message), wire::Limits{});
        REQUIRE(parsed);
        REQUIRE(rooms.apply(std::get<wire::RoomList>(*parsed)));
    }
}

}  // namespace

TEST_CASE("an empty list is told as one, and nothing as nothing", "[gate][rooms]") {
    Watching watching;
    const auto first = watching.feed.next({});
    REQUIRE(first.size() == 1);
    CHECK(first.front().anew);
    CHECK_FALSE(first.front().more);
    CHECK(watching.feed.next({}).empty());
}

TEST_CASE("only what is wished and has changed is told", "[gate][rooms]") {
    Watching watching(RoomProperties{{"mode", "duel"}});
    std::vector<RoomListing> rooms{room(1, 1, {{"mode", "duel"}}), room(2, 2, {{"mode", "race"}}), room(3, 3, {{"map", "sea"}, {"mode", "duel"}})};
    const auto first = watching.feed.next(rooms);
    REQUIRE(first.size() == 1);
    CHECK(first.front().rooms.size() == 2);
    CHECK(watching.feed.next(rooms).empty());
    rooms[1].revision = 4;
    CHECK(watching.feed.next(rooms).empty());
    rooms[2].revision = 5;
    rooms.erase(rooms.begin());
    const auto next = watching.feed.next(rooms);
    REQUIRE(next.size() == 1);
    CHECK_FALSE(next.front().anew);
    CHECK(next.front().rooms.size() == 1);
    CHECK(next.front().gone == std::vector<std::uint32_t>{1});
}

TEST_CASE("however the list changes, a client's is the same after each word of it", "[gate][rooms]") {
    constexpr std::uint64_t seed = 11;
    CAPTURE(seed);
    SeededRandom random(seed);
    Watching watching;
    ListedRooms known;
    std::vector<RoomListing> rooms;
    std::uint32_t number = 0;
    std::uint64_t revision = 0;
    for (int round = 0; round < 300; ++round) {
        for (std::uint32_t i = random.below(80); i > 0; --i) rooms.push_back(room(++number, ++revision));
        std::erase_if(rooms, [&](const RoomListing&) { return random.below(6) == 0; });
        for (RoomListing& each : rooms)
            if (random.below(3) == 0) each = room(static_cast<std::uint32_t>(each.number), ++revision);
        if (rooms.size() > watched_rooms_max) rooms.resize(watched_rooms_max);
        const auto messages = watching.feed.next(rooms);
        tell(known, messages);
        CHECK(messages.size() <= 5);
        REQUIRE(known.complete());
        REQUIRE(known.rooms().size() == rooms.size());
        for (std::size_t i = 0; i < rooms.size(); ++i) {
            CHECK(known.rooms()[i].number == static_cast<std::uint32_t>(rooms[i].number));
            CHECK(known.rooms()[i].players == rooms[i].players);
        }
    }
}

TEST_CASE("beyond so many rooms none is told of, until there are fewer", "[gate][rooms]") {
    Watching watching;
    ListedRooms known;
    std::vector<RoomListing> rooms;
    for (std::uint32_t number = 1; number <= 300; ++number) rooms.push_back(room(number, number));
    tell(known, watching.feed.next(rooms));
    CHECK(known.rooms().size() == watched_rooms_max);
    rooms.erase(rooms.begin(), rooms.begin() + 100);
    tell(known, watching.feed.next(rooms));
    REQUIRE(known.rooms().size() == 200);
    CHECK(known.rooms().front().number == 101);
    CHECK(known.rooms().back().number == 300);
}

TEST_CASE("a client takes no list without end, and no change before a list", "[client][rooms]") {
    ListedRooms rooms;
    CHECK(rooms.apply({.rooms = {{.number = 1}}}).error().close_code == 1002);
    REQUIRE(rooms.apply({.anew = true, .more = true}));
    CHECK_FALSE(rooms.complete());
    wire::RoomList next;
    for (std::uint32_t number = 1; number <= ListedRooms::rooms_max; ++number) next.rooms.push_back({.number = number});
    REQUIRE(rooms.apply(next));
    CHECK(rooms.complete());
    CHECK(rooms.apply({.rooms = {{.number = 5000}}}).error().close_code == 1009);
    CHECK(rooms.rooms().size() == ListedRooms::rooms_max);
    REQUIRE(rooms.apply({.rooms = {{.number = 7, .name = "seven"}}, .gone = {1}}));
    CHECK(rooms.rooms().size() == ListedRooms::rooms_max - 1);
    CHECK(rooms.rooms()[5].name == "seven");
}

TEST_CASE("so many watch, and each place is one", "[gate][rooms]") {
    std::atomic<std::uint32_t> used = 0;
    auto first = WatchPlace::take(used, 1);
    REQUIRE(first);
    CHECK_FALSE(WatchPlace::take(used, 1));
    const WatchPlace moved = std::move(*first);
    first.reset();
    CHECK(used == 1);
    CHECK_FALSE(WatchPlace::take(used, 0));
}
