// Rooms by number, by due tick and by weight, against a walk over all of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "sdk/core/base/random.h"
#include "server/gate/room_list.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace std::chrono_literals;
using server::HostedRoom;
using server::RoomList;
using server::RoomNumber;

TEST_CASE("the list finds what a walk over all rooms would find, whatever runs, comes and goes", "[gate][rooms]") {
    constexpr std::uint64_t seed = 11;
    CAPTURE(seed);
    SeededRandom random(seed);
    sim::SampleGame sample;
    server::Site site(sim::SampleSchema::info(), ServerOptions{.rooms = 64}, {});
    RoomList rooms;
    std::uint32_t number = 0;
    CHECK(rooms.next_due() == never);
    for (int step = 0; step < 3000; ++step) {
        if (rooms.size() < 3 || (rooms.size() < 40 && random.below(20) == 0)) {
            const TimePoint start =
                TimePoint{1s} + std::chrono::milliseconds(random.below(100) + static_cast<std::uint64_t>(step));
            rooms.add(std::make_unique<HostedRoom>(
                site, server::RoomSetup{.number = RoomNumber{++number}, .game = sample.game()}, start));
        }
        const auto earliest = [](const auto& a, const auto& b) { return a->schedule().due() < b->schedule().due(); };
        const HostedRoom& first = **std::min_element(rooms.begin(), rooms.end(), earliest);
        REQUIRE(rooms.next_due() == first.schedule().due());
        REQUIRE(rooms.first_due().schedule().due() == first.schedule().due());
        // In its turn mostly, and sometimes out of it.
        HostedRoom& room = random.below(8) == 0
                               ? **(rooms.begin() +
                                    static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(rooms.size()))))
                               : rooms.first_due();
        REQUIRE(rooms.find(room.number()) == &room);
        room.run_due_ticks(room.schedule().due());
        rooms.note_ran(room);
        server::TickTimes times{.due = {}, .began = TimePoint{1s}, .told = TimePoint{1s}, .written = TimePoint{1s}};
        times.written += std::chrono::microseconds(random.below(50));
        rooms.note_times(room, times, false);
        Duration together{0};
        Duration most{0};
        for (const auto& each : rooms) {
            together += each->taken();
            most = std::max(most, each->taken());
        }
        REQUIRE(rooms.taken() == together);
        REQUIRE(std::count_if(rooms.begin(), rooms.end(), [&](const auto& each) { return rooms.takes_most(*each); }) ==
                1);
        for (const auto& each : rooms)
            if (rooms.takes_most(*each)) REQUIRE(each->taken() == most);
        if (random.below(30) != 0) continue;
        const RoomNumber gone = room.number();
        int removed = 0;
        rooms.remove_if([&](const HostedRoom& each) { return each.number() == gone; },
                        [&](const HostedRoom&) { ++removed; });
        REQUIRE(removed == 1);
        REQUIRE(rooms.find(gone) == nullptr);
    }
}
