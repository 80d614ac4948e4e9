// Who gets a seat, and where.
#include "server/gate/embedded_directory.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <variant>
#include <vector>

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using Kind = Refusal::Kind;
using Taken = std::variant<Seat, Refusal>;

namespace {

constexpr TimePoint start{1s};

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

Taken take(RoomDirectory& directory, RoomWish wish, const NewRoom* otherwise = nullptr, TimePoint now = start) {
    return directory.take_seat(SeatWish{.room = std::move(wish), .otherwise = otherwise}, now);
}

RoomNumber number(const Taken& taken) {
    INFO((std::holds_alternative<Refusal>(taken) ? std::get<Refusal>(taken).message : ""));
    REQUIRE(std::holds_alternative<Seat>(taken));
    return std::get<Seat>(taken).place().room;
}

Kind why(const Taken& taken) {
    REQUIRE(std::holds_alternative<Refusal>(taken));
    CHECK_FALSE(std::get<Refusal>(taken).message.empty());
    return std::get<Refusal>(taken).kind;
}

RoomNumber number(const std::optional<Seat>& seat) { return seat->place().room; }

}  // namespace

TEST_CASE("a seat is in the room with the fewest players, and free again when it goes", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 2}, 1));
    CHECK(directory.open({.room = RoomNumber{2}, .shard = 1}, {.seats = 2}, 0));
    auto first = directory.take_seat();
    REQUIRE(first);
    CHECK(number(first) == RoomNumber{2});
    CHECK(first->place().shard == 1);
    auto second = directory.take_seat();
    CHECK(number(second) == RoomNumber{1});
    auto third = directory.take_seat();
    CHECK(number(third) == RoomNumber{2});
    CHECK_FALSE(directory.take_seat());
    CHECK(directory.why_none() == "the server is full (4 of 4 players)");

    second.reset();
    Seat kept;
    kept = std::move(*directory.take_seat());
    CHECK(kept.place().room == RoomNumber{1});
    kept = Seat();
    CHECK(directory.take_seat());
}

TEST_CASE("a seat in a room that is named is there or nowhere", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 1}, 0));
    CHECK(directory.open({.room = RoomNumber{2}, .shard = 1}, {.seats = 5}, 0));
    const auto only = take(directory, {.name = "1"});
    CHECK(number(only) == RoomNumber{1});
    CHECK(why(take(directory, {.name = "1"})) == Kind::RoomFull);
    CHECK(why(take(directory, {.name = "3"})) == Kind::NoSuchRoom);
    CHECK(directory.has("1"));
    CHECK_FALSE(directory.has("3"));
    directory.close(RoomNumber{2});
    CHECK_FALSE(directory.has("2"));
    CHECK(why(take(directory, {.name = "2"})) == Kind::NoSuchRoom);
}

