// A program that hangs, loads or stands in a debugger: its client is told nothing meanwhile, and plays on as if nothing had been.
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

std::uint32_t suspended(VirtualServer& server) {
    return server.gate().counters().clients_on_rung[static_cast<std::size_t>(server::Rung::Suspended)];
}

/// A game in which one client has played for three seconds.
struct LongGame {
    explicit LongGame(Duration frame, Duration latency = 30ms) : client(server.connect({.latency = latency})) {
        client.frame = frame;
        client.input = [](std::uint32_t, std::byte* aggregate) { *reinterpret_cast<Push*>(aggregate) = {.dx = 1}; };
        server.run_for(3s);
    }

    std::uint64_t late() { return server.room().counters().inputs.late; }
    bool draws_evenly() {
        double before = client.session().draw_tick();
        for (int i = 0; i < 100; ++i) {
            server.run_for(100ms);
            const double drawn = client.session().draw_tick();
            // Three ticks in 100 ms, at 0.96 to 1.02 of the speed, and where the last frame was.
            if (std::abs(drawn - before - 3) > 0.7) return false;
            before = drawn;
        }
        return true;
    }

    SampleGame sample{3};
    VirtualServer server{sample.game(), {.tick_rate = 30, .bots = 8}, 1};
    VirtualClient& client;
};

}  // namespace

TEST_CASE("a program that hangs is told nothing, holds its place, and plays on at once", "[scenario][hang]") {
    const Duration hang = GENERATE(300ms, 3s, 60s);
    const Duration frame = GENERATE(0ms, 16ms);
    CAPTURE(hang.count(), frame.count());
    LongGame game(frame);
    const auto late = game.late();
    const auto inputs = game.client.inputs;
    const auto events = game.client.events.size();
    game.client.next_frame = game.server.now() + hang;
    game.server.run_for(hang - 1ms);
    CHECK(suspended(game.server) == (hang > 1s ? 1 : 0));
    CHECK(game.client.session().suspended() == (hang > 1s));
    CHECK(game.client.inputs == inputs);
    // Of what waits for its frames there is no more after a minute than after a second.
    CHECK(game.client.events.size() == events);
    game.server.run_for(101ms);
    CHECK(game.client.events.size() <= events + 40);
    CHECK(game.client.session().state() == session::ClientState::Playing);
    CHECK(suspended(game.server) == 0);
    // The inputs of the lost time are not sent: at most 150 ms of them, which are late, and then those that come due.
    CHECK(game.client.inputs <= inputs + 5 + 4);
    game.server.run_for(400ms);
    CHECK(game.late() <= late + 5);
    const auto late_after = game.late();
    const replication::Snapshot& newest = *game.client.session().snapshots().newest();
    CHECK(newest.tick + 3 >= game.server.room().tick_number());
    CHECK(replication::same_state(newest, *game.server.room().snapshots().find(newest.tick)));
    CHECK(game.draws_evenly());
    CHECK(game.late() == late_after);
    CHECK(game.client.session().latency(game.server.now()).rtt_smoothed == 60ms);
}

TEST_CASE("a program with a frame in two seconds is not suspended so often that a server minds", "[scenario][hang]") {
    LongGame game(1500ms);
    game.server.run_for(600s);
    CHECK(game.client.session().state() == session::ClientState::Playing);
}

TEST_CASE("a game of one tick a second may have frames as seldom", "[scenario][hang]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.tick_rate = 1}, 1);
    VirtualClient& client = server.connect({.latency = 30ms});
    client.frame = 1s;
    for (int i = 0; i < 60; ++i) {
        server.run_for(1s);
        CHECK_FALSE(client.session().suspended());
    }
    CHECK(client.session().counters().ticks > 50);
}

TEST_CASE("suspend() outlasts frames, and a program that hangs meanwhile resumes nothing", "[scenario][hang]") {
    LongGame game(16ms);
    game.client.peer->suspend(game.server.now());
    game.server.run_for(1s);
    game.client.next_frame = game.server.now() + 5s;
    game.server.run_for(6s);
    CHECK(game.client.session().suspended());
    CHECK(suspended(game.server) == 1);
    game.client.peer->resume(game.server.now());
    game.server.run_for(1s);
    CHECK_FALSE(game.client.session().suspended());
    CHECK(suspended(game.server) == 0);
}

TEST_CASE("a frame may show another instant than that of its call, with all that it draws", "[scenario][hang]") {
    LongGame game(0ms);
    session::ClientSession& session = game.client.session();
    const TimePoint now = game.server.now();
    game.client.peer->advance(now);
    const double drawn = session.draw_tick();
    const double own = session.own_tick();
    CHECK(drawn == session.render_clock()->tick());
    game.client.peer->advance(now, now - 10ms);
    CHECK(session.draw_tick() == Approx(drawn - 0.3));
    CHECK(session.own_tick() == Approx(own - 0.3));
    // There is nothing to show beyond the newest snapshot.
    game.client.peer->advance(now, now + 10s);
    CHECK(session.draw_tick() == session.snapshots().newest()->tick);
}

TEST_CASE("a client knows how many snapshots its server takes to be on their way", "[scenario][hang]") {
    // At 30 Hz: the way there and back, and what inputs wait for their tick.
    const auto [latency, least, most] =
        GENERATE(table<Duration, std::size_t, std::size_t>({{0ms, 0, 2}, {30ms, 2, 4}, {130ms, 7, 11}}));
    CAPTURE(latency.count());
    LongGame game(0ms, latency);
    CHECK(game.client.session().unacknowledged() >= least);
    CHECK(game.client.session().unacknowledged() <= most);
}

TEST_CASE("a process that is stopped for eight seconds recovers without a spiral", "[scenario][hang]") {
    const Duration frame = GENERATE(0ms, 16ms);
    const Duration stop = GENERATE(2s, 8s);
    CAPTURE(frame.count(), stop.count());
    LongGame game(frame);
    const auto late = game.late();
    const auto inputs = game.client.inputs;
    game.client.stopped_until = game.server.now() + stop;
    game.server.run_for(stop + 100ms);
    CHECK(game.client.inputs <= inputs + 5 + 4);
    // Twice the window of the clocks, in which the stop still counts.
    game.server.run_for(10s);
    CHECK(game.client.session().state() == session::ClientState::Playing);
    CHECK(game.late() <= late + 10);
    const auto late_after = game.late();
    CHECK(game.draws_evenly());
    CHECK(game.late() == late_after);
    CHECK(game.client.session().latency(game.server.now()).rtt_smoothed == 60ms);
    const Latency latency = game.client.session().latency(game.server.now());
    CHECK(latency.snapshot_age < 100ms);
}
