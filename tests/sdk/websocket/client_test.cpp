// Promises of the WebSocket client: each way to fail is one Closed event with a sentence that names the remedy.
#include "tests/sdk/websocket/hall.h"
#include "tests/support/certificate.h"

using namespace tidewire;
using namespace tidewire::websocket;
using namespace tidewire::websocket::test;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Seen end_of(Guest& guest) {
    for (const TimePoint end = net::now() + net::patience; !guest.closed() && net::now() < end;) guest.poll();
    REQUIRE(guest.closed());
    CHECK(guest.seen.size() == 1);
    CHECK_FALSE(guest.client.wait(1h));
    CHECK_FALSE(guest.client.poll_event());
    CHECK_FALSE(guest.client.open());
    CHECK(guest.client.transmit_bytes() == 0);
    CHECK_FALSE(guest.client.send("too late"));
    guest.client.close();
    return *guest.closed();
}

std::string trouble(std::string_view url, ClientOptions options = {}) {
    Guest guest(url, std::move(options));
    const Seen closed = end_of(guest);
    CHECK(closed.close_code == 1006);
    return closed.reason;
}

/// What a client says of a server that answers its request with `answer`.
std::string answered(std::string_view answer, ClientOptions options = {}) {
    net::Listener listener = net::listen_on("127.0.0.1");
    Guest guest("ws://127.0.0.1:" + std::to_string(listener.port()) + "/path", std::move(options));
    while (!net::wait(listener.fd(), {}, 1ms)) guest.poll();
    net::Socket server = net::accept_from(listener).socket;
    while (!net::wait(server.fd(), {}, 1ms)) guest.poll();
    const ByteSpan part = as_bytes(answer);
    if (!answer.empty()) REQUIRE(server.write({&part, 1}).bytes == part.size());
    server.shut_down_sending();
    return end_of(guest).reason;
}

}  // namespace

TEST_CASE("what cannot work is told without trying", "[websocket][client]") {
    CHECK(has(trouble("http://localhost"), "not a WebSocket URL"));
    CHECK(has(trouble("ws://localhost", {.headers = {{"X", "a\r\nY: b"}}}), "header field"));
    CHECK(has(trouble("ws://localhost", {.headers = {{"X y", "a"}}}), "header field"));
    CHECK(has(trouble("ws://localhost", {.subprotocols = {"a, b"}}), "subprotocol"));
    CHECK(has(trouble("ws://localhost", {.origin = "http://a\r\nX: y"}), "origin"));
    CHECK(has(trouble("wss://localhost", {.tls = {.ca_file = "/nowhere/ca.pem"}}), "/nowhere/ca.pem"));
    const std::string proxy = trouble("ws://localhost", {.proxy = "me:s3cret@proxy"});
    CHECK(has(proxy, "http://host:3128"));
    CHECK_FALSE(has(proxy, "s3cret"));
}

TEST_CASE("a port where nobody listens is told with the remedy", "[websocket][client]") {
    const std::string port = std::to_string(net::listen_on("127.0.0.1").port());  // free again
    CHECK(has(trouble("ws://127.0.0.1:" + port), "Connection refused; is the server running?"));
    const std::string proxy = trouble("ws://game.example", {.proxy = "http://me:s3cret@127.0.0.1:" + port});
    CHECK(has(proxy, "could not connect to the proxy 127.0.0.1:" + port));
    CHECK_FALSE(has(proxy, "s3cret"));
}

TEST_CASE("a peer that is no WebSocket server is told by its answer", "[websocket][client]") {
    CHECK(has(answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "200"));
    CHECK(has(answered("HTTP/1.1 404 Not Found\r\n\r\n"), "404"));
    CHECK(has(answered("SSH-2.0-OpenSSH_9\n"), "not HTTP"));
    CHECK(has(answered(""), "closed the stream during the handshake"));
    CHECK(has(answered("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: wrong\r\n\r\n"),
              "Sec-WebSocket-Accept"));
}

