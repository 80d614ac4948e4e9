// H30: strangers of this machine at the operator's port, and pages in its browser: guesses, slow requests, heads and contents that are too
// long, and words that would forge lines of the audit log.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sdk/core/base/random.h"
#include "server/admin/admin_server.h"
#include "server/main/audit_log.h"
#include "tests/hostile/figures.h"
#include "tests/server/admin/admin_client.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::hostile;
using namespace tidewire::server;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// A desk that must not be asked.
Desk closed_desk(int& asked) {
    Desk desk;
    desk.rooms = [&asked]() -> std::optional<std::vector<RoomReport>> { return ++asked, std::nullopt; };
    desk.players = [&asked]() -> std::optional<std::vector<PlayerReport>> { return ++asked, std::nullopt; };
    desk.order = [&asked](RoomNumber, Order) { return ++asked, Desk::Done::NoAnswer; };
    desk.drain = [&asked] { return ++asked, false; };
    return desk;
}

const std::string paths[] = {"/rooms", "/players", "/drain", "/rooms/1/players/1/kick", "/log-level", "/bans"};

}  // namespace

TEST_CASE("H30: no guess is any nearer than another, and none asks anything", "[H30]") {
    SeededRandom random(71);
    int asked = 0;
    auto port = AdminServer::start(0, admin_token, closed_desk(asked), {});
    REQUIRE(port);
    std::string first;
    for (int round = 0; round < 200; ++round) {
        std::string guess = admin_token;
        if (round % 3 == 0) guess.resize(random.below(static_cast<std::uint32_t>(guess.size())));
        if (round % 3 == 1) guess += static_cast<char>('a' + random.below(26));
        if (round % 3 == 2) guess[random.below(static_cast<std::uint32_t>(guess.size()))] ^= 0x01;
        if (guess.empty()) continue;
        const std::string answer =
            answer_to((*port)->port(), request_with(round % 2 == 0 ? "GET" : "POST", paths[random.below(std::size(paths))],
                                                   "Authorization: Bearer " + guess + "\r\n"));
        CHECK(status_of(answer) == 401);
        // The same answer to all of them.
        if (first.empty()) first = answer;
        CHECK(answer == first);
    }
    port->reset();
    CHECK(asked == 0);
}

TEST_CASE("H30: whatever is no request ends with its own status within bounds, and the operator is answered beside it", "[H30]") {
    SeededRandom random(72);
    int asked = 0;
    auto port = AdminServer::start(0, admin_token, closed_desk(asked), {}, {.request_within = 200ms, .answer_within = 200ms});
    REQUIRE(port);
    const std::string good = "Authorization: Bearer " + admin_token + "\r\n";
    const auto answered = [&](const std::string& request) { return status_of(answer_to((*port)->port(), request)); };
    std::string fields;
    for (int i = 0; i < 65; ++i) fields += "X: y\r\n";
    CHECK(answered(request_with("GET", "/rooms", good + "X: " + std::string(4096, 'x') + "\r\n")) == 431);
    CHECK(answered(request_with("GET", "/rooms", good + fields)) == 431);
    CHECK(answered(request_with("POST", "/drain", good + "Content-Length: 1000000000\r\n")) == 413);
    CHECK(answered(request_with("POST", "/drain", good + "Transfer-Encoding: chunked\r\n")) == 411);
    CHECK(answered(request_with("POST", "/drain", good + "Content-Length: 2\r\n") + "{}GET /rooms HTTP/1.1\r\n\r\n") == 400);
    CHECK(answered("GET /rooms HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n" + good + "\r\n") == 400);
    CHECK(answered("\x16\x03\x01\x02\r\n\r\n") == 400);
    CHECK(answered(request_with("GET", "/rooms", good + "Origin: https://evil.example\r\n")) == 403);
    CHECK(answered("GET /rooms HTTP/1.1\r\nHost: evil.example\r\n" + good + "\r\n") == 403);
    // A request of one byte at a time, and bytes of chance.
    std::vector<net::Socket> slow;
    for (int i = 0; i < 30; ++i) {
        slow.push_back(connect_to((*port)->port()));
        std::string bytes(1 + random.below(100), '\0');
        for (char& byte : bytes) byte = static_cast<char>(random.next() >> 56);
        say(slow.back(), i % 2 == 0 ? std::string("G") : bytes);
        CHECK(answered(request_with("GET", "/nothing", good)) == 404);
    }
    for (net::Socket& each : slow) {
        const int status = status_of(hear(each));
        CHECK((status == 0 || status == 408 || status == 400 || status == 431));
    }
    port->reset();
    CHECK(asked == 0);
}

TEST_CASE("H30: requests cannot write lines of their own into the audit log, nor fill the disk", "[H30][H25]") {
    const Folder folder;
    auto audit = AuditLog::open({.file = folder / "audit"}, [] { return SystemTime{1'800'000'000s}; }, {});
    REQUIRE(audit);
    int asked = 0;
    AuditLog& log = **audit;
    auto port = AdminServer::start(
        0, admin_token, closed_desk(asked),
        {.on_asked =
             [&](const HttpExchange::Content& content, const DeskAnswer& answer) {
                 log.write_action({{"method", content.head.method}, {"path", content.path()}, {"status", answer.status}, {"content", content.body}});
             },
         .on_turned_away =
             [&](const HttpExchange::Content& content, const DeskAnswer& answer) {
                 log.write_stranger("admin refused", {{"method", content.head.method}, {"path", content.path()}, {"status", answer.status}},
                                    TimePoint{100s});
             }});
    REQUIRE(port);
    for (int round = 0; round < 300; ++round)
        answer_to((*port)->port(), request_with("GET", "/\"},{\"event\":\"admin\",\"path\":\"/drain?" + admin_token, "Authorization: Bearer x\r\n"));
    const std::string good = "Authorization: Bearer " + admin_token + "\r\n";
    answer_to((*port)->port(), request_with("POST", "/drain", good, "{\"reason\": \"\\n\x1b[31m\"}\n\n{\"event\":\"joined\"}"));
    port->reset();
    audit->reset();
    const std::string text = folder.read("audit");
    CHECK(text.find(admin_token) == std::string::npos);
    CHECK(text.size() < 60'000);
    std::istringstream lines(text);
    std::size_t refused = 0;
    std::size_t left_out = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto object = nlohmann::json::parse(line, nullptr, false);
        REQUIRE(object.is_object());
        CHECK(object.at("event") != "joined");
        refused += object.at("event") == "admin refused" ? 1U : 0U;
        if (object.at("event") == "left out") left_out += object.at("lines").get<std::size_t>();
    }
    CHECK(refused == 100);
    CHECK(left_out == 200);
    print_figure("H30", std::to_string(text.size()) + " bytes of audit log for 300 requests without the token");
}
