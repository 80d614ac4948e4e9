// listen(), run() and stop() of a server without clients, and one port that answers HTTP over a real socket.
#include "tidewire/server.h"

#include <catch2/catch.hpp>
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
