// A whole server of two shards with the operator's port: what is asked for happens to real connections.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "sdk/net/system.h"
#include "server/admin/admin_server.h"
#include "server/main/admin_desk.h"
#include "tests/server/admin/admin_client.h"
#include "tests/server/runtime/raw_player.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;
using Json = nlohmann::json;

namespace {

class Operated {
public:
    enum class Rooms : std::uint8_t { EndAtOnce, AskForTime };  ///< When they are drained.
    explicit Operated(Rooms rooms = Rooms::EndAtOnce) {
        for (sim::SampleGame& game : games_)
            if (rooms == Rooms::AskForTime) game.game().on_drain = [](ServerSim&, std::chrono::milliseconds) {};
        auto listener = net::listen_on("127.0.0.1");
        port_ = listener.port();
        auto shards = Shards::create(site_, 2, std::move(listener));
        REQUIRE(shards);
        shards_ = std::move(*shards);
        for (std::uint32_t number = 1; number <= 2; ++number)
            shards_->open_room({.number = RoomNumber{number}, .game = games_[number - 1].game()});
        auto admin = AdminServer::start(0, admin_token, make_desk(*shards_, site_, log_), {});
        REQUIRE(admin);
        admin_ = std::move(*admin);
        thread_ = std::thread([this] { ran_ = shards_->run({}).has_value(); });
    }
    ~Operated() { stop(); }

    std::uint16_t port() const { return port_; }
    Json ask(std::string_view method, std::string_view path, std::string_view body = {}, int status = 200) const {
        const std::string answer = test::ask(admin_->port(), method, path, body);
        INFO(answer);
        CHECK(status_of(answer) == status);
        return Json::parse(body_of(answer), nullptr, false);
    }
    Log& log() { return log_; }
    /// As a signal does it.
    void signal() { shards_->stop(); }
    /// True when all shards have ended without a failure.
    bool stop() {
        if (!thread_.joinable()) return ran_;
        shards_->stop();
        return join();
    }
    bool join() {
        thread_.join();
        admin_.reset();
        return ran_;
    }

private:
    sim::SampleGame games_[2];
    Site site_{sim::SampleSchema::info(), {.tick_rate = 60, .rooms = 2, .bots = 1}, {}, {}, net::system_random()};
    Log log_{LogOptions{.level = LogLevel::Error}};
    std::unique_ptr<Shards> shards_;
    std::unique_ptr<AdminServer> admin_;
    std::uint16_t port_ = 0;
    bool ran_ = false;
    std::thread thread_;
};

/// {room, number} of the only human.
std::pair<int, int> human_of(const Json& players) {
    for (const Json& each : players)
        if (each.count("bot") == 0) return {each.at("room").get<int>(), each.at("player").get<int>()};
    FAIL("there is no human: " << players.dump());
    return {};
}

}  // namespace

TEST_CASE("the operator sees rooms and players of all shards, and kicks one of them", "[admin][loopback]") {
    Operated server;
    CHECK(server.ask("GET", "/rooms").size() == 2);
    RawPlayer player(server.port());
    const Json players = server.ask("GET", "/players");
    REQUIRE(players.size() == 3);
    const auto [room, number] = human_of(players);
    CHECK(server.ask("GET", "/rooms/" + std::to_string(room)).at("players") == 2);
    const std::string path = "/rooms/" + std::to_string(room) + "/players/" + std::to_string(number);
    CHECK(server.ask("POST", path + "/kick", R"({"reason": "be nice"})").at("done") == true);
    player.read_to_the_end();
    CHECK(player.close_code() == 4040);
    CHECK(player.close_reason() == "be nice");
    CHECK(server.ask("POST", path + "/kick", {}, 404).count("error") == 1);
    CHECK(server.ask("GET", "/players").size() == 2);
    CHECK(server.stop());
}

TEST_CASE("the operator's log level and bans are the server's", "[admin][loopback]") {
    Operated server;
    CHECK(server.ask("PUT", "/log-level", R"({"level": "warn"})").at("level") == "warn");
    CHECK(server.log().level() == LogLevel::Warn);
    const Json ban = server.ask("POST", "/bans", R"({"address": "203.0.113.7", "seconds": 60, "reason": "spam"})");
    const Json bans = server.ask("GET", "/bans");
    REQUIRE(bans.size() == 1);
    CHECK(bans[0].at("address") == "203.0.113.7");
    CHECK(bans[0].at("ban") == ban.at("ban"));
    server.ask("DELETE", "/bans/" + std::to_string(ban.at("ban").get<int>()));
    CHECK(server.ask("GET", "/bans").empty());
    server.ask("POST", "/bans", R"({"address": "127.0.0.1", "seconds": 60})", 400);
}

TEST_CASE("the operator drains the server, once", "[admin][loopback]") {
    Operated server;
    RawPlayer player(server.port());
    server.ask("POST", "/drain");
    player.read_to_the_end();
    CHECK(player.close_code() == 1001);
    CHECK(server.join());
}

TEST_CASE("who asks for a drain that a signal has begun is told so, and cuts nobody off", "[admin][loopback]") {
    Operated server(Operated::Rooms::AskForTime);
    RawPlayer player(server.port());
    server.signal();
    const std::string error = server.ask("POST", "/drain", {}, 409).at("error");
    CHECK(error.find("drains already") != std::string::npos);
    // It plays on, as the rooms do.
    player.read_until([&, begun = player.newest()] { return player.newest() > begun + 10; });
    CHECK(player.close_code() == 0);
    // A second signal is what ends it.
    server.signal();
    CHECK(server.join());
}
