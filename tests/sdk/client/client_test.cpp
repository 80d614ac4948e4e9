// Promises of the client facade, against a real server on this machine.
#include "tidewire/client.h"

#include <catch2/catch.hpp>
#include <functional>

#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/client/test_server.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// As the test server moves its player's entity.
struct Rules {
    void operator()(Sim&, Entity entity, const ::test::Steer& steer) const {
        entity.get<::test::Position>().x += static_cast<float>(steer.dx);
    }
};
using Game = Client<::test::Schema, Rules>;

struct Wave {
    int arm = 0;
};
struct TwoInputs : ::test::Schema {
    using Inputs = InputList<::test::Steer, Wave>;
    static const SchemaInfo& info() {
        static constexpr FieldInfo fields[] = {
            {.name = "arm", .scalar = Scalar::Int32, .offset = 0, .quantum = 0, .min = 0, .max = 9}};
        static const StructInfo inputs[] = {
            ::test::Schema::info().inputs[0],
            {.name = "test.Wave", .size = sizeof(Wave), .alignment = alignof(Wave), .fields = fields}};
        static const SchemaInfo schema{
            .name = "test", .hash = 1, .components = ::test::Schema::info().components, .inputs = inputs};
        return schema;
    }
};
struct TwoRules : Rules {
    using Rules::operator();
    void operator()(Sim&, Entity, const Wave&) const {}
};

/// Updates until `done`; fails when the connection ends or nothing comes of it.
void update_until(Game& net, const std::function<bool()>& done) {
    const TimePoint deadline = net::now() + net::patience;
    while (!done()) {
        INFO((net.error() ? net.error()->message : "no error"));
        REQUIRE(net.update());
        REQUIRE(net::now() < deadline);
    }
}

/// Updates until the connection has ended.
void update_to_end(Game& net) {
    const TimePoint deadline = net::now() + net::patience;
    while (net.update()) REQUIRE(net::now() < deadline);
}

void join(Game& net) {
    update_until(net, [&] { return net.status() == ClientStatus::Playing && net.figures().snapshots > 0; });
}

}  // namespace

template <>
struct tidewire::InputIndex<Wave> {
    static constexpr std::uint16_t value = 1;
};

TEST_CASE("a game with several inputs sends each by its own type, and a list in braces is its first", "[client]") {
    TestServer server;
    Client<TwoInputs, TwoRules> net(server.url());
    CHECK(input_index<::test::Steer> == 0);
    CHECK(input_index<Wave> == 1);
    net.input({.dx = 1});
    net.input(::test::Steer{.dx = 1});
    net.input(Wave{});
}

TEST_CASE("a client joins, steers its entity and sees it move", "[client]") {
    TestServer server;
    Game net(server.url(), {.player_name = "Ada"});
    CHECK(net.player() == 0);
    CHECK(net.tick_rate() == 0);
    CHECK_FALSE(net.input_due());
    CHECK(net.figures().snapshots == 0);
    join(net);
    CHECK(server.seen().player_name == "Ada");
    CHECK(net.player() == 1);
    CHECK(net.tick_rate() == 100);

    float x = 0;
    int entities = 0;
    update_until(net, [&] {
        net.input({.dx = 1});
        entities = 0;
        for (auto [entity, position] : net.view<::test::Position>()) {
            CHECK(net.mine(entity));
            CHECK(position.x >= x);  // the picture never runs back
            x = position.x;
            ++entities;
        }
        return x > 5;
    });
    CHECK(entities == 1);
    CHECK_FALSE(net.error());

    const ClientFigures figures = net.figures();
    CHECK(figures.tick > 0);
    CHECK(figures.snapshots > 0);
    CHECK(figures.keyframes == figures.snapshots);
    CHECK(figures.entities == 1);
    CHECK(figures.inputs_sent >= 5);
    CHECK(figures.bytes_received > 0);
    CHECK(figures.bytes_sent > 0);
    CHECK(figures.draw_tick > 0);
    CHECK(figures.draw_tick <= figures.tick);
    // One's own entity is drawn ahead of all others.
    CHECK(figures.predicted_tick > figures.draw_tick);
    CHECK(figures.interpolation_delay > 0us);
    CHECK(figures.snapshot_age < 10s);
    update_until(net, [&] { return net.latency().samples > 0; });
    CHECK(net.latency().rtt_smoothed > 0us);
    CHECK(net.latency().rtt_smoothed < 10s);

    net.close();
    CHECK(net.status() == ClientStatus::Closed);
    CHECK_FALSE(net.error());
    CHECK_FALSE(net.update());
    CHECK_FALSE(net.poll());
    CHECK(server.seen().close_code == 1000);
}

TEST_CASE("update() returns once a tick, and each tick carries one input", "[client][input]") {
    TestServer server({.tick_rate = 50});
    Game net(server.url());
    join(net);
    net.input({.dx = 1});
    // A program that is not late: as many inputs as ticks, each the one given after update().
    const TimePoint start = net::now();
    const auto before = net.figures().inputs_sent;
    for (int tick = 0; tick < 25; ++tick) {
        REQUIRE(net.update());
        CHECK(net.input_due());
        net.input({.dx = static_cast<std::int8_t>(tick % 3 - 1)});
        CHECK_FALSE(net.input_due());
    }
    const auto elapsed = net::now() - start;
    const auto sent = net.figures().inputs_sent - before;
    CHECK(sent >= 25);
    // However slow this machine is: never more inputs than tick periods.
    CHECK(sent <= static_cast<std::uint64_t>(elapsed / 20ms) + 2);

    update_until(net, [&] { return server.seen().inputs.size() == net.figures().inputs_sent; });
    const auto inputs = server.seen().inputs;
    for (std::size_t i = 1; i < inputs.size(); ++i) CHECK(inputs[i].number == inputs[i - 1].number + 1);
}

