// A room that goes on in another one: what is told to whom, who owns what, and what comes next.
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "server/room/room.h"
#include "server/room/saved_room.h"
#include "tests/server/room/interest_world.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::Flag;
using tidewire::test::interest_schema;
using tidewire::test::Purse;
using tidewire::test::sample_grid;

namespace {

using Spot = tidewire::test::Place;

/// Two rooms of one game: the second goes on from the first.
struct Rooms {
    Game game;
    replication::Layout layout{interest_schema()};
    std::unique_ptr<Room> first;
    std::unique_ptr<Room> second;
    Group group;

    Rooms() {
        game.schema = &interest_schema();
        game.interest = sample_grid();
        game.on_join = [](ServerSim&, Player player) {
            player.spawn(Spot{.x = 100.0F * static_cast<float>(player.id()), .y = 40}, Purse{.coins = static_cast<std::uint16_t>(player.id())});
        };
        first = std::make_unique<Room>(game, layout, RoomOptions{.tick_rate = 10});
    }
    /// Calls `act` in the next tick of the first room.
    template <class Act>
    void act(Act act) {
        game.on_tick = act;
        first->tick();
        game.on_tick = nullptr;
    }
    void go_on() {
        second = std::make_unique<Room>(game, layout, RoomOptions{.tick_rate = 10});
        REQUIRE(second->restore(first->save()));
    }
    std::vector<GroupId> wanted(const Room& room, PlayerId player) const {
        std::vector<GroupId> groups;
        for (const Wanted& each : room.interest().wanted(player)) {
            // Private ids are handed out anew.
            groups.push_back(is_private(each.group) ? group_private : each.group);
            groups.push_back(static_cast<GroupId>(each.rate));
        }
        return groups;
    }
};

}  // namespace

TEST_CASE("a restored room is at the same tick, with the same world, players and groups", "[room][save]") {
    Rooms rooms;
    Room& room = *rooms.first;
    for (const char* name : {"ann", "ben", "cat", "dan"}) room.join(name, name[0] == 'd', {.subject = name});
    std::vector<EntityId> flags;
    rooms.act([&](ServerSim& sim) {
        for (int i = 0; i < 6; ++i) flags.push_back(sim.spawn(Spot{.x = 60.0F * static_cast<float>(i), .y = 900}, Flag{.color = 3}).id());
        Interest& interest = sim.interest();
        rooms.group = interest.add_group(9);
        const Group gone = interest.add_group();
        interest.remove_group(gone);
        interest.place(flags[0], rooms.group);
        interest.place_for_team(flags[1], 7);
        interest.place_always(flags[2]);
        interest.set_team(2, 7);
        interest.subscribe(1, rooms.group, UpdateRate::Half);
        interest.set_focus(1, 300, 900);
        interest.follow(3, flags[5]);
        interest.place_for_owner(sim.world().at(0));
    });
    rooms.act([&](ServerSim& sim) { sim.world().despawn(flags[3]); });
    for (int i = 0; i < 3; ++i) room.tick();
    rooms.go_on();
    Room& other = *rooms.second;
    CHECK(other.tick_number() == room.tick_number());
    CHECK(other.player_count() == 4);
    CHECK(replication::same_state(*other.snapshots().newest(), *room.snapshots().newest()));
    for (PlayerId player = 1; player <= 4; ++player) {
        CAPTURE(player);
        CHECK(rooms.wanted(other, player) == rooms.wanted(room, player));
    }
    for (std::uint32_t index = 0; index < 12; ++index) CHECK(other.interest().group_of(index) == room.interest().group_of(index));
    CHECK(other.interest().group_of_team(7) == room.interest().group_of_team(7));
    // And so it goes on: who joins, what is spawned and what groups are made is the same in both.
    for (Room* const each : {&room, &other}) {
        CHECK(each->join("eve", false) == 5);
        // The index was used before: nobody may take it for the one that is gone.
        CHECK((each->world().at(flags[3].index) == EntityId{flags[3].index, flags[3].generation + 1}));
        Group made;
        rooms.game.on_tick = [&](ServerSim& sim) {
            made = sim.interest().add_group();
            sim.spawn(Spot{.x = 10, .y = 10});
        };
        each->tick();
        CHECK(made.id > rooms.group.id);
    }
    CHECK(replication::same_state(*other.snapshots().newest(), *room.snapshots().newest()));
    for (int i = 0; i < 20; ++i) {
        for (Room* const each : {&room, &other}) {
            rooms.game.on_tick = [&](ServerSim& sim) {
                for (auto [entity, spot] : sim.view<Spot>()) spot.x += 7;
            };
            each->tick();
        }
        CHECK(replication::same_state(*other.snapshots().newest(), *room.snapshots().newest()));
        for (PlayerId player = 1; player <= 5; ++player) CHECK(rooms.wanted(other, player) == rooms.wanted(room, player));
    }
}

TEST_CASE("what has come since the last tick is saved as well", "[room][save]") {
    Rooms rooms;
    Room& room = *rooms.first;
    room.join("ann", false);
    room.tick();
    room.join("ben", false);
    rooms.go_on();
    CHECK(rooms.second->world().entity_count() == 2);
    CHECK(rooms.second->world().owner(rooms.second->world().at(1)) == 2);
    const replication::Snapshot before = *rooms.second->snapshots().newest();
    CHECK(before.tick == room.tick_number());
    rooms.second->tick();
    CHECK(rooms.second->tick_number() == before.tick + 1);
    CHECK(replication::same_state(*rooms.second->snapshots().newest(), before));
}

TEST_CASE("a mute outlives the restart", "[room][save]") {
    Rooms rooms;
    Room& room = *rooms.first;
    for (const char* name : {"ann", "ben", "cat"}) room.join(name, false);
    room.tick();
    CHECK(room.mute(1, std::chrono::seconds(2)));
    CHECK(room.mute(3, std::chrono::hours(1'000'000)));
    for (int i = 0; i < 5; ++i) room.tick();
    rooms.go_on();
    Room& other = *rooms.second;
    // The room's ticks go on, and the mute with them.
    for (int left = 15; left > 0; --left) {
        REQUIRE(other.muted(1));
        REQUIRE(other.players()[0].muted_for == std::chrono::milliseconds(100) * left);
        other.tick();
    }
    CHECK_FALSE(other.muted(1));
    CHECK_FALSE(other.muted(2));
    CHECK(other.muted(3));
}

TEST_CASE("players of a restored room are away, and have done nothing for no time yet", "[room][save]") {
    Rooms rooms;
    rooms.first->join("ann", false);
    rooms.first->join("bot", true);
    for (int i = 0; i < 50; ++i) rooms.first->tick();
    rooms.go_on();
    rooms.second->tick();
    const auto players = rooms.second->players();
    CHECK_FALSE(players[0].connected);
    CHECK(players[0].quiet_for <= std::chrono::milliseconds(100));
    CHECK(players[1].connected);
    rooms.second->reconnect(1);
    CHECK(rooms.second->players()[0].connected);
}