TEST_CASE("whoever watches has a seat of another kind, where most is to be seen", "[gate][rooms]") {
    EmbeddedDirectory directory({.client_rooms_max = 8, .spectators_max = 2}, seeded(1));
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 4}, 0));
    CHECK(directory.open({.room = RoomNumber{2}, .shard = 0}, {.seats = 2}, 1));
    CHECK(directory.open({.room = RoomNumber{3}, .shard = 0}, {.name = "full", .seats = 2}, 2));
    const auto watch = [&](RoomWish wish, const NewRoom* otherwise = nullptr) {
        return directory.take_seat(SeatWish{.kind = SeatKind::Spectator, .room = std::move(wish), .otherwise = otherwise}, start);
    };
    std::vector<Seat> seats;
    for (const std::uint32_t room : {3U, 3U, 2U, 2U}) {
        auto seat = directory.take_seat(SeatKind::Spectator);
        REQUIRE(seat);
        CHECK(number(seat) == RoomNumber{room});
        CHECK(seat->kind() == SeatKind::Spectator);
        seats.push_back(std::move(*seat));
    }
    CHECK(why(watch({.name = "full"})) == Kind::RoomFull);
    CHECK(directory.taken(RoomNumber{3}) == 2);
    CHECK(directory.list(10)[1].players == 1);
    for (int place = 0; place < 2; ++place) seats.push_back(std::move(*directory.take_seat(SeatKind::Spectator)));
    CHECK_FALSE(directory.has_seat(SeatKind::Spectator));
    CHECK(directory.why_none(SeatKind::Spectator) == "no room of the server has a place for another spectator (6 of 6)");
    // It is no player's seat, and given back as what it was.
    CHECK(number(directory.take_seat()) == RoomNumber{1});
    seats.clear();
    CHECK(number(watch({.name = "2"})) == RoomNumber{2});
    // A room that is behind leaves spectators out by itself.
    directory.set_joinable(RoomNumber{2}, false);
    CHECK(number(watch({.name = "2"})) == RoomNumber{2});
    // No room is opened for it, and no place to play is kept for it.
    const NewRoom other{.room = {.name = "other", .seats = 2}, .by_client = true};
    CHECK(why(watch({.name = "other", .choice = RoomChoice::JoinOrCreate}, &other)) == Kind::NoSuchRoom);
    CHECK(why(watch({.name = "other", .choice = RoomChoice::Create}, &other)) == Kind::NoNewRooms);
    const auto kept = directory.reserve("1", start + 1h);
    CHECK(why(watch({.reservation = std::get<std::string>(kept)})) == Kind::Denied);
    CHECK(number(take(directory, {.reservation = std::get<std::string>(kept)})) == RoomNumber{1});
    CHECK(directory.knows(SeatKind::Spectator));
}

TEST_CASE("a room that is watched and played in by nobody closes, and is gone when nobody watches it any more", "[gate][rooms]") {
    EmbeddedDirectory directory({.spectators_max = 1});
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 2}, 1));
    auto watcher = directory.take_seat(SeatKind::Spectator);
    REQUIRE(watcher);
    CHECK(directory.close_if_empty(RoomNumber{1}));
    CHECK_FALSE(directory.has_seat(SeatKind::Spectator));
    CHECK(directory.why_none(SeatKind::Spectator) == "no room of the server that is open takes spectators");
    CHECK(directory.taken(RoomNumber{1}) == 1);
    watcher.reset();
    CHECK(directory.taken(RoomNumber{1}) == 0);
}

TEST_CASE("nobody joins a room that is closed, or has too much to do", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 8}, 0));
    CHECK(directory.open({.room = RoomNumber{2}, .shard = 0}, {.seats = 8}, 0));
    directory.set_joinable(RoomNumber{1}, false);
    const auto seat = directory.take_seat();
    CHECK(number(seat) == RoomNumber{2});
    directory.close(RoomNumber{2});
    CHECK(directory.size() == 1);
    CHECK_FALSE(directory.take_seat());
    CHECK(directory.why_none() == "the server has more to do than it can, and takes nobody in for a while");
    directory.set_joinable(RoomNumber{1}, true);
    CHECK(number(directory.take_seat()) == RoomNumber{1});
    directory.close_all();
    CHECK_FALSE(directory.take_seat());
    CHECK(directory.why_none() == "no room of the server is open");
}

TEST_CASE("threads that take seats at once take each of them once", "[gate][rooms]") {
    constexpr std::uint32_t seats = 500;
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = seats}, 0));
    CHECK(directory.open({.room = RoomNumber{2}, .shard = 1}, {.seats = seats}, 0));
    std::vector<std::vector<Seat>> taken(3);
    std::vector<std::thread> threads;
    for (auto& mine : taken)
        threads.emplace_back([&] {
            int takes = 0;
            while (auto seat = directory.take_seat())
                if (++takes % 3 != 0) mine.push_back(std::move(*seat));
        });
    for (std::thread& thread : threads) thread.join();
    std::size_t all = 0;
    for (const auto& mine : taken) all += mine.size();
    // A seat that was given back after the others had left is free still.
    while (auto seat = directory.take_seat()) taken.front().push_back(std::move(*seat)), ++all;
    CHECK(all == 2 * seats);
}

