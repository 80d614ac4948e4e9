// What is asked at which path, and what is answered to requests that mean nothing.
#include "server/admin/desk_routes.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr SystemTime wall{1'800'000'000s};

/// A desk that writes down what it is asked for.
struct Paper {
    std::vector<std::pair<RoomNumber, Order>> orders;
    Desk::Done done = Desk::Done::Yes;
    std::vector<Ban> banned;
    std::vector<BanId> lifted;
    int drains = 0;
    std::string level = "info";
    bool answers = true;
    Desk desk;

    Paper() {
        desk.rooms = [this]() -> std::optional<std::vector<RoomReport>> {
            if (!answers) return std::nullopt;
            return std::vector<RoomReport>{{.room = RoomNumber{1}, .players = 3, .players_max = 8, .bots = 2, .spectators = 4, .tick = 90, .tick_rate = 30, .load = "normal"},
                                           {.room = RoomNumber{2}, .load = "half_rate", .ended = true}};
        };
        desk.players = [this]() -> std::optional<std::vector<PlayerReport>> {
            if (!answers) return std::nullopt;
            return std::vector<PlayerReport>{{.room = RoomNumber{1}, .player = 1, .name = "bot 1", .bot = true},
                                             {.room = RoomNumber{1}, .player = 3, .name = "Ann\n\x1b", .subject = "account-7", .address = "203.0.113.7",
                                              .connection = ConnectionId{9}, .muted_for = 1500ms, .rtt = Duration(20'500us), .rung = "full"},
                                             {.room = RoomNumber{2}, .player = 1, .name = "Ben", .away = true},
                                             {.room = RoomNumber{2}, .player = 0x8000'0000, .name = "Eve", .spectates = true}};
        };
        desk.order = [this](RoomNumber room, Order order) {
            if (done == Desk::Done::Yes) orders.emplace_back(room, std::move(order));
            return done;
        };
        desk.now = [] { return wall; };
        desk.ban = [this](Ban ban) -> Result<BanId> {
            if (ban.subject == "nobody") return unexpected(Blame::Caller, "not that one");
            banned.push_back(std::move(ban));
            return BanId{banned.size()};
        };
        desk.lift_ban = [this](BanId id) {
            lifted.push_back(id);
            return id == BanId{1};
        };
        desk.bans = [] {
            return std::vector<ListedBan>{{{.subject = "account-7", .until = wall, .reason = "spam"}, BanId{4}}};
        };
        desk.drain = [this] { return drains++ == 0; };
        desk.log_level = [this] { return level; };
        desk.set_log_level = [this](std::string_view name) {
            if (name != "debug") return false;
            level = name;
            return true;
        };
    }
    Json ask(std::string_view method, std::string_view path, std::string_view body = {}, int status = 200) {
        const DeskAnswer answer = server::ask(desk, method, path, body);
        INFO(method << " " << path << " " << body << ": " << answer.body);
        CHECK(answer.status == status);
        for (const char c : answer.body) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
        const Json json = Json::parse(answer.body, nullptr, false);
        REQUIRE_FALSE(json.is_discarded());
        return json;
    }
    std::string refusal(std::string_view method, std::string_view path, std::string_view body = {}, int status = 400) {
        return ask(method, path, body, status).at("error");
    }
};

}  // namespace

TEST_CASE("rooms and players are told as they are", "[admin][desk]") {
    Paper paper;
    const Json rooms = paper.ask("GET", "/rooms");
    REQUIRE(rooms.size() == 2);
    CHECK(rooms[0].at("players") == 3);
    CHECK(rooms[0].at("players_max") == 8);
    CHECK(rooms[0].at("spectators") == 4);
    CHECK(rooms[0].at("load") == "normal");
    CHECK(rooms[1].at("ended") == true);
    CHECK(paper.ask("GET", "/rooms/2").at("room") == 2);
    CHECK(paper.refusal("GET", "/rooms/3", {}, 404).find("GET /rooms") != std::string::npos);
    CHECK(paper.ask("GET", "/players").size() == 4);
    const Json watched = paper.ask("GET", "/rooms/2/players");
    REQUIRE(watched.size() == 2);
    CHECK(watched[0].count("spectates") == 0);
    CHECK(watched[1].at("spectates") == true);
    CHECK(watched[1].at("player") == 2'147'483'648);
    CHECK(watched[1].count("muted_seconds") == 0);
    const Json ann = paper.ask("GET", "/rooms/1/players").at(1);
    CHECK(ann.at("name") == "Ann\n\x1b");
    CHECK(ann.at("subject") == "account-7");
    CHECK(ann.at("connection") == 9);
    CHECK(ann.at("muted_seconds") == 1.5);
    CHECK(ann.at("rtt_ms") == 20.5);
}

TEST_CASE("orders about players reach their room", "[admin][desk]") {
    Paper paper;
    CHECK(paper.ask("POST", "/rooms/1/players/3/kick", R"({"reason": "spam"})").at("done") == true);
    paper.ask("POST", "/rooms/1/players/3/kick");
    paper.ask("POST", "/rooms/2/players/4/mute", R"({"seconds": 1.5})");
    paper.ask("POST", "/rooms/2/players/4/ban", R"({"seconds": 3600, "reason": "cheating"})");
    REQUIRE(paper.orders.size() == 4);
    CHECK(paper.orders[0].first == RoomNumber{1});
    CHECK(paper.orders[0].second.kind == Order::Kind::Kick);
    CHECK(paper.orders[0].second.player == 3);
    CHECK(paper.orders[0].second.reason == "spam");
    CHECK(paper.orders[1].second.reason.empty());
    CHECK(paper.orders[2].second.kind == Order::Kind::Mute);
    CHECK(paper.orders[2].second.time == 1500ms);
    CHECK(paper.orders[3].second.kind == Order::Kind::Ban);
    CHECK(paper.orders[3].second.time == 3600s);
    paper.ask("POST", "/rooms/2/players/2147483648/kick");
    CHECK(paper.orders.back().second.player == 0x8000'0000);
    paper.done = Desk::Done::NoPlayer;
    CHECK(paper.refusal("POST", "/rooms/1/players/9/kick", {}, 404).find("GET /players") != std::string::npos);
    paper.done = Desk::Done::NoAnswer;
    CHECK(paper.refusal("POST", "/rooms/1/players/9/kick", {}, 503).find("try again") != std::string::npos);
}

TEST_CASE("bans are written, listed and lifted", "[admin][desk]") {
    Paper paper;
    CHECK(paper.ask("POST", "/bans", R"({"subject": "account-8", "seconds": 60, "reason": "x"})").at("ban") == 1);
    CHECK(paper.ask("POST", "/bans", R"({"address": "203.0.113.7", "until": "2027-01-31T18:00:00Z"})").at("ban") == 2);
    REQUIRE(paper.banned.size() == 2);
    CHECK(paper.banned[0].subject == "account-8");
    CHECK(paper.banned[0].until == wall + 60s);
    CHECK(paper.banned[1].address == "203.0.113.7");
    CHECK(paper.ask("GET", "/bans").at(0).at("subject") == "account-7");
    CHECK(paper.ask("GET", "/bans").at(0).at("ban") == 4);
    CHECK(paper.ask("DELETE", "/bans/1").at("done") == true);
    CHECK(paper.refusal("DELETE", "/bans/2", {}, 404).find("GET /bans") != std::string::npos);
    CHECK(paper.refusal("POST", "/bans", R"({"subject": "nobody", "seconds": 60})") == "not that one");
}

TEST_CASE("the server drains once by this way, and its log says more or less", "[admin][desk]") {
    Paper paper;
    CHECK(paper.ask("POST", "/drain").at("done") == true);
    CHECK(paper.refusal("POST", "/drain", {}, 409).find("already") != std::string::npos);
    CHECK(paper.ask("GET", "/log-level").at("level") == "info");
    CHECK(paper.ask("PUT", "/log-level", R"({"level": "debug"})").at("level") == "debug");
    CHECK(paper.refusal("PUT", "/log-level", R"({"level": "loud"})").find("trace, debug, info") != std::string::npos);
}

TEST_CASE("content that means nothing is refused in a sentence, and nothing is done", "[admin][desk]") {
    using Catch::Matchers::Contains;
    Paper paper;
    const std::string kick = "/rooms/1/players/3/kick";
    CHECK_THAT(paper.refusal("POST", kick, "reason=spam"), Contains("no JSON object"));
    CHECK_THAT(paper.refusal("POST", kick, "[]"), Contains("no JSON object"));
    CHECK_THAT(paper.refusal("POST", kick, R"({"reason": "a", "reason": "b"})"), Contains("no JSON object"));
    CHECK_THAT(paper.refusal("POST", kick, std::string(100, '[')), Contains("no JSON object"));
    CHECK_THAT(paper.refusal("POST", kick, R"({"reason": 7})"), Contains("reason is a text"));
    CHECK_THAT(paper.refusal("POST", kick, R"({"resaon": "spam"})"), Contains("\"resaon\" means nothing here; write reason"));
    CHECK_THAT(paper.refusal("POST", "/rooms/1/players/3/mute"), Contains("seconds says for how long"));
    CHECK_THAT(paper.refusal("POST", "/rooms/1/players/3/mute", R"({"seconds": -1})"), Contains("a hundred years"));
    CHECK_THAT(paper.refusal("POST", "/rooms/1/players/3/ban", R"({"seconds": 0})"), Contains("from 1 to"));
    CHECK_THAT(paper.refusal("POST", "/rooms/1/players/3/ban", R"({"seconds": 1e300})"), Contains("a hundred years"));
    CHECK_THAT(paper.refusal("POST", "/bans", R"({"subject": "a"})"), Contains("either seconds"));
    CHECK_THAT(paper.refusal("POST", "/bans", R"({"subject": "a", "seconds": 1, "until": "2027-01-31T18:00:00Z"})"), Contains("either seconds"));
    CHECK_THAT(paper.refusal("POST", "/bans", R"({"subject": "a", "until": "tomorrow"})"), Contains("until is an instant"));
    CHECK_THAT(paper.refusal("POST", "/drain", R"({"now": true})"), Contains("write no members"));
    CHECK(paper.orders.empty());
    CHECK(paper.banned.empty());
    CHECK(paper.drains == 0);
}

TEST_CASE("paths that are not there, and methods that are not theirs, are told what there is", "[admin][desk]") {
    using Catch::Matchers::Contains;
    Paper paper;
    for (const char* path : {"/", "/room", "/rooms/", "/rooms/x", "/rooms/1/", "/rooms/1/players/", "/rooms/-1", "/rooms/4294967296",
                             "/rooms/1/players/2", "/rooms/1/players/2/kick/now", "/ROOMS", "//rooms", "/rooms/01x"})
        CHECK_THAT(paper.refusal("GET", path, {}, 404), Contains("POST /rooms/*/players/*/kick"));
    CHECK_THAT(paper.refusal("GET", "/rooms/1/players/2/kick", {}, 405), Contains("POST"));
    const DeskAnswer answer = ask(paper.desk, "DELETE", "/log-level", {});
    CHECK(answer.status == 405);
    REQUIRE(answer.headers.size() == 1);
    CHECK(answer.headers[0].value == "GET, PUT");
    CHECK(paper.orders.empty());
}

TEST_CASE("where not all shards answer in time, that is said", "[admin][desk]") {
    Paper paper;
    paper.answers = false;
    for (const char* path : {"/rooms", "/rooms/1", "/players", "/rooms/1/players"})
        CHECK(paper.refusal("GET", path, {}, 503).find("try again") != std::string::npos);
}
