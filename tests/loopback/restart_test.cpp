// What a program sees of connections that break and of servers that are restarted, over sockets.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/folder.h"
#include "tidewire/client.h"
#include "tidewire/server.h"
#include "tools/bench/resume/cut_proxy.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::Ball;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;
using tidewire::test::Folder;
using namespace std::chrono_literals;

namespace {

using SampleClient = Client<SampleSchema, SampleRules>;

constexpr int updates_max = 900;  // at 60 Hz: fifteen seconds, and more while nothing is due

/// Every player has a ball that moves by its velocity; the room may be saved.
class RunningServer {
public:
    /// `early` is called between listen() and run().
    explicit RunningServer(const ServerOptions& options, const std::function<void(ServerBase&)>& early = {}) : server_(options) {
        server_.on_room([](tidewire::Room<SampleSchema>& room) {
            if (room.number() == 1) room.description().name = "hall";
            play(room);
        });
        const auto listening = server_.listen();
        INFO((listening ? "" : listening.error().message));
        REQUIRE(listening);
        if (early) early(server_);
        thread_ = std::thread([this] { (void)server_.run(); });
    }
    ~RunningServer() { end(); }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    void end() {
        if (!thread_.joinable()) return;
        server_.stop();
        thread_.join();
    }
    std::uint16_t port() const { return server_.port(); }
    ServerBase& base() { return server_; }

private:
    template <class Callbacks>
    static void play(Callbacks& game) {
        game.on_join([](Player player) { player.spawn(Ball{}); });
        game.on_tick([](Sim& sim) {
            for (auto [entity, ball] : sim.view<Ball>()) ball.x = std::fmin(ball.x + ball.vx * sim.dt(), 100.0F);
        });
        game.on_save([](ServerSim&) { return std::vector<std::byte>(); },
                     [](ServerSim&, std::span<const std::byte>) -> Result<void> { return {}; });
    }

    Server<SampleSchema, SampleRules> server_;
    std::thread thread_;
};

ServerOptions local(std::uint16_t port = 0, std::string save_directory = {}) {
    return {.address = "127.0.0.1",
            .port = port,
            .tick_rate = 60,
            .retry_after = 100ms,
            .save_directory = std::move(save_directory)};
}

std::string url(std::uint16_t port) { return "ws://127.0.0.1:" + std::to_string(port); }

/// Updates until `done()`; false when the client ended or the patience did.
template <class Done>
bool update_until(SampleClient& client, Done done) {
    for (int i = 0; i < updates_max; ++i) {
        if (done()) return true;
        if (!client.update()) return false;
    }
    return false;
}

bool plays(const SampleClient& client) { return client.status() == ClientStatus::Playing && client.figures().snapshots > 0; }

}  // namespace

TEST_CASE("a connection that is reset comes back by itself, and the program sees that it does", "[loopback][resume]") {
    RunningServer server(local());
    auto proxy = bench::CutProxy::create(server.port(), {});
    REQUIRE(proxy);
    SampleClient client(url((*proxy)->port()));
    REQUIRE(update_until(client, [&] { return plays(client); }));
    const PlayerId player = client.player();
    CHECK_FALSE(client.reconnecting());
    (*proxy)->hold();
    REQUIRE(update_until(client, [&] { return client.status() == ClientStatus::Reconnecting; }));
    REQUIRE(update_until(client, [&] { return client.reconnecting() && client.reconnecting()->attempt > 0; }));
    CHECK_FALSE(client.reconnecting()->reason.empty());
    CHECK(client.resumes() == 0);
    CHECK_FALSE(client.error());
    // The picture stays.
    CHECK(client.view<Ball>().begin() != View<const Ball>::End{});
    const Tick tick = client.figures().tick;
    REQUIRE((*proxy)->release());
    REQUIRE(update_until(client, [&] { return client.status() == ClientStatus::Playing && client.figures().tick > tick; }));
    CHECK(client.resumes() == 1);
    CHECK(client.player() == player);
    CHECK_FALSE(client.reconnecting());
    CHECK(client.figures().keyframes <= 2);
}

