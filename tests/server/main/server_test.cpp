// listen(), run() and stop() of a server without clients, and one port that answers HTTP over a real socket.
#include "tidewire/server.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <string>
#include <thread>

#include "sdk/net/socket.h"
#include "sdk/net/wait.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::Ball;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;
using tidewire::sim::Spark;
using namespace std::chrono_literals;

namespace {

using SampleServer = Server<SampleSchema, SampleRules>;

constexpr Duration patience = std::chrono::seconds(10);

/// Sends `request` and reads to the end of the stream; what came, however far it came.
std::string exchange(std::uint16_t port, std::string_view request) {
    auto socket = net::Socket::connect("127.0.0.1", port);
    REQUIRE(socket);
    REQUIRE(net::wait(socket->fd(), {.readable = false, .writable = true}, patience));
    REQUIRE_FALSE(socket->connect_error());
    const ByteSpan part = as_bytes(request);
    REQUIRE(socket->write({&part, 1}).bytes == request.size());
    std::string text;
    Bytes buffer(4096);
    while (net::wait(socket->fd(), {.readable = true}, patience)) {
        const net::Transfer transfer = socket->read(buffer);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) continue;
        if (transfer.outcome != net::Transfer::Outcome::Done) break;
        text += as_text(ByteSpan(buffer).first(transfer.bytes));
    }
    return text;
}

/// Why these options do not work.
std::string refused(ServerOptions options) {
    options.address = "127.0.0.1";
    options.port = 0;
    SampleServer server(options);
    const auto listening = server.listen();
    REQUIRE_FALSE(listening);
    CHECK(listening.error().blame == Blame::Caller);
    CHECK(server.port() == 0);
    return listening.error().message;
}

}  // namespace

TEST_CASE("options out of range are the caller's fault, with the range in the sentence", "[server]") {
    CHECK(refused({.tick_rate = 0}) == "tick_rate (--tick-rate) must be from 1 to 128");
    CHECK(refused({.tick_rate = -5}) == "tick_rate (--tick-rate) must be from 1 to 128");
    CHECK(refused({.tick_rate = 129}) == "tick_rate (--tick-rate) must be from 1 to 128");
    CHECK(refused({.entities_max = 70000}) == "entities_max (--entities-max) must be from 1 to 65536");
    CHECK(refused({.players_max = 4, .bots = 5}) ==
          "bots (--bots) must be from 0 to 4, which is players_max (--players-max)");
}

