// What the client says when it cannot come to play: each cause in a sentence of its own.
#include <catch2/catch.hpp>
#include <optional>

#include "sdk/core/ws/accept_key.h"
#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/net/loopback.h"
#include "tidewire/client.h"

using namespace tidewire;
using namespace std::chrono_literals;

namespace {

struct Rules {
    void operator()(Sim&, Entity, const ::test::Steer&) const {}
};
using Game = Client<::test::Schema, Rules>;

std::string url_of(std::uint16_t port) { return "ws://localhost:" + std::to_string(port); }

Error update_to_error(Game& net) {
    const TimePoint deadline = net::now() + net::patience;
    while (net.update()) REQUIRE(net::now() < deadline);
    REQUIRE(net.error());
    CHECK(net.status() == ClientStatus::Closed);
    return *net.error();
}

/// Polls the client until somebody waits at the listener.
net::Socket accept_client(net::Listener& listener, Game& net) {
    const TimePoint deadline = net::now() + net::patience;
    while (!net::wait(listener.fd(), {}, Duration::zero())) {
        REQUIRE(net.poll());
        REQUIRE(net::now() < deadline);
    }
    return net::accept_from(listener).socket;
}

/// Reads the handshake request, so that the stream ends in order when it is closed.
std::string read_request(net::Socket& socket, Game& net) {
    const TimePoint deadline = net::now() + net::patience;
    Bytes request;
    Bytes buffer(4096);
    while (as_text(request).find("\r\n\r\n") == std::string_view::npos) {
        REQUIRE(net.poll());
        REQUIRE(net::now() < deadline);
        const net::Transfer transfer = socket.read(buffer);
        if (transfer.outcome == net::Transfer::Outcome::Done) append(request, ByteSpan(buffer).first(transfer.bytes));
    }
    CHECK(as_text(request).substr(0, 14) == "GET / HTTP/1.1");
    return std::string(as_text(request));
}

}  // namespace

TEST_CASE("when nothing listens, the error asks whether the server runs", "[client][error]") {
    const std::uint16_t port = net::listen_on("127.0.0.1").port();  // free again
    Game net(url_of(port));
    const Error error = update_to_error(net);
    CHECK(error.blame == Blame::Machine);
    CHECK(error.message == "could not connect to " + url_of(port) + ": Connection refused; is the server running?");
}

TEST_CASE("an unusable URL is the caller's fault, told at the first update", "[client][error]") {
    Game net("localhost:7777");
    CHECK_FALSE(net.poll());
    const Error error = update_to_error(net);
    CHECK(error.blame == Blame::Caller);
    CHECK(error.message == "\"localhost:7777\" is not a WebSocket URL; write ws://localhost:7777");

    // Everything may be asked of such a client.
    CHECK(net.player() == 0);
    CHECK(net.tick_rate() == 0);
    CHECK_FALSE(net.input_due());
    CHECK(net.latency().samples == 0);
    CHECK(net.figures().bytes_sent == 0);
    net.input({.dx = 1});
    for (auto [entity, position] : net.view<::test::Position>()) FAIL(entity.index());
    net.close();
    CHECK(net.error());
}

TEST_CASE("wss:// to a server without TLS names the other scheme, and sends nothing in the clear", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Game net("wss://localhost:" + std::to_string(listener.port()) + "/room");
    {
        net::Socket socket = accept_client(listener, net);
        const TimePoint deadline = net::now() + net::patience;
        Bytes buffer(4096);
        net::Transfer transfer = socket.read(buffer);
        for (; transfer.outcome == net::Transfer::Outcome::WouldBlock; transfer = socket.read(buffer)) {
            REQUIRE(net.poll());
            REQUIRE(net::now() < deadline);
        }
        REQUIRE(transfer.outcome == net::Transfer::Outcome::Done);
        CHECK(buffer[0] == std::byte{22});  // a TLS handshake record (RFC 8446 5.1)
    }
    const Error error = update_to_error(net);
    CHECK_THAT(error.message, Catch::Matchers::Contains("TLS"));
    CHECK_THAT(error.message, Catch::Matchers::Contains("ws://"));
}

