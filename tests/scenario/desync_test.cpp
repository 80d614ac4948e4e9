// Two ends that do not agree: the client's state is changed behind its back. Both must name what differs, and be right again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "sdk/core/replication/snapshot_edit.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

/// One step more in sample.Ball.x of the client's first ball. Returns its entity.
std::uint32_t tamper(VirtualClient& client, const replication::Layout& layout) {
    auto& newest = const_cast<replication::Snapshot&>(*client.session().snapshots().newest());
    replication::SnapshotEdit edit(layout, newest);
    replication::Chunk& balls = edit.edit(1, 0);
    const auto row = static_cast<std::uint32_t>(__builtin_ctzll(balls.present));
    balls.column(0)[row] += balls.column(0)[row] > 0 ? -1 : 1;
    newest = std::move(edit).finish(newest.tick);
    return row;
}

std::vector<std::string> desyncs_told_to(const VirtualClient& client) {
    std::vector<std::string> reasons;
    for (const session::ClientEvent& event : client.events)
        if (event.kind == session::ClientEvent::Kind::Desync) reasons.push_back(event.reason);
    return reasons;
}

std::vector<std::string> desyncs_logged(const VirtualServer& server) {
    std::vector<std::string> reasons;
    for (const server::GateEvent& event : server.gate_events)
        if (event.kind == server::GateEvent::Kind::Desync) reasons.push_back(event.reason);
    return reasons;
}

bool exact(VirtualServer& server, VirtualClient& client) {
    const replication::Snapshot& newest = *client.session().snapshots().newest();
    return replication::same_state(newest, *server.room().snapshots().find(newest.tick));
}

}  // namespace

TEST_CASE("a client that differs is found out, named at both ends and put right, and plays on", "[scenario][desync]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 6}, 1);
    VirtualClient& client = server.connect({.latency = 20ms}, {.player_name = "Ada"});
    VirtualClient& other = server.connect({.latency = 20ms});
    server.run_for(3s);
    REQUIRE(exact(server, client));
    REQUIRE(client.session().counters().desyncs == 0);

    const std::uint32_t entity = tamper(client, server.room().layout());
    server.run_for(100ms);
    CHECK_FALSE(exact(server, client));
    // The hash comes within two seconds; asking and answering takes a round trip.
    server.run_for(2200ms);
    CHECK(exact(server, client));
    CHECK(client.session().counters().desyncs == 1);
    const auto told = desyncs_told_to(client);
    REQUIRE(told.size() == 1);
    CAPTURE(told[0]);
    CHECK_THAT(told[0], Catch::StartsWith("tick ") &&
                            Catch::Contains(", group 0: entity " + std::to_string(entity) + ": sample.Ball.x is "));
    CHECK(desyncs_logged(server) == told);
    const auto logged =
        std::find_if(server.gate_events.begin(), server.gate_events.end(),
                     [](const server::GateEvent& event) { return event.kind == server::GateEvent::Kind::Desync; });
    CHECK(logged->player == client.session().player());
    CHECK(logged->player_name == "Ada");

    server.run_for(5s);
    CHECK(exact(server, client));
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().desyncs == 1);
    CHECK(client.session().counters().keyframes == 1);
    CHECK(other.session().counters().desyncs == 0);
    CHECK(desyncs_logged(server).size() == 1);
}

TEST_CASE("a client that differs again and again is put right each time", "[scenario][desync]") {
    SampleGame sample(3);
    VirtualServer server(sample.game(), {.bots = 6}, 1);
    VirtualClient& client = server.connect({.latency = 20ms});
    server.run_for(1s);
    for (std::size_t round = 1; round <= 20; ++round) {
        tamper(client, server.room().layout());
        server.run_for(2500ms);
        CAPTURE(round);
        CHECK(exact(server, client));
        CHECK(desyncs_told_to(client).size() == round);
    }
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(desyncs_logged(server) == desyncs_told_to(client));
}
