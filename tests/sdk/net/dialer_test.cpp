// Promises of the dialer: through a proxy and TLS to a stream, and a sentence for each way to fail.
#include "sdk/net/dialer.h"

#include <catch2/catch.hpp>

#include "sdk/net/system.h"
#include "tests/sdk/net/tls_pair.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

Url url_of(Listener& listener, bool secure = false) {
    return {.secure = secure, .host = "127.0.0.1", .port = listener.port()};
}

ProxyUrl proxy_of(Listener& listener) {
    return {.host = "127.0.0.1", .port = listener.port(), .user = "me", .password = "s3cret"};
}

Dialer start(const Url& url, std::optional<ProxyUrl> proxy = {}, const TlsClientOptions& tls = {}) {
    auto dialer = Dialer::start(url, std::move(proxy), tls, now());
    INFO((dialer ? "" : dialer.error().message));
    REQUIRE(dialer);
    return std::move(*dialer);
}

/// Goes on as far as the peer, who says nothing new meanwhile, lets it.
Result<bool> advance(Dialer& dialer) {
    for (;;) {
        auto done = dialer.advance(now());
        if (!done || *done) return done;
        const bool connecting = dialer.interest().writable;
        if (!connecting) return done;
        REQUIRE(wait(dialer.fd(), dialer.interest(), patience));
    }
}

Result<bool> advance_when_readable(Dialer& dialer) {
    REQUIRE(wait(dialer.fd(), {}, patience));
    return advance(dialer);
}

void say(Socket& socket, std::string_view text) {
    const ByteSpan part = as_bytes(text);
    REQUIRE(socket.write({&part, 1}).bytes == part.size());
}

