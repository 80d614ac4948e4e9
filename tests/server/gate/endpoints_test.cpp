// What HTTP gets on the players' port, over the gate in virtual time.
#include <catch2/catch.hpp>
#include <string>

#include "server/gate/gate.h"
#include "server/gate/peer.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

std::string get(server::Gate& gate, const std::string& path, const char* address, TimePoint now) {
    const auto id = gate.accept(address, now);
    REQUIRE(id);
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    gate.receive(*id, {static_cast<std::byte*>(static_cast<void*>(request.data())), request.size()}, now);
    std::string answer;
    for (auto parts = gate.poll_transmit(*id); !parts.empty(); parts = gate.poll_transmit(*id)) {
        std::size_t bytes = 0;
        for (const ByteSpan part : parts) {
            answer += as_text(part);
            bytes += part.size();
        }
        gate.transmitted(*id, bytes, now);
    }
    gate.forget(*id);
    return answer;
}

}  // namespace

TEST_CASE("/metrics tells of rooms and shards, to whom the operator lets it", "[gate][metrics]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.bots = 2, .metrics_from = {"10.0.0.0/8"}}, 1);
    server.connect({.latency = 10ms});
    server.on_tick = [&] {
        const TimePoint now = server.now();
        server.gate().note_tick_times(server::RoomNumber{1},
                                      {.due = now - 3ms, .began = now - 2ms, .told = now - 1ms, .written = now});
    };
    server.run_for(2s);
    const std::string answer = get(server.gate(), "/metrics", "10.9.8.7", server.now());
    CHECK_THAT(answer, Contains("HTTP/1.1 200 OK\r\n") && Contains("Content-Type: text/plain; version=0.0.4"));
    CHECK_THAT(answer, Contains("tidewire_tick_seconds_count{room=\"1\"} 60\n"));
    CHECK_THAT(answer, Contains("tidewire_players{room=\"1\"} 3\n"));
    CHECK_THAT(answer, Contains("tidewire_shard_connections{shard=\"0\"} 1\n"));
    CHECK_THAT(answer, Contains("process_resident_memory_bytes "));

    const std::string refused = get(server.gate(), "/metrics", "203.0.113.1", server.now());
    CHECK_THAT(refused, Contains("HTTP/1.1 403 Forbidden\r\n") && Contains("--metrics-from"));
    CHECK_THAT(refused, !Contains("tidewire_"));
}

TEST_CASE("/readyz says whether a player would find a place", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.players_max = 1}, 1);
    CHECK_THAT(get(server.gate(), "/readyz", "203.0.113.1", server.now()), Contains("HTTP/1.1 200 OK\r\n"));
    server.connect();
    server.run_for(1s);
    CHECK_THAT(get(server.gate(), "/readyz", "203.0.113.1", server.now()),
               Contains("HTTP/1.1 503 Service Unavailable\r\n") && Contains("the server is full (1 of 1 players)\n"));
    CHECK_THAT(get(server.gate(), "/healthz", "203.0.113.1", server.now()), Contains("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("one address gets no more than its share of connections, and is told so", "[gate][census][H01]") {
    SampleGame sample;
    server::Gate gate(sample.game(), {.connections_per_address_max = 2}, TimePoint{1s});
    const std::string upgrade =
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";
    const auto connect = [&](const char* address) {
        const auto id = gate.accept(address, TimePoint{1s});
        REQUIRE(id);
        std::string request = upgrade;
        gate.receive(*id, {static_cast<std::byte*>(static_cast<void*>(request.data())), request.size()},
                     TimePoint{1s});
        std::string answer;
        for (const ByteSpan part : gate.poll_transmit(*id)) answer += as_text(part);
        return answer;
    };
    CHECK_THAT(connect("203.0.113.1"), Contains("HTTP/1.1 101 "));
    CHECK_THAT(connect("203.0.113.1"), Contains("HTTP/1.1 101 "));
    CHECK_THAT(connect("203.0.113.1"), Contains("HTTP/1.1 429 Too Many Requests\r\n") && Contains("Retry-After: 5\r\n") &&
                                           Contains("the server takes no more than 2 connections of one address"));
    CHECK_THAT(connect("203.0.113.2"), Contains("HTTP/1.1 101 "));
}

TEST_CASE("a connection that idles takes few KiB, before it has joined and after", "[gate][memory]") {
    constexpr std::size_t before_join_max = 64 * 1024;
    constexpr std::size_t joined_max = 256 * 1024;
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualStream& slow = server.connect_raw();
    // All that may come before a Hello, and never ends.
    server.send(slow, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3900, 'x'));
    server.run_for(1s);
    CHECK(server.gate().memory_bytes(slow.id) < before_join_max);
    VirtualClient& client = server.connect({.latency = 10ms});
    server.run_for(3s);
    CAPTURE(server.gate().memory_bytes(client.stream->id));
    CHECK(server.gate().memory_bytes(client.stream->id) < 8 * 1024);
    // Who takes nothing makes us keep what may wait for it, and no more.
    client.reading = false;
    std::size_t most = 0;
    server.on_tick = [&] {
        if (!client.stream->closed) most = std::max(most, server.gate().memory_bytes(client.stream->id));
    };
    server.run_for(12s);
    CAPTURE(most);
    CHECK(most < joined_max);
}
