// When those who watch have their turn: behind all players, and not at all where there is no time for it.
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>

#include "server/gate/gate.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using server::RoomNumber;

TEST_CASE("whoever watches waits until no player's tick is due", "[gate][spectate]") {
    SampleGame one;
    SampleGame other;
    server::Gate gate(one.game(), {.spectators_max = 1}, TimePoint{1s});
    gate.open_room({.number = RoomNumber{2}, .game = other.game()}, TimePoint{1s});
    const TimePoint due = gate.poll_timeout();
    CHECK_FALSE(gate.due_stand(due));
    gate.run_room(RoomNumber{1}, due);
    CHECK_FALSE(gate.due_stand(due));
    gate.run_room(RoomNumber{2}, due);
    CHECK(gate.due_stand(due) == RoomNumber{1});
    gate.run_stand(RoomNumber{1}, due);
    CHECK(gate.due_stand(due) == RoomNumber{2});
    // Behind a turn that took too long the next tick comes first, and the turn is of that one then.
    const TimePoint late = gate.poll_timeout();
    CHECK_FALSE(gate.due_stand(late));
    gate.run_room(RoomNumber{1}, late);
    gate.run_room(RoomNumber{2}, late);
    CHECK(gate.due_stand(late) == RoomNumber{2});
    gate.run_stand(RoomNumber{2}, late);
    gate.run_stand(RoomNumber{1}, late);
    CHECK_FALSE(gate.due_stand(late));
}

TEST_CASE("a room without places for spectators has no turn for them", "[gate][spectate]") {
    SampleGame sample;
    server::Gate gate(sample.game(), {}, TimePoint{1s});
    const TimePoint due = gate.poll_timeout();
    gate.run_room(RoomNumber{1}, due);
    CHECK_FALSE(gate.due_stand(due));
}

TEST_CASE("a shard with too much to do leaves out those who watch, and no player", "[gate][spectate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.spectators_max = 1, .spectator_delay = 0ms}, 1);
    VirtualClient& player = server.connect();
    VirtualClient& spectator = server.connect({}, {.spectate = true});
    const Duration period = 33'333us;
    double shown_in = 0;  // of a period
    const auto run_for = [&](Duration length) {
        for (const TimePoint end = server.now() + length; server.now() < end;) {
            server.run_for(period);
            const TimePoint now = server.now();
            const Duration took = std::chrono::duration_cast<Duration>(period * 0.6);
            server.gate().note_tick_times(RoomNumber{1}, {.due = now, .began = now, .told = now, .written = now + took});
            server.gate().note_stand_times(
                RoomNumber{1}, {.began = now, .written = now + std::chrono::duration_cast<Duration>(period * shown_in)});
        }
    };
    run_for(2s);
    const auto seen = [&] { return spectator.session().counters().ticks; };
    const std::uint64_t before = seen();
    CHECK(before > 40);
    shown_in = 0.5;
    run_for(10s);
    const std::uint64_t shed = seen();
    run_for(2s);
    CHECK(seen() == shed);
    CHECK(spectator.closed() == nullptr);
    CHECK(server.gate().counters().ticks_shed == 0);
    CHECK(server.gate().find_room(RoomNumber{1})->load().level() == server::LoadLevel::Normal);
    CHECK(player.session().counters().ticks >= 14 * 30 - 5);
    // And tells them again when there is time.
    shown_in = 0.05;
    run_for(60s);
    CHECK(seen() > shed + 300);
    CHECK(spectator.session().counters().desyncs == 0);
    CHECK(player.session().counters().ticks >= 74 * 30 - 5);
}
