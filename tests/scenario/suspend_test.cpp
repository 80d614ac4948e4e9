// A client that nobody looks at gets no state, keeps its place, and is exact again when somebody looks.
#include <catch2/catch.hpp>
#include <chrono>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

std::uint32_t suspended(VirtualServer& server) {
    return server.gate().counters().clients_on_rung[static_cast<std::size_t>(server::Rung::Suspended)];
}

}  // namespace

TEST_CASE("a suspended client is told nothing, keeps its player, and is exact after it resumes",
          "[scenario][suspend]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 8}, 1);
    VirtualClient& client = server.connect({.latency = 30ms});
    VirtualClient& other = server.connect({.latency = 30ms});
    client.input = [](std::uint32_t, std::byte* aggregate) { *reinterpret_cast<Push*>(aggregate) = {.dx = 1}; };
    server.run_for(2s);
    client.peer->suspend(server.now());
    server.run_for(1s);
    CHECK(client.session().suspended());
    CHECK(suspended(server) == 1);
    const auto ticks = client.session().counters().ticks;
    // Longer than the history, and than who takes nothing is suffered.
    server.run_for(60s);
    CHECK(client.session().counters().ticks == ticks);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(server.room().player_count() == 10);
    CHECK(other.session().counters().ticks > 1800);

    client.peer->resume(server.now());
    server.run_for(1s);
    CHECK(client.session().counters().ticks > ticks + 20);
    CHECK(client.session().counters().keyframes == 2);
    const replication::Snapshot& newest = *client.session().snapshots().newest();
    CHECK(newest.tick + 3 >= server.room().tick_number());
    CHECK(replication::same_state(newest, *server.room().snapshots().find(newest.tick)));
    CHECK(client.session().snapshot_age(server.now()) < 100ms);
    const auto late = server.room().counters().inputs.late;
    server.run_for(5s);
    CHECK(server.room().counters().inputs.late == late);
}

TEST_CASE("a client that joins while nobody looks is told its world when somebody does", "[scenario][suspend]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 8}, 1);
    VirtualClient& client = server.connect({.latency = 30ms});
    client.peer->suspend(server.now());
    server.run_for(5s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(suspended(server) == 1);
    const auto ticks = client.session().counters().ticks;
    CHECK(ticks < 5);  // those that were on their way

    client.peer->resume(server.now());
    server.run_for(1s);
    CHECK(client.session().counters().ticks > ticks + 20);
    const replication::Snapshot& newest = *client.session().snapshots().newest();
    CHECK(replication::same_state(newest, *server.room().snapshots().find(newest.tick)));
}

TEST_CASE("what a client could not acknowledge while it was suspended is not held against it when it resumes",
          "[scenario][suspend]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 8, .unread_timeout = 8s}, 1);
    VirtualClient& client = server.connect({.latency = 30ms});
    server.run_for(2s);
    // Frozen at once: the ticks that are on their way wait.
    client.peer->suspend(server.now());
    client.reading = false;
    server.run_for(9s);
    const auto ticks = client.session().counters().ticks;
    client.peer->resume(server.now());
    server.run_for(100ms);
    client.reading = true;
    server.run_for(1s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().ticks > ticks + 20);
}

TEST_CASE("a client that acknowledges nothing is suspended, then closed with 1013", "[scenario][suspend]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 8, .resume_within = 0ms, .unread_timeout = 8s}, 1);
    VirtualClient& client = server.connect({.latency = 30ms});
    server.run_for(2s);
    client.reading = false;
    server.run_for(6s);
    CHECK(suspended(server) == 1);
    server.run_for(3s);
    REQUIRE(server.gate_events.back().kind == server::GateEvent::Kind::Left);
    CHECK(server.gate_events.back().close_code == 1013);
}
