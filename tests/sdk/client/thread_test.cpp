// What the client's thread does while the program does something else, and what it never does.
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/client/test_server.h"
#include "tests/sdk/client/waits.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// In which threads rules ran.
struct Threads {
    void note() {
        const std::lock_guard lock(mutex);
        ids.insert(std::this_thread::get_id());
    }
    std::mutex mutex;
    std::set<std::thread::id> ids;
};

struct Rules {
    void operator()(Sim&, Entity entity, const ::test::Steer& steer) const {
        entity.get<::test::Position>().x += static_cast<float>(steer.dx);
        if (threads != nullptr) threads->note();
    }
    Threads* threads = nullptr;
};
using Game = Client<::test::Schema, Rules>;

}  // namespace

TEST_CASE("without a single frame pings are answered, and snapshots applied", "[client][thread]") {
    TestServer server;
    Game net(server.url());
    join(net);
    const auto samples = net.latency().samples;
    const auto snapshots = net.figures().snapshots;
    const double drawn = net.figures().draw_tick;
    await([&] { return net.latency().samples >= samples + 3 && net.figures().snapshots >= snapshots + 20; });
    // What it draws is the frame's.
    int entities = 0;
    for (auto [entity, position] : net.view<::test::Position>()) entities += entity.alive();
    CHECK(entities <= 1);
    CHECK(net.poll());
    CHECK(net.figures().draw_tick > drawn);
    CHECK(net.latency().rtt_p95 >= net.latency().rtt_min);
}

TEST_CASE("a program that polls without a pause does not shut its own thread out", "[client][thread]") {
    TestServer server;
    Game net(server.url());
    join(net);
    const auto before = net.figures().snapshots;
    std::uint64_t frames = 0;
    std::uint64_t turns = 0;  // of the thread: frames that found something new
    std::uint64_t seen = before;
    await([&] {
        REQUIRE(net.poll());
        ++frames;
        const auto snapshots = net.figures().snapshots;
        if (snapshots != std::exchange(seen, snapshots)) ++turns;
        return snapshots >= before + 100;
    });
    CHECK(frames > 100);
    // They came one by one, not in heaps when the thread at last had a turn.
    CHECK(turns >= 50);
}

TEST_CASE("a program without a frame for a second is suspended until its next one", "[client][thread]") {
    TestServer server;
    Game net(server.url());
    join(net);
    CHECK(server.seen().suspensions == 0);
    await([&] { return server.seen().suspended; });
    CHECK(net.poll());
    await([&] { return !server.seen().suspended; });
    CHECK(server.seen().suspensions == 1);
    CHECK(net.status() == ClientStatus::Playing);
}

TEST_CASE("suspend() and resume() reach the server without a frame", "[client][thread]") {
    TestServer server;
    Game net(server.url());
    join(net);
    net.suspend();
    await([&] { return server.seen().suspended; });
    net.resume();
    await([&] { return !server.seen().suspended; });
}

TEST_CASE("the game's rules run in its own thread alone", "[client][thread]") {
    TestServer server;
    Threads threads;
    Game net(server.url(), {}, Rules{&threads});
    join(net);
    for (int frame = 0; frame < 50; ++frame) {
        REQUIRE(net.update());
        net.input({.dx = 1});
        const auto snapshots = net.figures().snapshots;
        await([&] { return net.figures().snapshots > snapshots; });
    }
    CHECK(threads.ids == std::set{std::this_thread::get_id()});
}

TEST_CASE("an engine tells how long its frames are, and sends an input a tick", "[client][thread]") {
    TestServer server;
    Game net(server.url());
    join(net);
    const auto before = net.figures().inputs_sent;
    double drawn = 0;
    TimePoint last = net::now();
    await([&] {
        const TimePoint now = net::now();
        REQUIRE(net.update(now - std::exchange(last, now)));
        net.input({.dx = 1});
        const ClientFigures figures = net.figures();
        CHECK(figures.draw_tick >
              drawn - 0.01);  // it never runs back, but for what rounding does in frames of microseconds
        drawn = figures.draw_tick;
        return figures.inputs_sent >= before + 10;
    });
}

TEST_CASE("a server that goes while nobody looks is told at the next frame", "[client][thread]") {
    std::optional<TestServer> server(std::in_place);
    Game net(server->url());
    join(net);
    server.reset();  // it waits for the answer to its close frame, which takes no frame of ours
    CHECK(net.status() == ClientStatus::Playing);
    CHECK_FALSE(net.poll());
    REQUIRE(net.error());
    CHECK(net.error()->close_code == 1001);
    CHECK(net.status() == ClientStatus::Closed);
}

TEST_CASE("a client may go at any step of its connection", "[client][thread]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    const std::string port = std::to_string(listener.port());
    const std::string url = GENERATE("ws", "wss") + std::string("://localhost:") + port;
    const std::string proxy = GENERATE(as<std::string>{}, "", "http://localhost:");
    ClientOptions options;
    if (!proxy.empty()) options.proxy = proxy + port;
    CAPTURE(url, options.proxy);
    SECTION("at once") { const Game net(url, options); }
    SECTION("while it waits for the other side") {
        Game net(url, options);
        const net::Socket socket = net::accept_from(listener).socket;
        REQUIRE(net.poll());
        if (GENERATE(false, true)) net.close();
    }
    SECTION("while it moves") {
        Game net(url, options);
        Game other(std::move(net));
        net = Game("not a url");
        net = std::move(other);
        REQUIRE(net.poll());
    }
}

TEST_CASE("a client plays on whatever link it puts before its own", "[client][thread][simulated-link]") {
    TestServer server;
    Game net(server.url(), {.simulated_link = "4g"});
    CHECK(net.simulated_link() == "4g");
    join(net);
    // No round trip over 4G takes less than its two latencies.
    await([&] { return net.update() && net.latency().samples >= 3; });
    CHECK(net.latency().rtt_min >= 65ms);
    CHECK_FALSE(net.simulate_link("carrier pigeon"));
    CHECK(net.simulated_link() == "4g");
    for (const SimulatedLink& link : simulated_links()) {
        REQUIRE(net.simulate_link(link.name));
        CHECK(net.simulated_link() == link.name);
        const auto snapshots = net.figures().snapshots;
        await([&] { return net.update() && net.figures().snapshots > snapshots + 3; });
    }
    REQUIRE(net.simulate_link(""));
    CHECK(net.simulated_link().empty());
    await([&] { return net.update() && net.latency().rtt_last < 40ms; });
    net.close();
    CHECK_FALSE(net.error());
    CHECK(server.seen().close_code == 1000);
}

TEST_CASE("a simulated link that does not exist is the caller's fault, told with those that do", "[client][error]") {
    Game net("ws://localhost:7777", {.simulated_link = "5g"});
    CHECK_FALSE(net.update());
    REQUIRE(net.error());
    CHECK(net.error()->blame == Blame::Caller);
    CHECK(net.error()->message ==
          "no simulated link is called \"5g\"; there are lan, cable, dsl, 4g, 3g, train, hotel-wifi");
    CHECK(net.simulate_link("3g"));
}
