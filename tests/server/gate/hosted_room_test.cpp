// Rooms that end: by their games, by their games' faults, and by the server's stop.
#include "server/gate/hosted_room.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <stdexcept>

#include "server/gate/gate.h"
#include "server/gate/peer.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using server::GateEvent;

namespace {

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t internal_error = 1011;
constexpr std::uint16_t normal = 1000;

const GateEvent* find(const std::vector<GateEvent>& events, GateEvent::Kind kind) {
    const auto found =
        std::find_if(events.begin(), events.end(), [kind](const GateEvent& event) { return event.kind == kind; });
    return found == events.end() ? nullptr : &*found;
}

/// A game that can be told to throw, or to end.
struct Fragile {
    SampleGame sample;
    bool throws_in_tick = false;
    bool throws_in_join = false;
    bool throws_in_leave = false;
    bool ends = false;
    Tick last_tick = 0;
    int left = 0;

    Fragile() {
        Game& game = sample.game();
        game.on_tick = [this, tick = game.on_tick](ServerSim& sim) {
            if (throws_in_tick) throw std::runtime_error("index 7 of 5");
            if (ends) {
                sim.close_room("the match is over");
                last_tick = sim.tick();
            }
            tick(sim);
        };
        game.on_join = [this, join = game.on_join](ServerSim& sim, Player player) {
            if (throws_in_join) throw 7;
            join(sim, player);
        };
        game.on_leave = [this](ServerSim&, Player) {
            ++left;
            if (throws_in_leave) throw std::out_of_range("no such team");
        };
    }
};

}  // namespace

TEST_CASE("an exception in a tick ends its room: players are told so, and the log what it was", "[gate][rooms]") {
    Fragile game;
    VirtualServer server(game.sample.game(), {}, 1);
    VirtualClient& one = server.connect({.latency = 10ms});
    VirtualClient& other = server.connect({.latency = 30ms});
    server.run_for(1s);
    game.throws_in_tick = true;
    server.run_for(1s);
    for (const VirtualClient* client : {&one, &other}) {
        REQUIRE(client->closed() != nullptr);
        CHECK(client->closed()->close_code == internal_error);
        CHECK(client->closed()->reason == "the room has failed, and its state is lost");
    }
    const GateEvent* const failed = find(server.gate_events, GateEvent::Kind::RoomFailed);
    REQUIRE(failed != nullptr);
    CHECK(failed->reason == "index 7 of 5");
    CHECK(failed->room == server::RoomNumber{1});
    CHECK(game.left == 0);  // nothing of a game that has failed runs any more
    CHECK(server.gate().connection_count() == 0);
    CHECK(server.gate().room_count() == 0);
    CHECK(server.gate().poll_closed_room() == server::RoomNumber{1});
}

TEST_CASE("an exception at a join or a leave ends the room as well", "[gate][rooms]") {
    Fragile game;
    VirtualServer server(game.sample.game(), {}, 1);
    VirtualClient& one = server.connect();
    server.run_for(1s);
    SECTION("a join, and whoever joins hears of it too") {
        game.throws_in_join = true;
        VirtualClient& other = server.connect();
        server.run_for(1s);
        REQUIRE(other.closed() != nullptr);
        CHECK(other.closed()->close_code == internal_error);
        CHECK(find(server.gate_events, GateEvent::Kind::RoomFailed)->reason ==
              "its game threw something that is no std::exception");
    }
    SECTION("a leave") {
        VirtualClient& other = server.connect();
        server.run_for(1s);
        game.throws_in_leave = true;
        other.peer->close("enough", server.now());
        server.run_for(1s);
        CHECK(find(server.gate_events, GateEvent::Kind::RoomFailed)->reason == "no such team");
    }
    REQUIRE(one.closed() != nullptr);
    CHECK(one.closed()->close_code == internal_error);
    CHECK(server.gate().room_count() == 0);
    VirtualClient& late = server.connect();
    server.run_for(1s);
    REQUIRE(late.closed() != nullptr);
    CHECK(late.closed()->reason == "no room of the server is open");
}

TEST_CASE("a room that fails takes no other with it", "[gate][rooms]") {
    Fragile fragile;
    SampleGame sound;
    VirtualServer server(fragile.sample.game(), {}, 1);
    server.gate().open_room({.number = server::RoomNumber{2}, .game = sound.game()}, server.now());
    VirtualClient& one = server.connect();
    server.run_for(100ms);
    VirtualClient& other = server.connect();
    server.run_for(1s);
    fragile.throws_in_tick = true;
    server.run_for(1s);
    REQUIRE(one.closed() != nullptr);
    CHECK(other.closed() == nullptr);
    const auto ticks = other.session().counters().ticks;
    server.run_for(1s);
    CHECK(other.session().counters().ticks >= ticks + 29);
    CHECK(server.gate().room_count() == 1);
    VirtualClient& late = server.connect();
    server.run_for(1s);
    CHECK(late.session().state() == session::ClientState::Playing);
}

TEST_CASE("a game ends its room after a tick, with a reason for its players", "[gate][rooms]") {
    Fragile game;
    VirtualServer server(game.sample.game(), {}, 1);
    VirtualClient& client = server.connect({.latency = 10ms});
    server.run_for(1s);
    game.ends = true;
    server.run_for(1s);
    REQUIRE(client.closed() != nullptr);
    CHECK(client.closed()->close_code == normal);
    CHECK(client.closed()->reason == "the match is over");
    REQUIRE(client.session().snapshots().newest() != nullptr);
    CHECK(client.session().snapshots().newest()->tick == game.last_tick);  // it has seen the end
    CHECK(find(server.gate_events, GateEvent::Kind::RoomClosed) != nullptr);
    CHECK(game.left == 1);
}

