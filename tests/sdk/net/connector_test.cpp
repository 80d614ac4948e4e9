// Promises of the connector: which address it ends at, and what it says when there is none.
#include "sdk/net/connector.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <vector>

#include "sdk/net/system.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

/// Until it is connected or out of addresses.
Result<Socket> connect_all(const std::string& host, std::uint16_t port) {
    auto connector = Connector::start(host, port, "ws://test", now());
    if (!connector) return Unexpected{connector.error()};
    for (;;) {
        auto socket = connector->advance(now());
        if (!socket) return Unexpected{socket.error()};
        if (*socket) return std::move(**socket);
        REQUIRE(wait(connector->fd(), {.readable = false, .writable = true}, patience));
    }
}

}  // namespace

TEST_CASE("localhost reaches a server on IPv4 alone and one on IPv6 alone", "[net][connector]") {
    for (const char* address : {"127.0.0.1", "::1"}) {
        auto listener = Listener::listen(address, 0);
        if (!listener) {
            WARN("this machine has no " << address);
            continue;
        }
        INFO(address);
        auto socket = connect_all("localhost", listener->port());
        REQUIRE(socket);
        CHECK(accept_from(*listener).peer_address == address);
    }
}

TEST_CASE("when nobody listens at any address, the last cause is told", "[net][connector]") {
    const std::uint16_t port = listen_on("127.0.0.1").port();  // free again
    const auto socket = connect_all("localhost", port);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().blame == Blame::Machine);
    CHECK(socket.error().message == "could not connect to ws://test: Connection refused; is the server running?");
}

TEST_CASE("an unknown host is told with what was to be reached", "[net][connector]") {
    const auto socket = connect_all("no-such-host.invalid", 1);
    REQUIRE_FALSE(socket);
    CHECK_THAT(socket.error().message,
               Catch::Matchers::StartsWith("could not connect to ws://test: could not find the address of "));
}

TEST_CASE("an address that never answers is given up for the next one after two seconds", "[net][connector]") {
    // A listener whose backlog is full drops further SYNs: the nearest thing to a dead address on one machine.
    auto v6 = Listener::listen("::1", 0);
    if (!v6) {
        WARN("this machine has no IPv6");
        return;
    }
    auto v4 = Listener::listen("127.0.0.1", v6->port());
    REQUIRE(v4);
    REQUIRE(::listen(v6->fd(), 0) == 0);
    std::vector<Socket> crowd;
    for (;;) {
        auto socket = Socket::connect("::1", v6->port());
        REQUIRE(socket);
        crowd.push_back(std::move(*socket));
        REQUIRE(crowd.size() < 100);
        // Whoever does not become writable on loopback at once was dropped.
        if (!wait(crowd.back().fd(), {.readable = false, .writable = true}, std::chrono::milliseconds(50))) break;
    }

    const TimePoint start = now();
    auto connector = Connector::start("localhost", v6->port(), "ws://test", start);
    REQUIRE(connector);
    auto early = connector->advance(start);
    REQUIRE(early);
    CHECK_FALSE(early->has_value());
    CHECK(connector->poll_timeout() == start + std::chrono::seconds(2));
    // Time is an argument: nobody waits here.
    auto late = connector->advance(start + std::chrono::seconds(2));
    REQUIRE(late);
    CHECK(connector->poll_timeout() == never);
    if (!*late) {
        REQUIRE(wait(connector->fd(), {.readable = false, .writable = true}, patience));
        late = connector->advance(start + std::chrono::seconds(2));
        REQUIRE(late);
    }
    REQUIRE(late->has_value());
    CHECK(accept_from(*v4).peer_address == "127.0.0.1");
}
