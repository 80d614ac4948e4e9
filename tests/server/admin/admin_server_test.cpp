// The operator's port over real sockets: who is let in, who is not, and who tries to keep others out.
#include "server/admin/admin_server.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "tests/server/admin/admin_client.h"
#include "tests/support/no_descriptors.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// A port at whose desk somebody sits who only knows the level of the log.
struct Port {
    explicit Port(AdminLimits limits = {}) {
        Desk desk;
        desk.log_level = [this] {
            ++asked;
            return std::string("info");
        };
        auto started = AdminServer::start(
            0, admin_token, std::move(desk),
            {.on_asked =
                 [this](const HttpExchange::Content& content, const DeskAnswer& answer) {
                     const std::lock_guard lock(mutex);
                     told.push_back("asked " + std::string(content.path()) + " " + std::to_string(answer.status));
                 },
             .on_turned_away =
                 [this](const HttpExchange::Content& content, const DeskAnswer& answer) {
                     const std::lock_guard lock(mutex);
                     told.push_back("turned away " + std::string(content.path()) + " " + std::to_string(answer.status));
                 }},
            limits);
        REQUIRE(started);
        server = std::move(*started);
    }
    std::uint16_t port() const { return server->port(); }

    std::atomic<int> asked = 0;
    std::mutex mutex;
    std::vector<std::string> told;
    std::unique_ptr<AdminServer> server;
};

}  // namespace

TEST_CASE("whoever has the token is answered", "[admin][loopback]") {
    Port port;
    const std::string answer = ask(port.port(), "GET", "/log-level");
    CHECK(status_of(answer) == 200);
    CHECK(answer.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(body_of(answer) == "{\"level\":\"info\"}\n");
    // What is behind a question mark means nothing, and is told to nobody.
    CHECK(status_of(ask(port.port(), "GET", "/log-level?token=" + admin_token)) == 200);
    CHECK(status_of(ask(port.port(), "GET", "/nothing")) == 404);
    port.server.reset();
    CHECK(port.told == std::vector<std::string>{"asked /log-level 200", "asked /log-level 200", "asked /nothing 404"});
}

TEST_CASE("nobody else is, and each is told why", "[admin][loopback]") {
    using Catch::Matchers::Contains;
    Port port;
    const auto refused = [&](const std::string& lines, int status) {
        const std::string answer = answer_to(port.port(), request_with("GET", "/log-level", lines));
        CHECK(status_of(answer) == status);
        if (status == 401) CHECK(answer.find("WWW-Authenticate: Bearer\r\n") != std::string::npos);
        CHECK(answer.find(admin_token) == std::string::npos);
        return body_of(answer);
    };
    const std::string good = "Authorization: Bearer " + admin_token + "\r\n";
    CHECK_THAT(refused("", 401), Contains("Authorization: Bearer TOKEN"));
    CHECK_THAT(refused("Authorization: Bearer wrong\r\n", 401), Contains("--admin-token-file"));
    CHECK_THAT(refused("Authorization: Bearer " + admin_token.substr(1) + "\r\n", 401), Contains("not the token"));
    CHECK_THAT(refused("Authorization: Bearer " + admin_token + "0\r\n", 401), Contains("not the token"));
    CHECK_THAT(refused("Authorization: Bearer\r\n", 401), Contains("TOKEN"));
    CHECK_THAT(refused("Authorization: Basic " + admin_token + "\r\n", 401), Contains("TOKEN"));
    CHECK_THAT(refused(good + good, 401), Contains("TOKEN"));
    CHECK_THAT(refused("Cookie: token=" + admin_token + "\r\n", 401), Contains("TOKEN"));
    CHECK_THAT(refused(good + "Origin: http://localhost\r\n", 403), Contains("web pages"));
    CHECK_THAT(refused(good + "Origin: null\r\n", 403), Contains("web pages"));
    const auto by_host = [&](const std::string& host) {
        return status_of(answer_to(port.port(), "GET /log-level HTTP/1.1\r\nHost: " + host + "\r\n" + good + "\r\n"));
    };
    for (const char* host : {"localhost", "localhost:7778", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:7778"}) CHECK(by_host(host) == 200);
    for (const char* host : {"example.com", "localhost.example.com", "127.0.0.1.example.com:7778", "0.0.0.0", "[::2]", "127.0.0.2"})
        CHECK(by_host(host) == 403);
    CHECK(port.asked == 6);
}

TEST_CASE("mute connections do not keep the operator out, nor does one that reads nothing", "[admin][loopback]") {
    Port port({.connections_max = 4});
    std::vector<net::Socket> mute;
    for (int i = 0; i < 40; ++i) {
        mute.push_back(connect_to(port.port()));
        if (i % 2 == 0) say(mute.back(), "GET /log-level HTTP/1.1\r\nHost: local");
    }
    for (int i = 0; i < 8; ++i) CHECK(status_of(ask(port.port(), "GET", "/log-level")) == 200);
    // The oldest have gone.
    CHECK(hear(mute.front()).empty());
}

TEST_CASE("a request that is never whole is answered at its deadline, to which progress adds nothing", "[admin][loopback]") {
    Port port({.request_within = 50ms});
    net::Socket slow = connect_to(port.port());
    say(slow, "GET /log-level HTTP/1.1\r\n");
    CHECK(status_of(hear(slow)) == 408);
    net::Socket without_content = connect_to(port.port());
    say(without_content, "PUT /log-level HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");
    CHECK(status_of(hear(without_content)) == 408);
    CHECK(port.asked == 0);
}

TEST_CASE("without a descriptor the operator's thread sleeps", "[admin][loopback]") {
    // Longer than any test, and as short as to be over at once.
    const auto pause = GENERATE(Duration(1h), Duration(1ms));
    CAPTURE(pause.count());
    Port port({.accept_pause = pause, .request_within = 1h, .answer_within = 1h});
    const std::string request = request_with("GET", "/log-level", "Authorization: Bearer " + admin_token + "\r\n");
    std::vector<net::Socket> early;
    for (int i = 0; i < 3; ++i) early.push_back(connect_to(port.port()));
    // Whoever came behind them is answered: they are accepted.
    net::Socket asked = connect_to(port.port());
    say(asked, request);
    CHECK(status_of(hear(asked)) == 200);
    {
        const int last = ::dup(0);
        REQUIRE(last >= 0);
        const NoDescriptors none;
        ::close(last);
        // This end takes it, and none is left for the other one.
        auto turned_away = net::Socket::connect("127.0.0.1", port.port());
        REQUIRE(turned_away);
        REQUIRE(net::wait_readable(*turned_away));
        CHECK(hear(*turned_away).empty());
        // The thread is through with those that it turns away.
        say(early.back(), request);
        CHECK(status_of(hear(early.back())) == 200);
        early.pop_back();
    }
    net::Socket late = connect_to(port.port());
    say(late, request);
    // The thread has its hands free for those who are there, and would have accepted by the second of them.
    for (net::Socket& socket : early) {
        say(socket, request);
        CHECK(status_of(hear(socket)) == 200);
    }
    if (pause == Duration(1h))
        CHECK_FALSE(net::wait(late.fd(), {}, Duration::zero()));
    else
        CHECK(status_of(hear(late)) == 200);
}

TEST_CASE("a port that is in use is told", "[admin][loopback]") {
    Port port;
    const auto again = AdminServer::start(port.port(), admin_token, {}, {});
    REQUIRE_FALSE(again);
    CHECK(again.error().blame == Blame::Machine);
}
