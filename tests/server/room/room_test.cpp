// The tick of a room: which input is applied when, in which order, and what a player leaves behind.
#include "server/room/room.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "sdk/core/base/random.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::server;
using tidewire::sim::Ball;
using tidewire::sim::Push;
using tidewire::sim::SampleGame;
using tidewire::sim::SampleSchema;

namespace {

/// A room that writes down which input was applied to whom.
class Recorder {
public:
    explicit Recorder(RoomOptions options = {}) : room_(with_log(game_, log_), layout_, options) {}

    Room& room() { return room_; }
    void push(PlayerId player, Tick tick, Push push) {
        Bytes aggregate(sizeof push);
        std::memcpy(aggregate.data(), &push, sizeof push);
        room_.push_input(player, {.tick = tick, .type = 0, .aggregate = std::move(aggregate)}, 1);
    }
    /// What one tick applied: "1:+1 2:0" is player 1 with dx 1 and player 2 with dx 0.
    std::string tick() {
        log_.clear();
        room_.tick();
        return log_;
    }
    std::string events() const { return log_; }

private:
    static const Game& with_log(Game& game, std::string& log) {
        game.schema = &SampleSchema::info();
        game.on_join = [](Sim&, Player player) { player.spawn(Ball{}); };
        game.on_leave = [&log](Sim& sim, Player player) {
            log += "leave " + std::string(player.name()) + " with " + std::to_string(sim.world().entity_count()) + "; ";
        };
        game.apply_input = [&log](Sim&, Entity entity, std::uint16_t, const std::byte* input) {
            Push push;
            std::memcpy(&push, input, sizeof push);
            log.append(log.empty() ? "" : " ").append(std::to_string(entity.owner())).append(push.dx > 0 ? ":+" : ":");
            log.append(std::to_string(push.dx));
        };
        return game;
    }

    std::string log_;
    Game game_;
    replication::Layout layout_{SampleSchema::info()};
    Room room_;
};

}  // namespace

TEST_CASE("players act in the order of their numbers, with the input of the tick", "[room]") {
    Recorder recorder;
    Room& room = recorder.room();
    const PlayerId first = room.join("first", false);
    const PlayerId second = room.join("second", false);
    recorder.push(second, 1, {.dx = -1});
    recorder.push(first, 1, {.dx = 1});
    recorder.push(first, 2, {.dx = 0});
    CHECK(recorder.tick() == "1:+1 2:-1");
    CHECK(room.input_consumed(first) == 1);
    CHECK(recorder.tick() == "1:0 2:-1");
    CHECK(room.input_consumed(first) == 2);
    CHECK(room.input_consumed(second) == 1);
    CHECK(room.counters().inputs.consumed == 3);
    CHECK(room.counters().inputs.repeated == 1);
}

TEST_CASE("an input that is early waits for its tick", "[room]") {
    Recorder recorder;
    const PlayerId player = recorder.room().join("p", false);
    recorder.push(player, 3, {.dx = 1});
    CHECK(recorder.tick() == "1:0");
    CHECK(recorder.tick() == "1:0");
    CHECK(recorder.tick() == "1:+1");
}

TEST_CASE("a missing input is the last one for three ticks, then zeros", "[room]") {
    Recorder recorder;
    const PlayerId player = recorder.room().join("p", false);
    CHECK(recorder.tick() == "1:0");
    recorder.push(player, 2, {.dx = 1});
    for (int tick = 2; tick <= 5; ++tick) CHECK(recorder.tick() == "1:+1");
    for (int tick = 6; tick <= 10; ++tick) CHECK(recorder.tick() == "1:0");
    CHECK(recorder.room().input_consumed(player) == 2);
    recorder.push(player, 11, {.dx = -1});
    for (int tick = 11; tick <= 14; ++tick) CHECK(recorder.tick() == "1:-1");
    CHECK(recorder.tick() == "1:0");
    CHECK(recorder.room().counters().inputs.consumed == 2);
    CHECK(recorder.room().counters().inputs.repeated == 6);
    CHECK(recorder.room().counters().inputs.neutral == 7);
}

TEST_CASE("an input that comes late is never applied, and does not stand in for others", "[room]") {
    Recorder recorder;
    const PlayerId player = recorder.room().join("p", false);
    recorder.tick();
    recorder.push(player, 1, {.dx = 1});
    CHECK(recorder.tick() == "1:0");
    CHECK(recorder.room().counters().inputs.late == 1);
    CHECK(recorder.room().input_lead(player).newest == 1);
    CHECK(recorder.room().input_consumed(player) == 0);
}

TEST_CASE("a player takes everything along, and the world still has it in on_leave", "[room]") {
    Recorder recorder;
    Room& room = recorder.room();
    const PlayerId stays = room.join("stays", false);
    const PlayerId goes = room.join("goes", true);
    Sim(room.world(), 0, 0).spawn_for(goes, Ball{});
    Sim(room.world(), 0, 0).spawn(Ball{});
    REQUIRE(room.world().entity_count() == 4);
    room.leave(goes);
    CHECK(recorder.events() == "leave goes with 4; ");
    CHECK(room.world().entity_count() == 2);
    CHECK(room.player_count() == 1);
    room.leave(goes);
    CHECK(recorder.events() == "leave goes with 4; ");
    recorder.push(goes, 1, {});
    CHECK(recorder.tick() == "1:0");
    CHECK(room.input_consumed(goes) == 0);
    CHECK(room.join("new", false) == stays + 2);
}

