// From the handshake to the last close frame, with real client sessions in virtual time.
#include "server/gate/gate.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "sdk/core/ws/close_code.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using tidewire::server::GateEvent;

namespace {

std::uint16_t number(ws::CloseCode code) { return static_cast<std::uint16_t>(code); }

const std::string upgrade =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";

/// A stream whose WebSocket is open.
VirtualStream& opened(VirtualServer& server) {
    VirtualStream& stream = server.connect_raw();
    server.send(stream, upgrade);
    server.run_for(10ms);
    REQUIRE(server.received(stream).rfind("HTTP/1.1 101 ", 0) == 0);
    return stream;
}

std::size_t count(const std::vector<server::GateEvent>& events, GateEvent::Kind kind) {
    std::size_t found = 0;
    for (const GateEvent& event : events) found += event.kind == kind ? 1 : 0;
    return found;
}

}  // namespace

TEST_CASE("a client joins, gets a keyframe first and deltas from then on", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.bots = 5}, 1);
    VirtualClient& client = server.connect({.latency = 20ms}, {.player_name = "Ada"});
    server.run_for(2s);

    REQUIRE_FALSE(client.events.empty());
    CHECK(client.events.front().kind == session::ClientEvent::Kind::Joined);
    CHECK(client.session().player() == 6);
    CHECK(client.session().tick_rate() == 30);
    CHECK(client.session().counters().keyframes == 1);
    CHECK(client.session().counters().ticks >= 55);
    CHECK(server.gate().counters().keyframes == 1);
    CHECK(server.gate().counters().ticks_left_out == 0);
    REQUIRE(server.gate_events.size() == 1);
    CHECK(server.gate_events[0].kind == GateEvent::Kind::Joined);
    CHECK(server.gate_events[0].player_name == "Ada");
    CHECK(server.gate_events[0].peer_address == "virtual");
}

TEST_CASE("an input comes back as received, and its effect with it", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualClient& client = server.connect({.latency = 10ms});
    client.input = [](std::uint32_t, std::byte* aggregate) { *reinterpret_cast<Push*>(aggregate) = {.dx = 1}; };
    server.run_for(1s);
    CHECK(client.session().input_tick() > 20);
    CHECK(server.room().input_lead(1).newest >= client.session().input_tick());
    CHECK(server.room().input_consumed(1) == server.room().tick_number());
    CHECK(server.room().counters().inputs.late == 0);
    float vx = 0;
    for (auto [entity, ball] : View<const Ball>(server.room().world())) vx = ball.vx;
    CHECK(vx == Approx(20));
}

TEST_CASE("a client that leaves is gone for the others, with its reason in the log", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualClient& leaver = server.connect({.latency = 10ms}, {.player_name = "leaver"});
    server.connect({.latency = 10ms});
    server.run_for(500ms);
    REQUIRE(server.room().player_count() == 2);
    leaver.peer->close("bye", server.now());
    server.run_for(500ms);
    CHECK(server.room().player_count() == 1);
    CHECK(server.gate().connection_count() == 1);
    CHECK(leaver.stream->closed);
    REQUIRE(count(server.gate_events, GateEvent::Kind::Left) == 1);
    CHECK(server.gate_events.back().player_name == "leaver");
    CHECK(server.gate_events.back().close_code == number(ws::CloseCode::Normal));
}

TEST_CASE("a stream that fails takes its player along and nobody else", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualClient& broken = server.connect();
    VirtualClient& other = server.connect();
    server.run_for(200ms);
    server.gate().abort(broken.stream->id, "Connection reset by peer", server.now());
    const auto ticks = other.session().counters().ticks;
    server.run_for(1s);
    CHECK(server.room().player_count() == 1);
    CHECK(broken.stream->closed);
    CHECK(other.session().counters().ticks >= ticks + 29);
    CHECK(server.gate_events.back().kind == GateEvent::Kind::Left);
    CHECK(server.gate_events.back().reason == "Connection reset by peer");
}

TEST_CASE("a full server says so and how full it is", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.players_max = 3, .bots = 2}, 1);
    server.connect();
    server.run_for(200ms);
    VirtualClient& late = server.connect();
    server.run_for(200ms);
    REQUIRE(late.closed() != nullptr);
    CHECK(late.closed()->close_code == number(ws::CloseCode::ServerFull));
    CHECK(late.closed()->reason.find("the server is full (3 of 3 players)") != std::string::npos);
    CHECK(server.room().player_count() == 3);
    CHECK(count(server.gate_events, GateEvent::Kind::Refused) == 1);
}