TEST_CASE("a drain lets a room that asks for it finish, and nobody joins meanwhile", "[gate][rooms][drain]") {
    Fragile game;
    std::chrono::milliseconds told{0};
    game.sample.game().on_drain = [&](ServerSim&, std::chrono::milliseconds left) { told = left; };
    VirtualServer server(game.sample.game(), {}, 1);
    VirtualClient& client = server.connect({.latency = 10ms});
    VirtualStream& undecided = server.connect_raw();
    server.run_for(1s);
    server.gate().drain("an update", 30s, server.now());
    CHECK(told == 30s);
    const auto ticks = client.session().counters().ticks;
    VirtualClient& late = server.connect();
    server.run_for(2s);
    CHECK(client.session().counters().ticks >= ticks + 55);
    REQUIRE(late.closed() != nullptr);
    CHECK(late.closed()->close_code == going_away);
    CHECK(late.closed()->reason == "an update");
    CHECK(undecided.closed);
    CHECK(server.gate().rooms_running() == 1);
    game.ends = true;
    server.run_for(1s);
    REQUIRE(client.closed() != nullptr);
    CHECK(client.closed()->close_code == going_away);
    CHECK(client.closed()->reason == "the match is over");
    CHECK(server.gate().rooms_running() == 0);
}

TEST_CASE("a drain ends a room that asks for nothing at once", "[gate][rooms][drain]") {
    Fragile game;
    VirtualServer server(game.sample.game(), {}, 1);
    VirtualClient& client = server.connect({.latency = 10ms});
    server.run_for(1s);
    server.gate().drain("an update", 30s, server.now());
    CHECK(server.gate().rooms_running() == 0);
    server.run_for(1s);
    REQUIRE(client.closed() != nullptr);
    CHECK(client.closed()->close_code == going_away);
    CHECK(client.closed()->reason == "an update");
    CHECK(game.left == 1);
}

TEST_CASE("one slow room makes nobody beside it leave anything out", "[gate][rooms][load]") {
    SampleGame slow;
    SampleGame quick;
    VirtualServer server(slow.game(), {}, 1);
    server.gate().open_room({.number = server::RoomNumber{2}, .game = quick.game()}, server.now());
    server.on_tick = [&] {
        const TimePoint now = server.now();
        server.gate().note_tick_times(server::RoomNumber{1},
                                      {.due = now - 60ms, .began = now - 50ms, .told = now - 20ms, .written = now});
        server.gate().note_tick_times(server::RoomNumber{2},
                                      {.due = now - 60ms, .began = now - 2ms, .told = now - 1ms, .written = now});
    };
    server.run_for(5s);
    CHECK(server.gate().find_room(server::RoomNumber{1})->load().level() == server::LoadLevel::NoJoins);
    CHECK(server.gate().find_room(server::RoomNumber{2})->load().level() == server::LoadLevel::Normal);
    VirtualClient& late = server.connect();
    server.run_for(1s);
    CHECK(late.session().state() == session::ClientState::Playing);
    CHECK(server.gate().find_room(server::RoomNumber{2})->room().player_count() == 1);
}

TEST_CASE("who gets every other tick for his link gets as many while his room leaves out as many", "[gate][rooms][load]") {
    server::DeliveryLadder ladder{TimePoint{}};
    server::LoadShedder load{TimePoint{}};
    TimePoint now{1s};
    for (int i = 0; i < 200 && ladder.rung() == server::Rung::Full; ++i, now += 33ms) {
        ladder.note_acknowledged(now);
        ladder.note_window(false, now);
    }
    for (int i = 0; i < 40 && load.level() == server::LoadLevel::Normal; ++i, now += 33ms)
        load.note_tick(60ms, 33ms, now);
    REQUIRE(ladder.rung() == server::Rung::Reduced);
    int told = 0;
    for (Tick tick = 1; tick <= 20; ++tick) told += load.tells(tick) && ladder.due(tick, now) ? 1 : 0;
    CHECK(told == 10);
}

TEST_CASE("who is shed gets every other tick, and the state all the same", "[gate][rooms][load]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualClient& one = server.connect({.latency = 10ms});
    VirtualClient& other = server.connect({.latency = 10ms});
    server.run_for(2s);
    const auto note = [&](Duration taken) {
        const TimePoint due = server.now() - taken;
        server.gate().note_tick_times(server::RoomNumber{1},
                                      {.due = due, .began = due, .told = due, .written = server.now()});
    };
    server.on_tick = [&] { note(50ms); };
    server.run_for(1100ms);
    server.on_tick = [&] { note(25ms); };
    const GateEvent* const load = find(server.gate_events, GateEvent::Kind::Load);
    REQUIRE(load != nullptr);
    CHECK(load->reason == "half_rate");
    const auto before = one.session().counters().ticks;
    const auto before_other = other.session().counters().ticks;
    const Tick tick = server.room().tick_number();
    server.run_for(2s);
    const auto ran = server.room().tick_number() - tick;
    CHECK(one.session().counters().ticks - before <= ran / 2 + 1);
    CHECK(one.session().counters().ticks - before + 3 >= ran / 2);
    CHECK(other.session().counters().ticks - before_other + 3 >= ran / 2);
    CHECK(one.session().counters().desyncs == 0);
    CHECK(server.gate().counters().ticks_shed > 0);
    CHECK(server.gate().counters().clients_on_rung[0] == 2);  // it is no fault of theirs
}
