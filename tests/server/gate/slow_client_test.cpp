// A client whose link is too slow loses update rate, never correctness, and costs the others nothing.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

/// Compares each snapshot that a client holds with the server's of the same tick, once.
class Oracle {
public:
    explicit Oracle(VirtualServer& server) : server_(&server) {
        server.on_client_event = [this](VirtualClient& client, const session::ClientEvent& event) {
            if (event.kind == session::ClientEvent::Kind::Snapshot) check(client);
        };
    }
    Tick newest(const VirtualClient& client) const { return checked_.at(&client); }

private:
    void check(VirtualClient& client) {
        for (const replication::Snapshot& snapshot : client.session().snapshots().all()) {
            if (snapshot.tick <= checked_[&client]) continue;
            const replication::Snapshot* truth = server_->room().snapshots().find(snapshot.tick);
            REQUIRE(truth != nullptr);
            INFO("tick " << snapshot.tick << ": "
                         << replication::first_difference(server_->room().layout(), snapshot, *truth));
            REQUIRE(replication::same_state(snapshot, *truth));
            checked_[&client] = snapshot.tick;
        }
    }

    VirtualServer* server_;
    std::map<const VirtualClient*, Tick> checked_;
};

}  // namespace

TEST_CASE("a slow link gets fewer ticks, each exact, and catches up when it is fast again", "[gate][slow]") {
    SampleGame sample(4);
    VirtualServer server(sample.game(), {.bots = 40, .snapshots_held = 256}, 1);
    Oracle oracle(server);
    VirtualClient& slow = server.connect({.latency = 5ms, .held_bytes_max = 512});
    VirtualClient& fast = server.connect({.latency = 5ms});
    server.run_for(1s);
    const auto skipped = server.gate().counters().ticks_left_out;

    net::LinkOptions link = slow.stream->down.options();
    link.bytes_per_second = 1500;
    slow.stream->down.set_options(link, server.now());
    server.run_for(5s);
    const auto slow_ticks = slow.session().counters().ticks;
    CAPTURE(slow_ticks, skipped, server.gate().counters().ticks_left_out);
    CHECK(server.gate().counters().ticks_left_out > skipped + 50);
    CHECK(slow_ticks > 10);
    CHECK(slow_ticks < 120);
    CHECK(fast.session().counters().ticks >= 175);
    CHECK(fast.session().counters().keyframes == 1);

    link.bytes_per_second = 0;
    slow.stream->down.set_options(link, server.now());
    server.run_for(3s);
    CHECK(slow.session().counters().ticks > slow_ticks + 60);
    CHECK(oracle.newest(slow) + 2 >= server.room().tick_number());
    // What it lacks comes as a catch-up or, where that is smaller, as a keyframe.
    CHECK(slow.session().counters().keyframes < slow.session().counters().ticks / 4);
    CHECK(slow.session().state() == session::ClientState::Playing);
}

TEST_CASE("a client that falls out of the history gets a keyframe and is exact again", "[gate][slow]") {
    SampleGame sample(4);
    VirtualServer server(sample.game(), {.bots = 40, .snapshots_held = 16}, 1);
    // Room for a tick on the way: what arrives is not older than the history when it is compared.
    VirtualClient& client = server.connect({.latency = 5ms, .held_bytes_max = 256});
    server.run_for(1s);
    REQUIRE(client.session().counters().keyframes == 1);
    client.reading = false;
    server.run_for(2s);
    client.reading = true;
    server.run_for(1s);
    CHECK(client.session().counters().keyframes == 2);
    const replication::Snapshot* truth = server.room().snapshots().find(client.session().snapshots().newest()->tick);
    REQUIRE(truth != nullptr);
    CHECK(replication::same_state(*client.session().snapshots().newest(), *truth));
}

TEST_CASE("a client that never reads holds at most one tick of ours, and is closed with 1013 however much it says",
          "[gate][slow]") {
    SampleGame sample(4);
    VirtualServer server(sample.game(), {.bots = 10, .resume_within = 0ms, .unread_timeout = 5s}, 1);
    VirtualClient& dead = server.connect({.held_bytes_max = 1000});
    VirtualClient& other = server.connect();
    dead.input = [](std::uint32_t, std::byte* aggregate) { *reinterpret_cast<Push*>(aggregate) = {.dx = 1}; };
    server.run_for(1s);
    dead.reading = false;
    std::size_t unsent_max = 0;
    server.on_tick = [&] {
        if (dead.stream->closed) return;
        std::size_t unsent = 0;
        for (const ByteSpan part : server.gate().poll_transmit(dead.stream->id)) unsent += part.size();
        unsent_max = std::max(unsent_max, unsent);
    };
    server.run_for(30s);
    CAPTURE(unsent_max);
    CHECK(unsent_max > 0);
    CHECK(unsent_max < 16 * 1024);
    CHECK(other.session().counters().ticks >= 29 * 30);
    CHECK(dead.stream->closed);
    CHECK(server.room().player_count() == 11);
    const auto left = std::find_if(server.gate_events.begin(), server.gate_events.end(),
                                   [](const auto& event) { return event.kind == server::GateEvent::Kind::Left; });
    REQUIRE(left != server.gate_events.end());
    CHECK(left->close_code == 1013);
    CHECK(left->reason == "the client has read nothing for too long");
    CHECK(dead.inputs > 5 * 30);
}

TEST_CASE("ticks caught up in one go reach a client as one message", "[gate][slow]") {
    SampleGame sample(4);
    server::Gate gate(sample.game(), {.tick_rate = 50, .catch_up_ticks_max = 4}, TimePoint{1s});
    gate.handle_timeout(TimePoint{1s} + 80ms);
    CHECK(gate.counters().ticks == 4);
    CHECK(gate.counters().ticks_sent == 0);

    VirtualServer server(sample.game(), {.tick_rate = 50}, 1);
    VirtualClient& client = server.connect();
    server.run_for(1s);
    const auto sent = server.gate().counters().ticks_sent;
    const auto ticks = server.gate().counters().ticks;
    server.gate().handle_timeout(server.now() + 60ms);
    CHECK(server.gate().counters().ticks == ticks + 3);
    CHECK(server.gate().counters().ticks_sent == sent + 1);
    server.run_for(200ms);
    CHECK(client.session().snapshots().newest()->tick + 1 >= server.room().tick_number());
    CHECK(client.session().counters().keyframes == 1);
}

TEST_CASE("a route that became longer costs a client its tick rate for a few seconds alone", "[gate][slow]") {
    const auto tick_rate = GENERATE(30, 60);
    const auto jitter = GENERATE(0ms, 20ms);
    CAPTURE(tick_rate, jitter.count());
    SampleGame sample(4);
    VirtualServer server(sample.game(), {.tick_rate = tick_rate, .bots = 10}, 1);
    net::LinkOptions link{.latency = 30ms, .jitter = jitter};
    VirtualClient& client = server.connect(link);
    server.run_for(10s);
    link.latency = 130ms;
    client.stream->down.set_options(link, server.now());
    client.stream->up.set_options(link, server.now());
    server.run_for(4s);
    const auto ticks = client.session().counters().ticks;
    server.run_for(10s);
    CHECK(client.session().counters().ticks >= ticks + 10 * static_cast<std::uint64_t>(tick_rate) * 9 / 10);
    CHECK(server.gate().counters().clients_on_rung[0] == 1);
}