TEST_CASE("an unusable proxy URL is told before anything is sent", "[client][error]") {
    Game net("ws://localhost:7777", {.proxy = "proxy:3128"});
    const Error error = update_to_error(net);
    CHECK_THAT(error.message, Catch::Matchers::Contains("http://user:password@host:3128"));
}

TEST_CASE("a web server that is none of WebSocket is recognised", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Game net(url_of(listener.port()));
    net::Socket socket = accept_client(listener, net);
    read_request(socket, net);
    const ByteSpan answer = as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    REQUIRE(socket.write({&answer, 1}).outcome == net::Transfer::Outcome::Done);
    const Error error = update_to_error(net);
    CHECK(error.blame == Blame::Peer);
    CHECK_THAT(error.message, Catch::Matchers::Contains("200"));
}

TEST_CASE("a peer that closes at once is an error, not a wait", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Game net(url_of(listener.port()));
    net::Socket socket = accept_client(listener, net);
    SECTION("in order") { read_request(socket, net); }
    SECTION("with the request unread, which resets the stream") {
        const TimePoint deadline = net::now() + net::patience;
        while (!net::wait(socket.fd(), {}, Duration::zero())) {
            REQUIRE(net.poll());
            REQUIRE(net::now() < deadline);
        }
    }
    socket = {};
    const Error error = update_to_error(net);
    INFO(error.message);
    CHECK(error.message.size() > 10);
    CHECK(error.blame != Blame::Caller);
}

TEST_CASE("a peer that says nothing is given up after connect_timeout", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    const TimePoint start = net::now();
    Game net(url_of(listener.port()), {.connect_timeout = 150ms});
    net::Socket socket = accept_client(listener, net);
    while (net::now() - start < 100ms) {
        const TimePoint before = net::now();
        if (!net.update()) break;
        CHECK(net::now() - before < 5s);  // small steps, so that a program can draw meanwhile
    }
    const Error error = update_to_error(net);
    CHECK(net::now() - start >= 150ms);
    CHECK(error.blame == Blame::Peer);
    CHECK_THAT(error.message, Catch::Matchers::Contains("within"));
}

TEST_CASE("a peer that sends no WebSocket is told apart from a lost one", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Game net(url_of(listener.port()));
    net::Socket socket = accept_client(listener, net);
    read_request(socket, net);
    const ByteSpan banner = as_bytes("SSH-2.0-OpenSSH_9.2\r\n");
    REQUIRE(socket.write({&banner, 1}).outcome == net::Transfer::Outcome::Done);
    socket.shut_down_sending();
    const Error error = update_to_error(net);
    CHECK(error.blame == Blame::Peer);
    INFO(error.message);
    CHECK(error.message.find("was lost") == std::string::npos);
}

TEST_CASE("a server that vanishes while one plays is told in a sentence of the player's", "[client][error]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Game net(url_of(listener.port()));
    net::Socket socket = accept_client(listener, net);
    const std::string request = read_request(socket, net);
    constexpr std::string_view key_name = "Sec-WebSocket-Key: ";
    const std::size_t key = request.find(key_name);
    REQUIRE(key != std::string::npos);
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        ws::accept_key(request.substr(key + key_name.size(), 24)) + "\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";
    const ByteSpan bytes = as_bytes(answer);
    REQUIRE(socket.write({&bytes, 1}).outcome == net::Transfer::Outcome::Done);
    const TimePoint deadline = net::now() + net::patience;
    while (net.status() == ClientStatus::Connecting) {
        REQUIRE(net.poll());
        REQUIRE(net::now() < deadline);
    }
    socket.shut_down_sending();
    const Error error = update_to_error(net);
    CHECK(error.blame == Blame::Peer);
    CHECK(error.close_code == 1006);
    CHECK(error.message == "the connection to " + url_of(listener.port()) +
                               " was lost: the server ended without a word; it crashed or the network failed");
}

TEST_CASE("report() prints nothing for no error and returns the exit code", "[client]") {
    CHECK(report(std::nullopt) == 0);
    CHECK(report(Error{Blame::Peer, "a \x1b[31mcoloured\x1b[0m reason", 1000}) == 1);
}