/// What comes of a proxy's answer to CONNECT.
Result<bool> proxied(std::string_view answer, bool ends) {
    Listener listener = listen_on("127.0.0.1");
    Dialer dialer = start({.secure = false, .host = "game.example", .port = 7777}, proxy_of(listener));
    auto waiting = advance(dialer);
    REQUIRE(waiting);
    REQUIRE_FALSE(*waiting);
    Socket proxy = accept_from(listener).socket;
    REQUIRE(wait_readable(proxy));
    Bytes request(1000);
    request.resize(proxy.read(request).bytes);
    CHECK(as_text(request) ==
          "CONNECT game.example:7777 HTTP/1.1\r\nHost: game.example:7777\r\nProxy-Authorization: Basic "
          "bWU6czNjcmV0\r\n\r\n");
    if (!answer.empty()) say(proxy, answer);
    if (ends) proxy = Socket();
    auto result = advance_when_readable(dialer);
    if (!result) CHECK(result.error().message.find("s3cret") == std::string::npos);
    return result;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("without TLS and proxy a connection is all there is to it", "[net][dialer]") {
    Listener listener = listen_on("127.0.0.1");
    Dialer dialer = start(url_of(listener));
    const auto done = advance(dialer);
    REQUIRE(done);
    REQUIRE(*done);
    Stream stream = dialer.take();
    Socket server = accept_from(listener).socket;
    const ByteSpan hello = as_bytes("hello");
    REQUIRE(stream.write({&hello, 1}).bytes == 5);
    CHECK(as_text(read_all(server, 5)) == "hello");
}

TEST_CASE("a port where nobody listens is named, and the proxy's as the proxy", "[net][dialer]") {
    const std::uint16_t port = listen_on("127.0.0.1").port();  // free again
    const auto fails = [](Result<Dialer> dialer) {
        if (!dialer) return dialer.error().message;
        const auto done = advance(*dialer);
        REQUIRE_FALSE(done);
        return done.error().message;
    };
    const std::string direct = fails(Dialer::start({.host = "127.0.0.1", .port = port}, {}, {}, now()));
    CHECK(direct == "could not connect to ws://127.0.0.1:" + std::to_string(port) +
                        ": Connection refused; is the server running?");
    const std::string through = fails(
        Dialer::start({.host = "game.example", .port = 1},
                      ProxyUrl{.host = "127.0.0.1", .port = port, .user = "me", .password = "s3cret"}, {}, now()));
    CHECK(has(through, "could not connect to the proxy 127.0.0.1:" + std::to_string(port)));
    CHECK_FALSE(has(through, "s3cret"));
}

TEST_CASE("a proxy that opens the way gives a stream to the server", "[net][dialer]") {
    for (const char* answer :
         {"HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200 OK\r\nVia: proxy\r\n\r\n"}) {
        INFO(answer);
        const auto done = proxied(answer, false);
        REQUIRE(done);
        CHECK(*done);
    }
}

TEST_CASE("an unfinished answer of the proxy is waited for", "[net][dialer]") {
    const auto done = proxied("HTTP/1.1 200 Connec", false);
    REQUIRE(done);
    CHECK_FALSE(*done);
}

TEST_CASE("a proxy that refuses, goes or talks too much is told", "[net][dialer]") {
    const auto trouble = [](std::string_view answer, bool ends = false) {
        const auto done = proxied(answer, ends);
        REQUIRE_FALSE(done);
        return done.error().message;
    };
    CHECK(has(trouble("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), "check the user and password"));
    CHECK(has(trouble("HTTP/1.1 403 Forbidden\r\n\r\n", true), "does not allow this server"));
    CHECK(has(trouble("HTTP/1.1 502 Bad Gateway\r\n\r\n", true), "could not reach the server"));
    CHECK(has(trouble("", true), "without an answer"));
    CHECK(has(trouble("HTTP/1.1 200 Conn", true), "without an answer"));
    CHECK(has(trouble("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101"), "more than an answer"));
}

TEST_CASE("TLS goes through a proxy to the server behind it, whose name is checked", "[net][dialer]") {
    const auto certificate = test::Certificate::self_signed({.alternatives = "DNS:game.example"});
    const bool right = GENERATE(true, false);
    CAPTURE(right);
    Listener listener = listen_on("127.0.0.1");
    Dialer dialer = start({.secure = true, .host = right ? "game.example" : "other.example", .port = 443},
                          proxy_of(listener), certificate.client());
    REQUIRE(advance(dialer));
    Socket proxy = accept_from(listener).socket;
    REQUIRE(wait_readable(proxy));
    Bytes request(1000);
    REQUIRE(proxy.read(request).outcome == Transfer::Outcome::Done);
    say(proxy, "HTTP/1.1 200 OK\r\n\r\n");
    auto server = Stream::secure(std::move(proxy), server_context(certificate));
    REQUIRE(server);
    for (;;) {
        const auto done = advance_when_readable(dialer);
        if (!right && !done) {
            CHECK(has(done.error().message, "the certificate of other.example is not trusted"));
            return;
        }
        REQUIRE(done);
        (void)server->establish();
        if (!*done) continue;
        REQUIRE(right);
        CHECK(dialer.take().established());
        return;
    }
}

TEST_CASE("a server that ends the TLS handshake is asked whether it speaks TLS", "[net][dialer]") {
    Listener listener = listen_on("127.0.0.1");
    Dialer dialer = start(url_of(listener, true));
    REQUIRE(advance(dialer));
    {
        Socket server = accept_from(listener).socket;
        REQUIRE(wait_readable(server));
        Bytes hello(4096);
        REQUIRE(server.read(hello).outcome == Transfer::Outcome::Done);
    }
    const auto done = advance_when_readable(dialer);
    REQUIRE_FALSE(done);
    CHECK(has(done.error().message, "does it speak TLS on this port?"));
}

TEST_CASE("a file of the TLS options that is unusable is told before anything is sent", "[net][dialer]") {
    const auto dialer =
        Dialer::start({.secure = true, .host = "127.0.0.1", .port = 1}, {}, {.ca_file = "/nowhere/ca.pem"}, now());
    REQUIRE_FALSE(dialer);
    CHECK(has(dialer.error().message, "/nowhere/ca.pem"));
}
