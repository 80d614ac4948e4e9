// A server and eight clients in one process, in virtual time, over links with latency, jitter and short reads.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>

#include "sdk/core/base/hash.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t client_count = 8;

/// One input of one client, turned around.
struct Change {
    std::size_t client;
    std::uint32_t number;
};

struct Outcome {
    std::vector<std::uint64_t> hashes;  // of every tick
    std::size_t snapshots_compared = 0;
    std::size_t keyframes = 0;
    std::size_t inputs_consumed = 0;
};

net::LinkOptions link_of(std::size_t client) {
    return {.latency = Duration(5'000 + static_cast<std::int64_t>(client) * 15'000),
            .jitter = Duration(static_cast<std::int64_t>(client) * 4'000),
            .short_reads = client % 2 == 1};
}

Outcome play(std::uint64_t seed, Duration duration, std::optional<Change> change = std::nullopt) {
    INFO("seed " << seed);
    SampleGame sample(seed);
    VirtualServer server(sample.game(), {.bots = 12, .seed = seed}, seed);
    Outcome outcome;
    std::map<const VirtualClient*, Tick> compared;
    server.on_client_event = [&](VirtualClient& client, const session::ClientEvent& event) {
        REQUIRE(event.kind != session::ClientEvent::Kind::Closed);
        for (const replication::Snapshot& snapshot : client.session().snapshots().all()) {
            if (snapshot.tick <= compared[&client]) continue;
            compared[&client] = snapshot.tick;
            const replication::Snapshot* truth = server.room().snapshots().find(snapshot.tick);
            REQUIRE(truth != nullptr);
            if (replication::same_state(snapshot, *truth)) {
                ++outcome.snapshots_compared;
                continue;
            }
            FAIL("tick " << snapshot.tick << ": "
                         << replication::first_difference(server.room().layout(), snapshot, *truth));
        }
    };
    for (std::size_t i = 0; i < client_count; ++i) {
        VirtualClient& client = server.connect(link_of(i), {.player_name = "client " + std::to_string(i)});
        client.input = [seed, i, change](std::uint32_t number, std::byte* aggregate) {
            const std::uint64_t random = hash_combine(hash_combine(seed, i), number);
            Push push{.dx = static_cast<std::int8_t>(random % 3), .dy = static_cast<std::int8_t>(random / 3 % 3)};
            push.dx = static_cast<std::int8_t>(push.dx - 1);
            push.dy = static_cast<std::int8_t>(push.dy - 1);
            if (change && change->client == i && change->number == number) push.dx = push.dx == 1 ? -1 : 1;
            std::memcpy(aggregate, &push, sizeof push);
        };
        server.run_for(70ms);  // They come one after another.
    }
    server.run_until(TimePoint{1s} + duration);
    outcome.hashes = server.hashes();
    for (const auto& client : server.clients()) {
        REQUIRE(client->session().state() == session::ClientState::Playing);
        outcome.keyframes += client->session().counters().keyframes;
    }
    outcome.inputs_consumed = server.room().counters().inputs.consumed;
    return outcome;
}

}  // namespace

TEST_CASE("every client's state equals the server's at each tick that it applied", "[scenario]") {
    const Outcome outcome = play(1, 20s);
    CHECK(outcome.hashes.size() == 600);
    CHECK(outcome.snapshots_compared > client_count * 550);
    CHECK(outcome.keyframes == client_count);
    CHECK(outcome.inputs_consumed > client_count * 550);
}

TEST_CASE("the same seed gives the same hash of every tick", "[scenario]") {
    for (const std::uint64_t seed : {2U, 3U, 4U}) {
        CAPTURE(seed);
        CHECK(play(seed, 10s).hashes == play(seed, 10s).hashes);
    }
}

TEST_CASE("another seed gives another run", "[scenario]") {
    const Outcome a = play(5, 5s);
    const Outcome b = play(6, 5s);
    REQUIRE(a.hashes.size() == b.hashes.size());
    CHECK(a.hashes.front() != b.hashes.front());
    CHECK(a.hashes.back() != b.hashes.back());
}

TEST_CASE("one changed input changes the run from the tick that consumes it, and no tick before", "[scenario]") {
    const Outcome a = play(7, 5s);
    const Outcome b = play(7, 5s, Change{.client = 3, .number = 60});
    REQUIRE(a.hashes.size() == b.hashes.size());
    std::size_t first = 0;
    while (first < a.hashes.size() && a.hashes[first] == b.hashes[first]) ++first;
    CAPTURE(first);
    CHECK(first > 60);
    CHECK(first < 100);
    CHECK(a.hashes.back() != b.hashes.back());
}

TEST_CASE("whatever the seed, every client is exact at every tick that it applied", "[scenario][soak]") {
    // Set by tools/test --soak: an hour of play over many seeds instead of a minute over a few.
    const bool soak = std::getenv("TIDEWIRE_SOAK") != nullptr;
    const std::uint64_t seeds = soak ? 360 : 6;
    for (std::uint64_t seed = 100; seed < 100 + seeds; ++seed) {
        CAPTURE(seed);
        const Outcome outcome = play(seed, 10s);
        REQUIRE(outcome.hashes.size() == 300);
        REQUIRE(outcome.snapshots_compared > client_count * 280);
    }
}

TEST_CASE("the speed of virtual time is printed", "[scenario]") {
    const auto begin = std::chrono::steady_clock::now();
    const Duration simulated = 30s;
    play(8, simulated);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << "server and " << client_count
              << " clients: " << std::chrono::duration<double>(simulated).count() / seconds
              << " times faster than real time (" << seconds << " s for 30 s)\n";
    SUCCEED();
}