TEST_CASE("a server that is restarted has its players back, where they were", "[loopback][restart]") {
    const Folder folder;
    auto server = std::make_unique<RunningServer>(local(0, folder / "saves"));
    const std::uint16_t port = server->port();
    SampleClient client(url(port));
    const auto x = [&] {
        for (auto [entity, ball] : client.view<Ball>())
            if (client.mine(entity)) return ball.x;
        return -1.0F;
    };
    REQUIRE(update_until(client, [&] {
        client.input({.dx = 1});
        return plays(client) && x() > 1;
    }));
    const PlayerId player = client.player();
    const Tick tick = client.figures().tick;
    server->end();
    CHECK(folder.has("saves/room-1.twsv"));
    REQUIRE(update_until(client, [&] { return client.status() == ClientStatus::Reconnecting; }));
    ServerOptions again = local(port, folder / "saves");
    again.entities_max = 100;
    server.reset();
    server = std::make_unique<RunningServer>(std::move(again));
    REQUIRE(update_until(client, [&] { return client.status() == ClientStatus::Playing && client.figures().tick > tick + 30; }));
    CHECK_FALSE(folder.has("saves/room-1.twsv"));
    CHECK(folder.has("saves/room-1.twsv.restored"));
    CHECK(client.resumes() == 1);
    CHECK(client.player() == player);
    CHECK(x() >= 1);
}

TEST_CASE("a room that a client has opened comes back as it was called, and its code still finds it", "[loopback][restart][rooms]") {
    const Folder folder;
    const auto options = [&](std::uint16_t port) {
        ServerOptions made = local(port, folder / "saves");
        made.client_rooms = {.allowed = true, .empty_for = 10s};
        return made;
    };
    auto server = std::make_unique<RunningServer>(options(0));
    const std::uint16_t port = server->port();
    SampleClient host(url(port), {.room = {.name = "harbour", .choice = RoomChoice::Create, .seats = 3, .is_private = true}});
    REQUIRE(update_until(host, [&] { return plays(host); }));
    const RoomIdentity room = host.room();
    CHECK(room.name == "harbour");
    CHECK_FALSE(room.code.empty());
    const Tick tick = host.figures().tick;
    server->end();
    REQUIRE(update_until(host, [&] { return host.status() == ClientStatus::Reconnecting; }));
    server.reset();
    server = std::make_unique<RunningServer>(options(port));
    REQUIRE(update_until(host, [&] { return host.status() == ClientStatus::Playing && host.figures().tick > tick; }));
    CHECK(host.room() == room);
    SampleClient friend_of(url(port), {.room = {.code = room.code}});
    REQUIRE(update_until(friend_of, [&] { return plays(friend_of); }));
    CHECK(friend_of.room() == room);
    SampleClient other(url(port), {.room = {.name = "hall"}});
    REQUIRE(update_until(other, [&] { return plays(other); }));
    CHECK(other.room().number == 1);
}

TEST_CASE("a room that the program has opened comes back without client rooms", "[loopback][restart][rooms]") {
    const Folder folder;
    auto server = std::make_unique<RunningServer>(local(0, folder / "saves"));
    const std::uint16_t port = server->port();
    REQUIRE(server->base().open_room({.name = "harbour"}));
    SampleClient ann(url(port), {.room = {.name = "harbour"}});
    REQUIRE(update_until(ann, [&] { return plays(ann); }));
    const RoomIdentity room = ann.room();
    CHECK(room.number == 2);
    const Tick tick = ann.figures().tick;
    server->end();
    REQUIRE(folder.has("saves/room-2.twsv"));
    REQUIRE(update_until(ann, [&] { return ann.status() == ClientStatus::Reconnecting; }));
    server.reset();
    const bool is_early = GENERATE(false, true);
    const auto early = [](ServerBase& base) {
        // What is saved keeps its number and its name while it is not there yet.
        const auto again = base.open_room({.name = "harbour"});
        REQUIRE_FALSE(again);
        CHECK_THAT(again.error().message, Catch::Contains("\"harbour\" was saved, and run() restores it"));
        CHECK(base.open_room({.name = "cup"}));
    };
    server = is_early ? std::make_unique<RunningServer>(local(port, folder / "saves"), early)
                      : std::make_unique<RunningServer>(local(port, folder / "saves"));
    REQUIRE(update_until(ann, [&] { return ann.status() == ClientStatus::Playing && ann.figures().tick > tick; }));
    CHECK(ann.room() == room);
    CHECK(ann.resumes() == 1);
    CHECK_FALSE(folder.has("saves/room-2.twsv.refused"));
    CHECK_FALSE(server->base().open_room({.name = "harbour"}));
    if (!is_early) REQUIRE(server->base().open_room({.name = "cup"}));
    SampleClient ben(url(port), {.room = {.name = "cup"}});
    REQUIRE(update_until(ben, [&] { return plays(ben); }));
    CHECK(ben.room().number == 3);
}

