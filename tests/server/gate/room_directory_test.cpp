// Who gets a seat, and where.
#include "server/gate/room_directory.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace tidewire::server;

namespace {

RoomNumber number(const std::optional<Seat>& seat) { return seat->place().room; }

}  // namespace

TEST_CASE("a seat is in the room with the fewest players, and free again when it goes", "[gate][rooms]") {
    RoomDirectory directory;
    directory.open({.room = RoomNumber{1}, .shard = 0}, 2, 1);
    directory.open({.room = RoomNumber{2}, .shard = 1}, 2, 0);
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
    RoomDirectory directory;
    directory.open({.room = RoomNumber{1}, .shard = 0}, 1, 0);
    directory.open({.room = RoomNumber{2}, .shard = 1}, 5, 0);
    const auto only = directory.take_seat(RoomNumber{1});
    REQUIRE(only);
    CHECK(number(only) == RoomNumber{1});
    CHECK_FALSE(directory.take_seat(RoomNumber{1}));
    CHECK_FALSE(directory.take_seat(RoomNumber{3}));
    CHECK(directory.has(RoomNumber{1}));
    CHECK_FALSE(directory.has(RoomNumber{3}));
    directory.close(RoomNumber{2});
    CHECK_FALSE(directory.has(RoomNumber{2}));
    CHECK_FALSE(directory.take_seat(RoomNumber{2}));
}

TEST_CASE("whoever watches has a seat of another kind, where most is to be seen", "[gate][rooms]") {
    RoomDirectory directory;
    directory.open({.room = RoomNumber{1}, .shard = 0}, 4, 0);
    directory.open({.room = RoomNumber{2}, .shard = 0}, 4, 1, 1);
    directory.open({.room = RoomNumber{3}, .shard = 0}, 4, 2, 2);
    std::vector<Seat> seats;
    for (const std::uint32_t room : {3U, 3U, 2U}) {
        auto seat = directory.take_seat(SeatKind::Spectator);
        REQUIRE(seat);
        CHECK(number(seat) == RoomNumber{room});
        CHECK(seat->kind() == SeatKind::Spectator);
        seats.push_back(std::move(*seat));
    }
    CHECK_FALSE(directory.has_seat(SeatKind::Spectator));
    CHECK_FALSE(directory.take_seat(RoomNumber{1}, SeatKind::Spectator));
    CHECK(directory.why_none(SeatKind::Spectator) == "no room of the server has a place for another spectator (3 of 3)");
    // It is no player's seat, and given back as what it was.
    CHECK(number(directory.take_seat()) == RoomNumber{1});
    seats.clear();
    CHECK(number(directory.take_seat(RoomNumber{2}, SeatKind::Spectator)) == RoomNumber{2});
    // A room that is behind leaves spectators out by itself.
    directory.set_joinable(RoomNumber{2}, false);
    CHECK(directory.take_seat(RoomNumber{2}, SeatKind::Spectator));
    directory.close(RoomNumber{2});
    CHECK_FALSE(directory.take_seat(RoomNumber{2}, SeatKind::Spectator));
    CHECK(directory.knows(SeatKind::Spectator));
}

TEST_CASE("nobody joins a room that is closed, or has too much to do", "[gate][rooms]") {
    RoomDirectory directory;
    directory.open({.room = RoomNumber{1}, .shard = 0}, 8, 0);
    directory.open({.room = RoomNumber{2}, .shard = 0}, 8, 0);
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
    RoomDirectory directory;
    directory.open({.room = RoomNumber{1}, .shard = 0}, seats, 0);
    directory.open({.room = RoomNumber{2}, .shard = 1}, seats, 0);
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