TEST_CASE("a full room takes nobody until somebody leaves", "[room]") {
    Recorder recorder({.players_max = 2});
    Room& room = recorder.room();
    CHECK(room.join("a", false) == 1);
    CHECK(room.join("b", true) == 2);
    CHECK(room.join("c", false) == 0);
    room.leave(1);
    CHECK(room.join("c", false) == 3);
}

TEST_CASE("rules may despawn what they act on, and more", "[room]") {
    const replication::Layout layout(SampleSchema::info());
    Game game;
    game.schema = &SampleSchema::info();
    game.on_join = [](Sim&, Player player) {
        for (int i = 0; i < 3; ++i) player.spawn(Ball{});
    };
    int applied = 0;
    game.apply_input = [&](Sim& sim, Entity entity, std::uint16_t, const std::byte*) {
        ++applied;
        for (auto [other, ball] : sim.view<Ball>()) other.despawn();
        CHECK_FALSE(entity.alive());
        sim.spawn_for(1, Ball{});
    };
    Room room(game, layout, {});
    room.join("p", false);
    room.tick();
    CHECK(applied == 1);
    CHECK(room.world().entity_count() == 1);
    room.tick();
    CHECK(applied == 2);
}

TEST_CASE("bots play through the same rules", "[room]") {
    SampleGame sample(3);
    const replication::Layout layout(*sample.game().schema);
    Room room(sample.game(), layout, {});
    room.join("bot", true);
    for (int tick = 0; tick < 10; ++tick) room.tick();
    float vy = 0;
    for (auto [entity, ball] : View<const Ball>(room.world()))
        if (entity.owner() == 1) vy = ball.vy;
    CHECK(vy == Approx(-10));
    CHECK(room.counters().inputs.neutral == 0);
}

TEST_CASE("the world holds what the newest snapshot says, rounded alike", "[room]") {
    SampleGame sample(5);
    const replication::Layout layout(*sample.game().schema);
    Room room(sample.game(), layout, {});
    for (int i = 0; i < 5; ++i) room.join("bot", true);
    for (Tick tick = 1; tick <= 100; ++tick) {
        room.tick();
        REQUIRE(room.tick_number() == tick);
        REQUIRE(room.snapshots().newest()->tick == tick);
    }
    World copy(*sample.game().schema, room.options().entities_max);
    replication::restore(layout, *room.snapshots().newest(), copy);
    REQUIRE(copy.entity_count() == room.world().entity_count());
    for (auto [entity, ball] : View<const Ball>(room.world())) {
        const Ball* same = Entity(copy, entity.id()).find<Ball>();
        REQUIRE(same != nullptr);
        CHECK(std::memcmp(same, &ball, sizeof ball) == 0);
    }
    CHECK(room.counters().quantize.saturated == 0);
    CHECK(room.snapshots().all().size() == room.options().snapshots_held);
}

TEST_CASE("callbacks reach the interest groups, and what they say counts from the end of the tick", "[room]") {
    const replication::Layout layout(SampleSchema::info());
    Game game;
    game.schema = &SampleSchema::info();
    game.interest = {.grid = GridOptions{}, .x_offset = offsetof(Ball, x), .y_offset = offsetof(Ball, y)};
    Entity flag;
    game.on_join = [&](ServerSim& sim, Player player) {
        const Entity ball = player.spawn(Ball{.x = -500, .y = -500});
        sim.interest().set_team(player.id(), player.id());
        if (!flag.alive()) flag = ball;
    };
    game.on_tick = [&](ServerSim& sim) {
        if (sim.tick() == 2) sim.interest().place_for_team(flag.id(), 2);
    };
    Room room(game, layout, {});
    const PlayerId first = room.join("first", false);
    const PlayerId second = room.join("second", false);
    const auto is_told = [&](PlayerId player) {
        const GroupId group = room.interest().group_of(flag.index());
        for (const Wanted& wanted : room.interest().wanted(player))
            if (wanted.group == group) return true;
        return false;
    };
    room.tick();
    const GroupId corner = room.interest().group_of(flag.index());
    CHECK(corner >= group_first_cell);
    CHECK(room.interest().members(corner).count() == 2);
    CHECK((is_told(first) && is_told(second)));
    room.tick();
    CHECK(room.interest().group_of(flag.index()) != corner);
    CHECK((is_told(first) && is_told(second)));  // the one owns it, the other is of the team
    CHECK(room.interest().group_at(flag.index(), 1) == corner);
    room.leave(second);
    room.tick();
    CHECK(room.interest().wanted(second).empty());
    CHECK(room.interest().members(corner).empty());
    room.leave(first);
    room.tick();
    CHECK(room.interest().group_of(flag.index()) == group_none);
}