TEST_CASE("a room is found by its name, or by what it says of itself", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}}, {.properties = {{"mode", "duel"}, {"map", "harbour"}}, .seats = 2}, 0));
    CHECK(directory.open({.room = RoomNumber{2}}, {.name = "duel at sea", .properties = {{"mode", "duel"}, {"map", "sea"}}, .seats = 4}, 0));
    CHECK(directory.open({.room = RoomNumber{3}}, {.properties = {{"mode", "race"}}, .seats = 4}, 0));
    CHECK_FALSE(directory.open({.room = RoomNumber{4}}, {.name = "duel at sea", .seats = 4}, 0));
    const auto by_name = take(directory, {.name = "duel at sea"});
    CHECK(number(by_name) == RoomNumber{2});
    CHECK(number(take(directory, {.properties = {{"map", "harbour"}, {"mode", "duel"}}})) == RoomNumber{1});
    CHECK(why(take(directory, {.properties = {{"mode", "chess"}}})) == Kind::NoSuchRoom);
    CHECK(why(take(directory, {.name = "duel at sea", .properties = {{"mode", "race"}}})) == Kind::NoSuchRoom);
    // Those who want the same find each other: the room with the most.
    const auto together = take(directory, {.properties = {{"mode", "duel"}}});
    CHECK(number(together) == RoomNumber{2});
    // And one with so many places for friends.
    CHECK(number(take(directory, {.properties = {{"mode", "duel"}}, .free_seats = 2})) == RoomNumber{2});
    const auto third = take(directory, {.name = "duel at sea"});
    CHECK(number(take(directory, {.properties = {{"mode", "duel"}}, .free_seats = 2})) == RoomNumber{1});
    CHECK(why(take(directory, {.properties = {{"mode", "duel"}}, .free_seats = 3})) == Kind::RoomFull);
}

TEST_CASE("a private room is found by its code, or by a token for it, and by nothing else", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}}, {.name = "ours", .properties = {{"mode", "duel"}}, .seats = 4, .code = "K7MXQ2ZV"}, 0));
    CHECK_FALSE(directory.take_seat());
    CHECK(why(take(directory, {.name = "ours"})) == Kind::NoSuchRoom);
    CHECK(why(take(directory, {.properties = {{"mode", "duel"}}})) == Kind::NoSuchRoom);
    CHECK(why(take(directory, {.code = "K7MXQ2ZW"})) == Kind::WrongCode);
    CHECK(why(take(directory, {.name = "theirs", .code = "K7MXQ2ZV"})) == Kind::WrongCode);
    CHECK(number(take(directory, {.code = "K7MXQ2ZV"})) == RoomNumber{1});
    CHECK(number(take(directory, {.name = "ours", .code = "K7MXQ2ZV"})) == RoomNumber{1});
    CHECK(std::holds_alternative<Seat>(directory.take_seat(SeatWish{.room = {.name = "ours"}, .invited = true}, start)));
    CHECK(directory.list(100).empty());
}