TEST_CASE("a client of another schema is refused with a sentence that names both", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualClient& stranger = server.connect({}, {}, &SampleSchema::other_version());
    server.run_for(200ms);
    REQUIRE(stranger.closed() != nullptr);
    CHECK(stranger.closed()->close_code == number(ws::CloseCode::SchemaMismatch));
    INFO(stranger.closed()->reason);
    CHECK(stranger.closed()->reason.find("sample") != std::string::npos);
    CHECK(stranger.closed()->reason.find("schema") != std::string::npos);
    CHECK(stranger.closed()->reason.find("the client knows 3 components, this server 2; update the server") !=
          std::string::npos);
    CHECK(server.room().player_count() == 0);
    CHECK(count(server.gate_events, GateEvent::Kind::Joined) == 0);
}

TEST_CASE("connections beyond the limit get an answer by HTTP only, and beyond the reserve none", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.connections_max = 2}, 1);
    server.connect();
    VirtualClient& second = server.connect();
    server.run_for(200ms);
    server.gate_events.clear();
    VirtualStream& silent = server.connect_raw();
    VirtualStream& player = server.connect_raw();
    VirtualStream& probe = server.connect_raw();
    server.send(player, upgrade);
    server.send(probe, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    server.run_for(50ms);
    const std::string refusal = server.received(player);
    CAPTURE(refusal);
    CHECK(refusal.rfind("HTTP/1.1 503 Service Unavailable\r\n", 0) == 0);
    CHECK(refusal.find("\r\nRetry-After: 5\r\n") != std::string::npos);
    CHECK(refusal.find("\r\n\r\nthe server has no connection free (2 of 2)\n") != std::string::npos);
    CHECK(server.received(probe).rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
    REQUIRE(count(server.gate_events, GateEvent::Kind::Refused) == 1);
    CHECK(server.gate_events.front().http_status == 503);
    CHECK(server.gate_events.front().reason == "the server has no connection free (2 of 2)");

    for (std::size_t i = 3; i < server::CensusLimits{}.reserve; ++i) server.connect_raw();
    CHECK_FALSE(server.gate().accept("one too many", server.now()));
    server.run_for(50ms);
    CHECK(count(server.gate_events, GateEvent::Kind::Refused) == 2);
    CHECK(server.gate_events.back().peer_address == "one too many");
    CHECK(server.gate_events.back().connection == server::ConnectionId{});

    server.run_for(
        6s);  // The silent streams are told after the opening timeout, and given up after the closing timeout.
    CHECK(silent.server_shut);
    server.run_for(6s);
    CHECK(silent.closed);
    CHECK(server.gate().connection_count() == 2);
    second.peer->close("enough", server.now());
    server.run_for(1s);
    VirtualStream& late = server.connect_raw();
    server.send(late, upgrade);
    server.run_for(50ms);
    CHECK(server.received(late).rfind("HTTP/1.1 101 ", 0) == 0);
}

TEST_CASE("a control ping has its pong, although nothing else is written", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualStream& stream = opened(server);
    server.send(stream, std::string("\x89\x82\0\0\0\0hi", 8));
    server.run_for(10ms);
    CHECK(server.received(stream) == "\x8a\x02hi");
}

TEST_CASE("every refused handshake leaves a trace, and an answered request none", "[gate]") {
    struct Row {
        std::string request;
        int status;
        std::string reason;
    };
    const std::string page = upgrade.substr(0, upgrade.size() - 2);
    std::string version_8 = upgrade;
    version_8.replace(version_8.find(": 13"), 4, ": 8");
    std::string other = upgrade;
    other.replace(other.find("tidewire.v1"), 11, "chat");
    const Row rows[] = {
        {page + "Origin: https://evil.example\r\n\r\n", 403, "--origin"},
        {other, 400, "the request offered \"chat\""},
        {version_8, 426, "version 13"},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 400, "Content-Length"},
        {"POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "GET"},
        {"\x16\x03\x01\x02", 400, ""},
        {"GET / HT", 408, ""},  // and no more
    };
    SampleGame sample;
    for (const Row& row : rows) {
        CAPTURE(row.request);
        VirtualServer server(sample.game(), {}, 1);
        VirtualStream& stream = server.connect_raw();
        server.send(stream, row.request);
        server.run_for(7s);
        REQUIRE(server.gate_events.size() == 1);
        const GateEvent& event = server.gate_events[0];
        CAPTURE(event.reason);
        CHECK(event.kind == GateEvent::Kind::Refused);
        CHECK(event.http_status == row.status);
        CHECK(event.connection == stream.id);
        CHECK(event.peer_address == "virtual");
        CHECK(event.reason.find(row.reason) != std::string::npos);
        CHECK(event.reason.find(std::to_string(row.status)) == std::string::npos);
        CHECK(event.reason.find('\n') == std::string::npos);
    }

    VirtualServer server(sample.game(), {}, 1);
    for (const char* path : {"/healthz", "/"})
        server.send(server.connect_raw(), "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    server.connect_raw().client_shut = true;  // looks whether the port is open
    server.run_for(12s);
    CHECK(server.gate_events.empty());
    CHECK(server.gate().connection_count() == 0);
}

TEST_CASE("a TLS handshake that fails leaves a trace with its reason", "[gate]") {
    SampleGame sample;
    ServerOptions options;
    options.tls = {.certificate_file = "certificate.pem", .key_file = "key.pem"};
    VirtualServer server(sample.game(), options, 1);
    server.gate().abort(server.connect_raw().id, "http request", server.now());
    server.run_for(50ms);
    REQUIRE(server.gate_events.size() == 1);
    CHECK(server.gate_events[0].kind == GateEvent::Kind::Refused);
    CHECK(server.gate_events[0].http_status == 0);
    CHECK(server.gate_events[0].reason == "http request");
}

TEST_CASE("a text message is refused with 1003", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualStream& stream = opened(server);
    server.send(stream, std::string_view("\x81\x82\x00\x00\x00\x00hi", 8));
    server.run_for(50ms);
    const std::string answer = server.received(stream);
    const std::size_t close_frame = answer.find('\x88');
    REQUIRE(close_frame != std::string::npos);
    CHECK(answer.substr(close_frame + 2, 2) == "\x03\xeb");
}

TEST_CASE("shutting down closes every client with 1001 and takes no more", "[gate]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    for (int i = 0; i < 3; ++i) server.connect({.latency = 10ms});
    VirtualStream& undecided = server.connect_raw();
    server.run_for(500ms);
    server.gate().shut_down("maintenance", server.now());
    CHECK_FALSE(server.gate().accept("late", server.now()));
    server.run_for(500ms);
    for (const auto& client : server.clients()) {
        REQUIRE(client->closed() != nullptr);
        CHECK(client->closed()->close_code == number(ws::CloseCode::GoingAway));
        CHECK(client->closed()->reason == "maintenance");
        CHECK(client->stream->closed);
    }
    CHECK(undecided.closed);
    CHECK(server.gate().connection_count() == 0);
    CHECK(server.room().player_count() == 0);
}

TEST_CASE("ticks are due at exact multiples of the period, without drift", "[gate][tick]") {
    SampleGame sample;
    const TimePoint start{1s};
    server::Gate gate(sample.game(), {.tick_rate = 30}, start);
    for (int tick = 1; tick <= 3000; ++tick) {
        REQUIRE(gate.poll_timeout() == start + Duration(static_cast<std::int64_t>(tick) * 1'000'000 / 30));
        gate.handle_timeout(gate.poll_timeout() - Duration(1));
        REQUIRE(gate.counters().ticks == static_cast<std::uint64_t>(tick - 1));
        gate.handle_timeout(gate.poll_timeout());
    }
    CHECK(gate.poll_timeout() > start + 100s);
    CHECK(gate.counters().ticks == 3000);
    CHECK(gate.counters().ticks_dropped == 0);
}

TEST_CASE("late ticks are caught up, at most so many in one go; the rest of the time is dropped and counted",
          "[gate][tick]") {
    SampleGame sample;
    const TimePoint start{1s};
    server::Gate gate(sample.game(), {.tick_rate = 50, .catch_up_ticks_max = 4}, start);
    gate.handle_timeout(start + 60ms);
    CHECK(gate.counters().ticks == 3);
    CHECK(gate.counters().ticks_dropped == 0);
    gate.handle_timeout(start + 60ms + 10 * 20ms + 5ms);
    CHECK(gate.counters().ticks == 3 + 4);
    CHECK(gate.counters().ticks_dropped == 6);
    CHECK(gate.poll_timeout() == start + 14 * 20ms);
    CHECK(gate.room().tick_number() == 7);
}