TEST_CASE("a room of a client's does not come back where clients open none, nor one of the server's beyond its number", "[loopback][restart][rooms]") {
    const Folder folder;
    const bool by_client = GENERATE(false, true);
    ServerOptions options = local(0, folder / "saves");
    options.client_rooms.allowed = by_client;
    options.rooms = by_client ? 1 : 2;
    auto server = std::make_unique<RunningServer>(options);
    SampleClient ann(url(server->port()), {.room = {.name = by_client ? "harbour" : "2", .choice = RoomChoice::JoinOrCreate}});
    REQUIRE(update_until(ann, [&] { return plays(ann); }));
    CHECK(ann.room().number == 2);
    server->end();
    REQUIRE(folder.has("saves/room-2.twsv"));
    server.reset();
    server = std::make_unique<RunningServer>(local(0, folder / "saves"));
    CHECK(folder.has("saves/room-2.twsv.refused"));
    CHECK_FALSE(folder.has("saves/room-1.twsv.refused"));
}

TEST_CASE("a room of a client's does not take the number of one that is the server's own by now", "[loopback][restart][rooms]") {
    const Folder folder;
    ServerOptions options = local(0, folder / "saves");
    options.client_rooms.allowed = true;
    {
        RunningServer server(options);
        SampleClient ann(url(server.port()), {.room = {.name = "harbour", .choice = RoomChoice::Create}});
        REQUIRE(update_until(ann, [&] { return plays(ann); }));
        CHECK(ann.room().number == 2);
        server.end();
    }
    REQUIRE(folder.has("saves/room-2.twsv"));
    options.rooms = 2;
    RunningServer server(options);
    CHECK(folder.has("saves/room-2.twsv.refused"));
    SampleClient ben(url(server.port()), {.room = {.name = "2"}});
    REQUIRE(update_until(ben, [&] { return plays(ben); }));
    CHECK(ben.room().number == 2);
}

TEST_CASE("a file that is no room is put aside, and the server starts without it", "[loopback][restart]") {
    const Folder folder;
    folder.write("saves/room-1.twsv", std::string_view("not a room at all, by any reading"));
    folder.write("saves/room-9.twsv", std::string_view("neither, and of a room that this server does not have"));
    RunningServer server(local(0, folder / "saves"));
    CHECK(folder.has("saves/room-1.twsv.refused"));
    CHECK(folder.has("saves/room-9.twsv.refused"));
    SampleClient client(url(server.port()));
    CHECK(update_until(client, [&] { return plays(client); }));
}

TEST_CASE("a ticket that was used before a restart is used behind it", "[loopback][restart]") {
    const Folder folder;
    const std::string secret(32, 'z');
    folder.write("keys", std::string_view("enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno\n"));
    const auto ticket = [&](const std::string& player) {
        const auto soon = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + 5min;
        const auto made = make_ticket(secret, {.room = "hall", .player = player, .expires = soon});
        REQUIRE(made);
        return *made;
    };
    const auto start = [&] {
        ServerOptions made = local(0, folder / "saves");
        made.admission.tickets.key_file = folder / "keys";
        return std::make_unique<RunningServer>(made);
    };
    // 0: it plays.
    const auto join = [](const RunningServer& server, const std::string& token) {
        SampleClient client(url(server.port()), {.token = token});
        const bool played = update_until(client, [&] { return plays(client); });
        CHECK(played != client.error().has_value());
        return client.error() ? static_cast<int>(client.error()->close_code) : 0;
    };
    const std::string used = ticket("account-7");
    const std::string fresh = ticket("account-8");
    auto server = start();
    CHECK(join(*server, used) == 0);
    server.reset();
    for (int restarts = 0; restarts < 2; ++restarts) {
        server = start();
        CHECK(join(*server, used) == 4014);
        if (restarts == 0) CHECK(join(*server, fresh) == 0);
        if (restarts == 1) CHECK(join(*server, fresh) == 4014);
        server.reset();
    }
    // A file that is none is put aside.
    folder.write("saves/spent-tokens.twst", std::string_view("no tokens, by any reading"));
    server = start();
    CHECK(folder.has("saves/spent-tokens.twst.refused"));
    CHECK(join(*server, ticket("account-9")) == 0);
}