TEST_CASE("a room that nobody has is ordered from the shard with the fewest, and joined by who comes next", "[gate][rooms]") {
    EmbeddedDirectory directory({.client_rooms_max = 3}, seeded(1));
    directory.set_shards(2);
    CHECK(directory.open({.room = RoomNumber{1}, .shard = 0}, {.seats = 2}, 0));
    const RoomWish wish{.properties = {{"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate};
    const NewRoom duel{.room = {.properties = wish.properties, .seats = 2}, .by_client = true};
    CHECK(why(take(directory, wish)) == Kind::NoSuchRoom);
    const auto creator = take(directory, wish, &duel);
    CHECK(number(creator) == RoomNumber{2});
    CHECK(std::get<Seat>(creator).place().shard == 1);
    CHECK_FALSE(directory.poll_order(0));
    const auto order = directory.poll_order(1);
    REQUIRE(order);
    REQUIRE(order->open);
    CHECK(order->room == RoomNumber{2});
    CHECK(order->open->room.name == "2");
    CHECK(order->open->room.properties == wish.properties);
    CHECK_FALSE(directory.poll_order(1));
    const auto guest = take(directory, wish, &duel);
    CHECK(number(guest) == RoomNumber{2});
    // It is full: a further one is opened, and a name is one room's.
    const auto next = take(directory, wish, &duel);
    CHECK(number(next) == RoomNumber{3});
    const auto mate = take(directory, wish, &duel);
    CHECK(number(mate) == RoomNumber{3});
    const NewRoom named{.room = {.name = "2", .seats = 2}, .by_client = true};
    CHECK(why(take(directory, {.name = "2", .choice = RoomChoice::Create}, &named)) == Kind::RoomTaken);
    const NewRoom other{.room = {.name = "5", .seats = 2}, .by_client = true};
    CHECK(number(take(directory, {.name = "5", .choice = RoomChoice::Create}, &other)) == RoomNumber{4});
    // Nobody is in it any more, but it is open: there are as many as there may be.
    CHECK(why(take(directory, wish, &duel)) == Kind::TooManyRooms);
    CHECK(directory.close_if_empty(RoomNumber{4}));
    CHECK_FALSE(directory.close_if_empty(RoomNumber{3}));
    const auto fifth = take(directory, wish, &duel);
    CHECK(number(fifth) == RoomNumber{5});
    directory.close_all();
    CHECK(why(take(directory, wish, &duel)) == Kind::NoSeat);
    CHECK_FALSE(directory.has_seat());
}

TEST_CASE("a room without a name is called by its number, or by the next that is nobody's name", "[gate][rooms]") {
    EmbeddedDirectory directory;
    CHECK(directory.open({.room = RoomNumber{1}}, {.name = "2", .seats = 2}, 0));
    const auto place = directory.order({.room = {.seats = 2}});
    REQUIRE(std::holds_alternative<RoomPlace>(place));
    CHECK(std::get<RoomPlace>(place).room == RoomNumber{3});
    CHECK(directory.has("3"));
}

TEST_CASE("a private room that a client opens gets a code that no other has", "[gate][rooms]") {
    EmbeddedDirectory directory({.client_rooms_max = 100}, seeded(2));
    const NewRoom ours{.room = {.seats = 2}, .is_private = true, .by_client = true};
    std::set<std::string> codes;
    for (int i = 0; i < 50; ++i) {
        const auto seat = take(directory, {.choice = RoomChoice::Create, .is_private = true}, &ours);
        const auto order = directory.poll_order(0);
        REQUIRE(order);
        const std::string& code = order->open->room.code;
        CHECK(code.size() == 8);
        CHECK(codes.insert(code).second);
        CHECK(number(take(directory, {.code = code})) == number(seat));
    }
    EmbeddedDirectory plain({.client_rooms_max = 100});
    CHECK(why(take(plain, {.choice = RoomChoice::Create}, &ours)) == Kind::NoNewRooms);
}

TEST_CASE("a reserved place is for who brings its text, until its time is over, and is never lost", "[gate][rooms]") {
    EmbeddedDirectory directory({}, seeded(3));
    CHECK(directory.open({.room = RoomNumber{1}}, {.seats = 2}, 0));
    const auto kept = directory.reserve("1", start + 15s);
    const auto late = directory.reserve("1", start + 20s);
    REQUIRE(std::holds_alternative<std::string>(kept));
    REQUIRE(std::holds_alternative<std::string>(late));
    CHECK_FALSE(directory.take_seat());
    CHECK(std::get<Refusal>(directory.reserve("1", start + 15s)).kind == Kind::RoomFull);
    CHECK(std::get<Refusal>(directory.reserve("2", start + 15s)).kind == Kind::NoSuchRoom);
    CHECK(why(take(directory, {.reservation = "no such text"})) == Kind::WrongCode);
    {
        auto seat = take(directory, {.reservation = std::get<std::string>(kept)}, nullptr, start + 14s);
        CHECK(number(seat) == RoomNumber{1});
        std::get<Seat>(seat).use();
        CHECK(why(take(directory, {.reservation = std::get<std::string>(kept)})) == Kind::WrongCode);
        CHECK_FALSE(directory.close_if_empty(RoomNumber{1}));
    }
    CHECK(number(take(directory, {.name = "1"})) == RoomNumber{1});
    // The other's time is over, whether somebody asks or not.
    directory.handle_timeout(start + 19s);
    CHECK_FALSE(directory.close_if_empty(RoomNumber{1}));
    directory.handle_timeout(start + 20s);
    CHECK(why(take(directory, {.reservation = std::get<std::string>(late)}, nullptr, start + 20s)) == Kind::WrongCode);
    CHECK(directory.list(1).front().players == 0);
    CHECK(directory.close_if_empty(RoomNumber{1}));
}

TEST_CASE("a reserved place whose holder does not come in is kept as before, as long as its time and its room last", "[gate][rooms]") {
    EmbeddedDirectory directory({.reservations_max = 1}, seeded(6));
    CHECK(directory.open({.room = RoomNumber{1}}, {.seats = 1}, 0));
    const std::string kept = std::get<std::string>(directory.reserve("1", start + 15s));
    const RoomWish wish{.reservation = kept};
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto seat = take(directory, wish);
        CHECK(number(seat) == RoomNumber{1});
        // While it is on its way nobody else comes by it.
        CHECK(why(take(directory, wish)) == Kind::WrongCode);
        CHECK(directory.taken(RoomNumber{1}) == 1);
    }
    CHECK(directory.taken(RoomNumber{1}) == 1);
    CHECK_FALSE(directory.take_seat());
    CHECK_FALSE(directory.close_if_empty(RoomNumber{1}));
    SECTION("a seat that has taken the place of another is the one that is given back") {
        Seat held = std::move(std::get<Seat>(take(directory, wish)));
        Seat moved;
        moved = std::move(held);
        CHECK(why(take(directory, wish)) == Kind::WrongCode);
        moved = Seat();
        CHECK(number(take(directory, wish)) == RoomNumber{1});
    }
    SECTION("its time is over while it is on its way") {
        {
            const auto seat = take(directory, wish);
            directory.handle_timeout(start + 15s);
            CHECK(directory.taken(RoomNumber{1}) == 1);
        }
        CHECK(why(take(directory, wish, nullptr, start + 15s)) == Kind::WrongCode);
        CHECK(directory.taken(RoomNumber{1}) == 0);
    }
    SECTION("its room ends while it is on its way") {
        {
            const auto seat = take(directory, wish);
            directory.close(RoomNumber{1});
            CHECK(directory.taken(RoomNumber{1}) == 1);
        }
        CHECK(directory.taken(RoomNumber{1}) == 0);
        CHECK(why(take(directory, wish)) == Kind::WrongCode);
        directory.handle_timeout(start + 1h);
    }
}

TEST_CASE("a place that was reserved in a room that has ended is over with it", "[gate][rooms]") {
    EmbeddedDirectory directory({}, seeded(4));
    CHECK(directory.open({.room = RoomNumber{1}}, {.seats = 2}, 1));
    const auto kept = directory.reserve("1", start + 15s);
    const auto place = directory.order_end("1", "the cup is over");
    REQUIRE(place);
    CHECK(place->room == RoomNumber{1});
    CHECK(why(take(directory, {.reservation = std::get<std::string>(kept)})) == Kind::WrongCode);
    directory.handle_timeout(start + 1h);
    const auto order = directory.poll_order(0);
    REQUIRE(order);
    CHECK_FALSE(order->open);
    CHECK(order->reason == "the cup is over");
    CHECK_FALSE(directory.order_end("1", "again"));
    // Its name is free.
    CHECK(directory.open({.room = RoomNumber{2}}, {.name = "1", .seats = 2}, 0));
}

TEST_CASE("the list tells of public rooms, and what has changed has another revision", "[gate][rooms]") {
    EmbeddedDirectory directory({}, seeded(5));
    CHECK(directory.open({.room = RoomNumber{1}}, {.properties = {{"mode", "duel"}}, .seats = 4}, 1));
    CHECK(directory.open({.room = RoomNumber{2}}, {.name = "ours", .seats = 4, .code = "secret"}, 0));
    CHECK(directory.open({.room = RoomNumber{3}}, {.seats = 4}, 0));
    const auto before = directory.list(10);
    REQUIRE(before.size() == 2);
    CHECK(before[0].name == "1");
    CHECK(before[0].players == 1);
    CHECK(before[0].seats == 4);
    CHECK(before[0].properties == RoomProperties{{"mode", "duel"}});
    CHECK(before[1].name == "3");
    CHECK(directory.list(1).size() == 1);
    const auto seat = take(directory, {.name = "3"});
    const auto after = directory.list(10);
    CHECK(after[0].revision == before[0].revision);
    CHECK(after[1].revision > before[1].revision);
    directory.close(RoomNumber{1});
    CHECK(directory.list(10).size() == 1);
}

TEST_CASE("a room that is closed is forgotten when the last has left, and churn leaves nothing behind", "[gate][rooms]") {
    EmbeddedDirectory directory({.client_rooms_max = 1, .rooms_max = 2}, seeded(6));
    const NewRoom room{.room = {.seats = 2}, .bots = 1, .by_client = true};
    for (int i = 0; i < 1000; ++i) {
        auto seat = take(directory, {.choice = RoomChoice::Create}, &room);
        const RoomNumber made = number(seat);
        REQUIRE(directory.poll_order(0));
        directory.close(made);
        CHECK(why(take(directory, {.choice = RoomChoice::Create}, &room)) == Kind::TooManyRooms);
        std::get<Seat>(seat) = Seat();
    }
    CHECK(directory.size() == 0);
}

TEST_CASE("restored rooms of clients count as theirs", "[gate][rooms]") {
    EmbeddedDirectory directory({.client_rooms_max = 2}, seeded(1));
    CHECK(directory.open({.room = RoomNumber{5}}, {.name = "old", .seats = 2}, 0, true));
    CHECK(directory.open({.room = RoomNumber{6}}, {.name = "of the program's", .seats = 2}, 0));
    const auto order = [&](std::string name) {
        return directory.order({.room = {.name = std::move(name), .seats = 2}, .by_client = true});
    };
    CHECK(std::get<RoomPlace>(order("one")).room == RoomNumber{7});
    const auto refused = order("two");
    REQUIRE(std::holds_alternative<Refusal>(refused));
    CHECK(std::get<Refusal>(refused).kind == Kind::TooManyRooms);
    directory.close(RoomNumber{5});
    CHECK(std::holds_alternative<RoomPlace>(order("two")));
}

TEST_CASE("no room is ordered under a number that is kept", "[gate][rooms]") {
    EmbeddedDirectory directory({.numbers_kept = 2});
    directory.keep_number(RoomNumber{7});
    directory.keep_number(RoomNumber{4});
    CHECK(std::get<RoomPlace>(directory.order({.room = {.seats = 2}})).room == RoomNumber{8});
    CHECK(directory.open({.room = RoomNumber{7}}, {.seats = 2}, 0));
    CHECK(directory.open({.room = RoomNumber{4}}, {.seats = 2}, 0));
    CHECK(std::get<RoomPlace>(directory.order({.room = {.seats = 2}})).room == RoomNumber{9});
}