TEST_CASE("each option out of range is named", "[server]") {
    using Set = void (*)(ServerOptions&);
    struct Row {
        const char* named;
        Set set;
    };
    constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
    const Row rows[] = {
        {"rooms (--rooms)", [](ServerOptions& options) { options.rooms = 0; }},
        {"shards (--shards)", [](ServerOptions& options) { options.shards = 65; }},
        {"players_max (--players-max)", [](ServerOptions& options) { options.players_max = 0; }},
        {"spectators_max (--spectators-max)", [](ServerOptions& options) { options.spectators_max = 65'537; }},
        {"spectator_delay in ms (--spectator-delay-seconds)", [](ServerOptions& options) { options.spectator_delay = -1ms; }},
        {"spectator_bytes_max (--spectator-bytes-max)", [](ServerOptions& options) { options.spectator_bytes_max = 0; }},
        {"client_rooms.rooms_max (--client-rooms-max)", [](ServerOptions& options) { options.client_rooms.rooms_max = 4097; }},
        {"client_rooms.empty_for in ms (--room-empty-seconds)", [](ServerOptions& options) { options.client_rooms.empty_for = 0ms; }},
        {"client_rooms.watchers_max (--room-watchers-max)", [](ServerOptions& options) { options.client_rooms.watchers_max = 100'001; }},
        {"client_rooms.creations.burst (--room-creations-burst)", [](ServerOptions& options) { options.client_rooms.creations.burst = 0; }},
        {"joins.burst (--joins-burst)", [](ServerOptions& options) { options.admission.joins.burst = no_number; }},
        {"retry_after in ms (--retry-after-ms)", [](ServerOptions& options) { options.retry_after = -1ms; }},
        {"resume_within in ms (--resume-seconds)", [](ServerOptions& options) { options.resume_within = 2h; }},
        {"unread_timeout in ms (--unread-timeout-ms)", [](ServerOptions& options) { options.unread_timeout = 0ms; }},
        {"unread_timeout in ms (--unread-timeout-ms)", [](ServerOptions& options) { options.unread_timeout = 2h; }},
        {"drain_max in ms (--drain-seconds)", [](ServerOptions& options) { options.drain_max = -1ms; }},
        {"idle.after in ms (--idle-seconds)", [](ServerOptions& options) { options.idle.after = -1ms; }},
        {"idle.kick_after in ms (--idle-kick-seconds)", [](ServerOptions& options) { options.idle.kick_after = -1ms; }},
        {"idle.hidden_kick_after in ms (--hidden-kick-seconds)", [](ServerOptions& options) { options.idle.hidden_kick_after = -1ms; }},
        {"connections_max (--connections-max)", [](ServerOptions& options) { options.connections_max = 1'000'001; }},
        {"connections_per_address_max (--connections-per-address-max)",
         [](ServerOptions& options) { options.connections_per_address_max = 1'000'001; }},
        {"catch_up_ticks_max (--catch-up-ticks-max)", [](ServerOptions& options) { options.catch_up_ticks_max = 0; }},
        {"snapshots_held (--snapshots-held)", [](ServerOptions& options) { options.snapshots_held = 1; }},
        {"ticks_held_for_joins_max (--ticks-held-for-joins-max)", [](ServerOptions& options) { options.ticks_held_for_joins_max = 4097; }},
        {"rewind.depth in ms (--rewind-depth-ms)", [](ServerOptions& options) { options.rewind.depth = -1ms; }},
        {"rewind.doubt in ms (--rewind-doubt-ms)", [](ServerOptions& options) { options.rewind.doubt = 2s; }},
        {"rewind.doubt_ticks (--rewind-doubt-ticks)", [](ServerOptions& options) { options.rewind.doubt_ticks = 129; }},
        {"keyframe_bytes_max (--keyframe-bytes-max)", [](ServerOptions& options) { options.keyframe_bytes_max = 0; }},
        {"client_bytes_per_tick (--client-bytes-per-tick)",
         [](ServerOptions& options) { options.client_bytes_per_tick = 65 * 1024 * 1024; }},
        {"events_unsent_max (--events-unsent-max)", [](ServerOptions& options) { options.events_unsent_max = 0; }},
        {"event_bytes_unsent_max (--event-bytes-unsent-max)", [](ServerOptions& options) { options.event_bytes_unsent_max = 0; }},
        {"transmit_bytes_max (--transmit-bytes-max)", [](ServerOptions& options) { options.transmit_bytes_max = 0; }},
        {"first_flight_bytes (--first-flight-bytes)", [](ServerOptions& options) { options.first_flight_bytes = 0; }},
        {"bulk_bytes_max (--bulk-bytes-max)", [](ServerOptions& options) { options.bulk_bytes_max = 1024ULL * 1024 * 1024 + 1; }},
        {"client_events.per_second (--client-events-per-second)", [](ServerOptions& options) { options.client_events.per_second = -1; }},
        {"client_events.burst (--client-events-burst)", [](ServerOptions& options) { options.client_events.burst = 0; }},
        {"client_events.bytes_per_second (--client-event-bytes-per-second)",
         [](ServerOptions& options) { options.client_events.bytes_per_second = no_number; }},
        {"client_events.bytes_burst (--client-event-bytes-burst)", [](ServerOptions& options) { options.client_events.bytes_burst = 0; }},
    };
    for (const Row& row : rows) {
        ServerOptions options;
        row.set(options);
        const std::string sentence = refused(options);
        INFO(sentence);
        CHECK(sentence.find(row.named) != std::string::npos);
        CHECK((sentence.find(" must be from ") != std::string::npos || sentence.find(" must be 0 or from ") != std::string::npos));
    }
}

TEST_CASE("options that contradict each other are refused with the flags of both", "[server]") {
    using Catch::Matchers::Contains;
    const std::string few = refused({.players_max = 100, .connections_max = 89, .bots = 10});
    CHECK_THAT(few, Contains("--connections-max") && Contains("--players-max") && Contains("90 places"));
    const std::string proxy = refused({.proxy_protocol = true});
    CHECK_THAT(proxy, Contains("--proxy-protocol") && Contains("--trusted-proxy"));
    const std::string origin = refused({.origins = {"https://example.com", "example.org"}});
    CHECK_THAT(origin, Contains("\"example.org\"") && Contains("--origin"));

    for (const ServerOptions& good :
         {ServerOptions{.players_max = 100, .connections_max = 90, .bots = 10}, ServerOptions{.players_max = 500},
          ServerOptions{.origins = {"*", "https://example.com:8443"}},
          ServerOptions{.admission = {.anonymous = true}, .trusted_proxies = {"::1"}, .proxy_protocol = true}}) {
        ServerOptions options = good;
        options.address = "127.0.0.1";
        options.port = 0;
        SampleServer server(options);
        CHECK(server.listen());
    }
}

TEST_CASE("a grid is checked by listen(), and callbacks may take what only a server has", "[server]") {
    using Catch::Matchers::Contains;
    const auto listen = [](float Ball::*x, float Ball::*y, GridOptions options) {
        SampleServer server({.address = "127.0.0.1", .port = 0});
        server.grid(x, y, options);
        server.on_join([](ServerSim& sim, Player player) { sim.interest().set_team(player.id(), 1); });
        server.on_leave([](Sim&, Player) {});
        server.on_tick([](ServerSim& sim) { (void)sim.interest().add_group(); });
        const auto listening = server.listen();
        return listening ? std::string() : listening.error().message;
    };
    CHECK(listen(&Ball::x, &Ball::y, {}) == "");
    CHECK_THAT(listen(&Ball::y, &Ball::y, {}), Contains("both are sample.Ball.y"));
    CHECK_THAT(listen(&Ball::x, &Ball::y, {.cell_size = 8}), Contains("raise cell_size to 19"));
    SampleServer server({.address = "127.0.0.1", .port = 0});
    server.grid<Spark>(&Spark::ticks_left, &Spark::hue);
    const auto listening = server.listen();
    REQUIRE_FALSE(listening);
    CHECK(listening.error().blame == Blame::Caller);
    CHECK_THAT(listening.error().message, Contains("sample.Spark.ticks_left") && Contains("(quantize:"));
}

TEST_CASE("a port in use is the machine's fault, and the sentence names it", "[server]") {
    SampleServer first({.address = "127.0.0.1", .port = 0});
    REQUIRE(first.listen());
    REQUIRE(first.port() != 0);
    SampleServer second({.address = "127.0.0.1", .port = first.port()});
    const auto listening = second.listen();
    REQUIRE_FALSE(listening);
    CHECK(listening.error().blame == Blame::Machine);
    INFO(listening.error().message);
    CHECK(listening.error().message.find(std::to_string(first.port())) != std::string::npos);
}

TEST_CASE("stop() before run() ends run() at once", "[server]") {
    SampleServer server({.address = "127.0.0.1", .port = 0});
    REQUIRE(server.listen());
    server.stop();
    CHECK(server.run());
}

TEST_CASE("a running server answers HTTP on the players' port, and stops from another thread", "[server][loopback]") {
    SampleServer server({.address = "127.0.0.1", .port = 0, .bots = 3});
    REQUIRE(server.listen());
    bool clean = false;
    std::thread thread([&] { clean = server.run().has_value(); });
    const std::string health = exchange(server.port(), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(health.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
    CHECK(health.substr(health.size() - 3) == "ok\n");
    const std::string lost = exchange(server.port(), "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
    CHECK(lost.rfind("HTTP/1.1 404 ", 0) == 0);
    const std::string junk = exchange(server.port(), "\x16\x03\x01\r\n\r\n");
    CHECK(junk.rfind("HTTP/1.1 400 ", 0) == 0);
    server.stop();
    thread.join();
    CHECK(clean);
}
