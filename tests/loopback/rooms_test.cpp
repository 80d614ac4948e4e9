// Rooms over real sockets: a real Server of two threads, Clients that find each other, and a RoomBrowser that sees it.
#include <catch2/catch.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tidewire/client.h"
#include "tidewire/room_browser.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;

namespace {

using SampleClient = Client<SampleSchema, SampleRules>;

constexpr int updates_max = 600;  // at 60 Hz: ten seconds

class RunningServer {
public:
    RunningServer()
        : server_({.address = "127.0.0.1",
                   .port = 0,
                   .tick_rate = 60,
                   .rooms = 1,
                   .shards = 2,
                   .players_max = 4,
                   .client_rooms = {.allowed = true, .empty_for = 200ms, .watchers_max = 4}}) {
        server_.on_room([](tidewire::Room<SampleSchema>& room) {
            if (room.number() == 1) room.description() = {.name = "hall", .properties = {{"mode", "hall"}}};
            room.on_join([](Player player) { player.spawn(Ball{}); });
        });
        const auto listening = server_.listen();
        INFO((listening ? "" : listening.error().message));
        REQUIRE(listening);
        thread_ = std::thread([this] { (void)server_.run(); });
    }
    ~RunningServer() {
        server_.stop();
        thread_.join();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    auto& server() { return server_; }
    std::string url() const { return "ws://127.0.0.1:" + std::to_string(server_.port()); }

private:
    Server<SampleSchema, SampleRules> server_;
    std::thread thread_;
};

/// Until it plays.
std::unique_ptr<SampleClient> join(const RunningServer& server, RoomWish wish) {
    auto client = std::make_unique<SampleClient>(server.url(), ClientOptions{.room = std::move(wish)});
    for (int i = 0; i < updates_max && client->status() != ClientStatus::Playing && client->update(); ++i) {
    }
    return client;
}

/// Until the list is so.
template <class Is>
bool see(RoomBrowser& browser, const Is& is) {
    for (int i = 0; i < 1000 && !(browser.complete() && is(browser.rooms())); ++i)
        if (!browser.update(10ms)) return false;
    return is(browser.rooms());
}

}  // namespace

TEST_CASE("friends meet in a room that one of them has opened, whichever thread took them in", "[loopback][rooms]") {
    RunningServer server;
    RoomBrowser browser(server.url());
    CHECK(see(browser, [](const auto& rooms) { return rooms.size() == 1 && rooms[0].name == "hall"; }));
    const RoomWish duel{.properties = {{"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate, .seats = 2};
    const auto one = join(server, duel);
    const auto two = join(server, duel);
    REQUIRE(one->status() == ClientStatus::Playing);
    REQUIRE(two->status() == ClientStatus::Playing);
    CHECK(one->room() == two->room());
    CHECK(one->room().number == 2);
    const auto three = join(server, duel);
    CHECK(three->room().number == 3);
    const auto host = join(server, {.choice = RoomChoice::Create, .is_private = true});
    REQUIRE(host->status() == ClientStatus::Playing);
    const auto guest = join(server, {.code = host->room().code});
    CHECK(guest->room() == host->room());
    CHECK(join(server, {.name = "hall"})->room().number == 1);
    const auto lost = join(server, {.name = "nowhere"});
    REQUIRE(lost->error());
    CHECK(lost->error()->close_code == 4030);
    // The list has the public ones.
    CHECK(see(browser, [](const auto& rooms) {
        return rooms.size() == 3 && rooms[1].players == 2 && rooms[1].seats == 2 && rooms[2].properties == RoomProperties{{"mode", "duel"}};
    }));
    one->close();
    two->close();
    CHECK(see(browser, [](const auto& rooms) { return rooms.size() == 2 && rooms[1].number == 3; }));
}

TEST_CASE("the program opens rooms, keeps places in them and ends them while it runs", "[loopback][rooms]") {
    RunningServer running;
    RoomBrowser browser(running.url());
    REQUIRE(see(browser, [](const auto& rooms) { return rooms.size() == 1; }));
    auto& server = running.server();
    CHECK(server.open_room({.name = "hall"}).error().message.find("name") != std::string::npos);
    CHECK_FALSE(server.open_room({.name = std::string(65, 'x')}));
    CHECK_FALSE(server.open_room({.seats = 5}));
    REQUIRE(server.open_room({.name = "cup", .properties = {{"mode", "cup"}}, .seats = 1}));
    const auto kept = server.reserve("cup");
    REQUIRE(kept);
    CHECK_FALSE(server.reserve("cup"));
    const auto outside = join(running, {.name = "cup"});
    REQUIRE(outside->error());
    CHECK(outside->error()->close_code == 4032);
    CHECK(outside->retry_after());
    const auto inside = join(running, {.reservation = *kept});
    REQUIRE(inside->status() == ClientStatus::Playing);
    CHECK(inside->room().name == "cup");
    CHECK_FALSE(server.close_room("cups", "no"));
    REQUIRE(server.close_room("cup", "the cup is over"));
    for (int i = 0; i < updates_max && inside->update(); ++i) {
    }
    REQUIRE(inside->error());
    CHECK(inside->error()->message == "the cup is over");
}

TEST_CASE("a server that tells nobody of its rooms says so", "[loopback][rooms]") {
    Server<SampleSchema, SampleRules> server({.address = "127.0.0.1", .port = 0});
    CHECK_FALSE(server.open_room({.name = "early"}));
    CHECK_FALSE(server.reserve("1"));
    CHECK_FALSE(server.close_room("1", "early"));
    REQUIRE(server.listen());
    std::thread thread([&] { (void)server.run(); });
    RoomBrowser browser("ws://127.0.0.1:" + std::to_string(server.port()));
    for (int i = 0; i < 1000 && browser.update(10ms); ++i) {
    }
    REQUIRE(browser.error());
    CHECK(browser.error()->close_code == 4016);
    CHECK(browser.error()->message == "this server tells nobody of its rooms");
    server.stop();
    thread.join();
}
