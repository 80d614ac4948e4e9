// A real server in a thread and real clients: what the facades promise, over sockets. Waiting is counted in updates, which
// take one tick each.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/server_thread.h"
#include "tidewire/client.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::Ball;
using tidewire::sim::Push;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;

namespace {

using SampleClient = Client<SampleSchema, SampleRules>;

constexpr int updates_max = 600;  // at 60 Hz: ten seconds

/// Every player has a ball that moves by its velocity.
class RunningServer {
public:
    /// Every player is sent `map`, unless it is empty.
    explicit RunningServer(ServerOptions options = {}, std::vector<std::byte> map = {})
        : server_(local(std::move(options))) {
        server_.on_join(
            [map = std::make_shared<const std::vector<std::byte>>(std::move(map))](ServerSim& sim, Player player) {
                player.spawn(Ball{});
                if (!map->empty()) (void)sim.send_bulk(player.id(), 3, map);
            });
        server_.on_tick([](Sim& sim) {
            for (auto [entity, ball] : sim.view<Ball>()) ball.x = std::fmin(ball.x + ball.vx * sim.dt(), 100.0F);
        });
        thread_.emplace(server_);
    }

    /// The server says goodbye to its clients for two seconds at most, while they listen.
    void begin_stop() { server_.stop(); }
    std::string url() const { return thread_->url(); }

private:
    static ServerOptions local(ServerOptions options) {
        options.tick_rate = 60;
        return test::on_loopback(std::move(options));
    }

    Server<SampleSchema, SampleRules> server_;
    std::optional<test::ServerThread<Server<SampleSchema, SampleRules>>> thread_;
};

/// Updates until `done()`; false when the client ended or the patience did.
template <class Done>
bool update_until(SampleClient& client, Done done) {
    for (int i = 0; i < updates_max; ++i) {
        if (done()) return true;
        if (!client.update()) return false;
    }
    return false;
}

}  // namespace

TEST_CASE("a client sees its own ball move by its inputs", "[loopback]") {
    RunningServer server;
    SampleClient client(server.url(), {.player_name = "Ada"});
    const bool moved = update_until(client, [&] {
        client.input({.dx = 1});
        for (auto [entity, ball] : client.view<Ball>())
            if (client.mine(entity) && ball.x > 1) return true;
        return false;
    });
    INFO((client.error() ? client.error()->message : "no error"));
    CHECK(moved);
    CHECK(client.player() == 1);
    CHECK(client.tick_rate() == 60);
    CHECK(client.figures().keyframes == 1);
    CHECK(client.figures().snapshots > 5);
    client.close();
}

TEST_CASE("two clients see each other, and one sees the other go", "[loopback]") {
    RunningServer server;
    SampleClient stays(server.url());
    const auto balls = [](SampleClient& client) {
        int count = 0;
        for ([[maybe_unused]] auto entry : client.view<Ball>()) ++count;
        return count;
    };
    {
        SampleClient goes(server.url());
        CHECK(update_until(stays, [&] { return goes.poll() && balls(stays) == 2; }));
        CHECK(update_until(goes, [&] { return balls(goes) == 2; }));
        goes.close();
    }
    CHECK(update_until(stays, [&] { return balls(stays) == 1; }));
}

TEST_CASE("what a game sends beside its state arrives whole, and the state goes on", "[loopback]") {
    std::vector<std::byte> map(3'000'000);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::byte>(i * i / 5);
    RunningServer server({}, map);
    SampleClient client(server.url());
    std::optional<Bulk> taken;
    CHECK(update_until(client, [&] {
        taken = client.take_bulk();
        return taken.has_value();
    }));
    INFO((client.error() ? client.error()->message : "no error"));
    REQUIRE(taken);
    CHECK(taken->id == 3);
    CHECK(taken->bytes == map);
    CHECK_FALSE(client.bulk().has_value());
    const auto before = client.figures().snapshots;
    CHECK(update_until(client, [&] { return client.figures().snapshots > before + 10; }));
    client.close();
}

TEST_CASE("stop() tells every client 1001", "[loopback]") {
    RunningServer server;
    SampleClient client(server.url());
    REQUIRE(update_until(client, [&] { return client.figures().snapshots > 0; }));
    server.begin_stop();
    CHECK_FALSE(update_until(client, [] { return false; }));
    CHECK(client.status() == ClientStatus::Closed);
    REQUIRE(client.error());
    INFO(client.error()->message);
    CHECK(client.error()->close_code == 1001);
    CHECK(client.error()->message.find("stopping") != std::string::npos);
}

TEST_CASE("a full server is an error with the remedy's facts", "[loopback]") {
    RunningServer server({.players_max = 2, .bots = 2});
    SampleClient client(server.url());
    CHECK_FALSE(update_until(client, [] { return false; }));
    REQUIRE(client.error());
    INFO(client.error()->message);
    CHECK(client.error()->close_code == 4002);
    CHECK(client.error()->message.find("2 of 2 players") != std::string::npos);
}