TEST_CASE("of several inputs before a tick the last one counts, and it is held until the next", "[client][input]") {
    TestServer server({.tick_rate = 10});
    Game net(server.url());
    join(net);
    REQUIRE(net.update());
    net.input({.dx = 0});  // sent at once: it is due
    const auto before = net.figures().inputs_sent;
    for (const int dx : {1, 0, 1, -1}) net.input({.dx = static_cast<std::int8_t>(dx)});
    CHECK(net.figures().inputs_sent == before);  // they wait for the tick
    REQUIRE(net.update());
    CHECK(net.figures().inputs_sent == before + 1);
    REQUIRE(net.update());
    REQUIRE(net.update());
    update_until(net, [&] { return server.seen().inputs.size() >= before + 2; });
    const auto inputs = server.seen().inputs;
    CHECK(inputs[before].dx == -1);
    CHECK(inputs[before + 1].dx == -1);
}

TEST_CASE("poll() never waits, and still sends one input per tick", "[client][input]") {
    TestServer server({.tick_rate = 100});
    Game net(server.url());
    join(net);
    const TimePoint start = net::now();
    const auto before = net.figures().inputs_sent;
    std::uint64_t frames = 0;
    while (net::now() - start < 200ms) {
        REQUIRE(net.poll());
        net.input({.dx = 1});
        ++frames;
    }
    const auto elapsed = net::now() - start;
    const auto sent = net.figures().inputs_sent - before;
    CHECK(sent >= 1);
    CHECK(sent <= static_cast<std::uint64_t>(elapsed / 10ms) + 2);
    CHECK(frames > sent);
}

TEST_CASE("a client that never gives an input sends none and still sees the world", "[client][input]") {
    TestServer server;
    Game net(server.url());
    update_until(net, [&] { return net.figures().snapshots >= 10; });
    CHECK(net.figures().inputs_sent == 0);
    int entities = 0;
    update_until(net, [&] {
        for (auto [entity, position] : net.view<::test::Position>()) entities += entity.alive();
        return entities > 0;
    });
}

TEST_CASE("the server's refusal is the client's error", "[client][error]") {
    TestServer server({.refusal = "the server is full (2 of 2 players)"});
    Game net(server.url());
    update_to_end(net);
    REQUIRE(net.error());
    CHECK(net.error()->blame == Blame::Peer);
    CHECK(net.error()->close_code == 4002);
    CHECK(net.error()->message == "the server is full (2 of 2 players)");
    CHECK(net.status() == ClientStatus::Closed);
    CHECK(report(net.error()) == 1);
    net.close();
    CHECK(net.error());  // closing what has failed does not make it well
}

TEST_CASE("a server that is full or restarts says when to come again", "[client][error]") {
    TestServer server({.refusal = "the server is full (2 of 2 players)", .retry_after = 15s});
    Game net(server.url());
    CHECK(net.retry_after() == std::nullopt);
    update_to_end(net);
    CHECK(net.error()->close_code == 4002);
    CHECK(net.retry_after() == 15s);
}

TEST_CASE("another version of the game is refused by name", "[client][error]") {
    TestServer server({.older_schema = true});
    Game net(server.url());
    update_to_end(net);
    REQUIRE(net.error());
    CHECK(net.error()->close_code == 4000);
    CHECK_THAT(net.error()->message, Catch::Matchers::Contains("schema"));
    CHECK_THAT(net.error()->message,
               Catch::Matchers::EndsWith("the client knows 5 components, this server 4; update the server"));
}

TEST_CASE("a server that sends the player away says why", "[client][error]") {
    TestServer server;
    Game net(server.url());
    join(net);
    server.kick("you were away for too long");
    update_to_end(net);
    REQUIRE(net.error());
    CHECK(net.error()->message == "you were away for too long");
    CHECK(net.retry_after() == std::nullopt);
    CHECK(net.error()->close_code == 1008);
    // What was last seen stays on the screen.
    int entities = 0;
    for (auto [entity, position] : net.view<::test::Position>()) entities += entity.alive();
    CHECK(entities == 1);
}

TEST_CASE("a server that stops says good-bye", "[client][error]") {
    std::optional<TestServer> server(std::in_place);
    Game net(server->url());
    join(net);
    std::thread stopper([&] { server.reset(); });
    update_to_end(net);
    stopper.join();
    REQUIRE(net.error());
    CHECK(net.error()->close_code == 1001);
    CHECK(net.error()->message == "the server stops");
}

TEST_CASE("close() waits no longer than a second for a server that does not answer", "[client]") {
    TestServer server({.answers_close = false});
    Game net(server.url());
    join(net);
    const TimePoint start = net::now();
    net.close();
    CHECK(net::now() - start >= 900ms);
    CHECK(net::now() - start < 10s);
    CHECK_FALSE(net.error());
    CHECK(net.status() == ClientStatus::Closed);
}

TEST_CASE("a client may be moved, and one that goes away leaves properly", "[client]") {
    TestServer server;
    {
        Game first(server.url());
        join(first);
        Game second(std::move(first));
        update_until(second, [&] { return second.figures().snapshots > 3; });
        CHECK(second.player() == 1);
        second = Game("not a url");
        CHECK(second.error());
    }
    CHECK(server.seen().close_code == 1000);
}