TEST_CASE("a server that never answers is given up in time", "[websocket][client]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    const std::string address = "127.0.0.1:" + std::to_string(listener.port());
    const ClientOptions hasty{.limits = {.opening_timeout = 50ms}};
    CHECK(has(trouble("ws://" + address, hasty), "did not answer the handshake"));
    ClientOptions options = hasty;
    CHECK(has(trouble("wss://" + address, options), "within the opening timeout"));
    options.proxy = "http://" + address;
    CHECK(has(trouble("ws://game.example", options), "within the opening timeout"));
}

TEST_CASE("the further fields of the options are in the request", "[websocket][client]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Guest guest("ws://127.0.0.1:" + std::to_string(listener.port()) + "/path?query",
                {.subprotocols = {"a", "b"},
                 .headers = {{"Authorization", "Bearer of tokens"}},
                 .origin = "https://page.example"});
    while (!net::wait(listener.fd(), {}, 1ms)) guest.poll();
    net::Socket server = net::accept_from(listener).socket;
    while (!net::wait(server.fd(), {}, 1ms)) guest.poll();
    Bytes bytes(4096);
    bytes.resize(server.read(bytes).bytes);
    const std::string text(as_text(bytes));
    CHECK(has(text, "GET /path?query HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) + "\r\n"));
    CHECK(has(text, "Authorization: Bearer of tokens\r\n"));
    CHECK(has(text, "Origin: https://page.example\r\n"));
    CHECK(has(text, "Sec-WebSocket-Protocol: a, b\r\n"));
}

TEST_CASE("close() before the connection is open ends it, with what was said", "[websocket][client]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    const std::string url = "ws://127.0.0.1:" + std::to_string(listener.port());
    for (int polls = 0; polls < 4; ++polls) {
        CAPTURE(polls);
        Guest guest(url);
        for (int i = 0; i < polls; ++i) guest.poll();
        CHECK_FALSE(guest.client.send("too early"));
        guest.client.close(1001, "changed my mind");
        guest.client.close(1000, "again");
        const Seen closed = end_of(guest);
        CHECK(closed.close_code == 1001);
        CHECK(closed.reason == "changed my mind");
    }
}

TEST_CASE("a client may go at any time", "[websocket][client]") {
    Hall hall;
    for (int turns = 0; turns < 12; ++turns) {
        Guest guest(hall.url());
        for (int i = 0; i < turns; ++i) {
            guest.poll();
            hall.turn();
            if (guest.client.open()) (void)guest.client.send("hello");
        }
    }
    CHECK(hall.until([&] { return hall.server.connection_count() == 0; }));
    CHECK(count(hall.seen, EventKind::Opened) == count(hall.seen, EventKind::Closed));
}

TEST_CASE("the stream is closed with Closed, not with the client", "[websocket][client]") {
    Hall hall(local({.limits = {.closing_timeout = 1h}}));
    Guest& guest = hall.enter();
    REQUIRE(hall.until([&] { return guest.open(); }));
    const bool ours = GENERATE(true, false);
    CAPTURE(ours);
    if (ours) {
        guest.client.close(1000, "bye");
    } else {
        hall.server.close(hall.seen.at(0).connection, 1000, "bye");
    }
    REQUIRE(hall.until([&] { return guest.closed() && hall.server.connection_count() == 0; }));
    CHECK(guest.closed()->close_code == 1000);
    CHECK(guest.closed()->reason == "bye");
}

TEST_CASE("a server that never stops sending does not hold the caller in its loop", "[websocket][client]") {
    net::Listener listener = net::listen_on("127.0.0.1");
    Hall hall;
    Guest& guest = hall.enter();
    REQUIRE(hall.until([&] { return guest.open(); }));
    const ConnectionId id = hall.seen.at(0).connection;
    // Each message that the client takes brings two more.
    const std::string message(1000, 'x');
    for (int i = 0; i < 500; ++i) REQUIRE(hall.server.send(id, message));
    hall.turn();
    std::size_t messages = 0;
    bool came_out = false;
    while (!came_out) {
        came_out = !guest.client.poll_event();
        if (messages++ > 50'000) break;
        (void)hall.server.send(id, message);
        (void)hall.server.send(id, message);
        hall.server.wait(0ms);
        while (hall.server.poll_event()) continue;
    }
    CHECK(came_out);
}
