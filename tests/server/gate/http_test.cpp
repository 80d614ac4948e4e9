// One port for players and for curl: what comes back to requests that do not become a session, byte for byte.
#include <catch2/catch.hpp>
#include <string>

#include "server/gate/http.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;

namespace {

const std::string upgrade =
    "Host: game.example:7777\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The whole answer to one request; the stream must have ended behind it.
std::string answer_to(const std::string& request, const ServerOptions& options = {}) {
    SampleGame sample;
    VirtualServer server(sample.game(), options, 1);
    VirtualStream& stream = server.connect_raw();
    server.send(stream, request);
    server.run_for(std::chrono::milliseconds(100));
    CHECK(stream.server_shut);
    stream.client_shut = true;
    server.run_for(std::chrono::milliseconds(100));
    CHECK(stream.closed);
    return server.received(stream);
}

}  // namespace

TEST_CASE("GET /healthz is ok", "[gate][http]") {
    const std::string answer = answer_to("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CAPTURE(answer);
    CHECK(answer.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
    CHECK(answer.find("\r\nContent-Type: text/plain; charset=utf-8\r\n") != std::string::npos);
    CHECK(answer.find("\r\nContent-Length: 3\r\n") != std::string::npos);
    CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.substr(answer.find("\r\n\r\n")) == "\r\n\r\nok\n");
    CHECK(answer_to("GET /healthz?x=1 HTTP/1.1\r\nHost: a\r\n\r\n").rfind("HTTP/1.1 200 ", 0) == 0);
}

TEST_CASE("another path is told what this server is and where it speaks WebSocket", "[gate][http]") {
    for (const char* path : {"/", "/index.html", "/healthz/"}) {
        const std::string answer =
            answer_to("GET " + std::string(path) + " HTTP/1.1\r\nHost: game.example:7777\r\n\r\n");
        CAPTURE(answer);
        CHECK(answer.rfind("HTTP/1.1 404 Not Found\r\n", 0) == 0);
        CHECK(answer.find("Tidewire game server") != std::string::npos);
        CHECK(answer.find("ws://game.example:7777/") != std::string::npos);
    }
}

TEST_CASE("a Host that is no host is not repeated", "[gate][http]") {
    const std::string answer = answer_to("GET / HTTP/1.1\r\nHost: <script>\r\n\r\n");
    CAPTURE(answer);
    CHECK(answer.find("script") == std::string::npos);
}

TEST_CASE("an upgrade without our subprotocol is refused with its name", "[gate][http]") {
    const std::string none = answer_to("GET / HTTP/1.1\r\n" + upgrade + "\r\n");
    CAPTURE(none);
    CHECK(none.rfind("HTTP/1.1 400 Bad Request\r\n", 0) == 0);
    CHECK(none.find("\"tidewire.v1\" only; the request offered none") != std::string::npos);
    const std::string others =
        answer_to("GET / HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Protocol: chat, tidewire.v0\r\n\r\n");
    CAPTURE(others);
    CHECK(others.rfind("HTTP/1.1 400 Bad Request\r\n", 0) == 0);
    CHECK(others.find("offered \"chat\", \"tidewire.v0\"") != std::string::npos);
}

TEST_CASE("a token that is offered as a subprotocol stands in no answer", "[gate][http]") {
    const std::string wrong = answer_to("GET / HTTP/1.1\r\n" + upgrade +
                                        "Sec-WebSocket-Protocol: tidewire.v9, tidewire.token.s3cret\r\n\r\n");
    CAPTURE(wrong);
    CHECK(wrong.rfind("HTTP/1.1 400 ", 0) == 0);
    CHECK(wrong.find("\"tidewire.token....\"") != std::string::npos);
    CHECK(wrong.find("s3cret") == std::string::npos);

    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualStream& stream = server.connect_raw();
    server.send(stream, "GET / HTTP/1.1\r\n" + upgrade +
                            "Sec-WebSocket-Protocol: tidewire.token.s3cret, tidewire.v1\r\n\r\n");
    server.run_for(std::chrono::milliseconds(10));
    const std::string right = server.received(stream);
    CAPTURE(right);
    CHECK(right.find("\r\nSec-WebSocket-Protocol: tidewire.v1\r\n") != std::string::npos);
    CHECK(right.find("token") == std::string::npos);
}

TEST_CASE("an upgrade that offers our subprotocol among others gets it", "[gate][http]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {}, 1);
    VirtualStream& stream = server.connect_raw();
    server.send(stream, "GET /any/path HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Protocol: chat, tidewire.v1\r\n\r\n");
    server.run_for(std::chrono::milliseconds(100));
    const std::string answer = server.received(stream);
    CAPTURE(answer);
    CHECK(answer.rfind("HTTP/1.1 101 Switching Protocols\r\n", 0) == 0);
    CHECK(answer.find("\r\nSec-WebSocket-Protocol: tidewire.v1\r\n") != std::string::npos);
    CHECK(answer.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
    CHECK_FALSE(stream.closed);
}

TEST_CASE("a page of a foreign site is refused unless its origin is allowed", "[gate][http]") {
    const std::string request =
        "GET / HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Protocol: tidewire.v1\r\nOrigin: https://evil.example\r\n\r\n";
    CHECK(answer_to(request).rfind("HTTP/1.1 403 Forbidden\r\n", 0) == 0);
    for (const char* origin : {"https://evil.example", "*"}) {
        SampleGame sample;
        VirtualServer server(sample.game(), {.origins = {origin}}, 1);
        VirtualStream& stream = server.connect_raw();
        server.send(stream, request);
        server.run_for(std::chrono::milliseconds(100));
        CHECK(server.received(stream).rfind("HTTP/1.1 101 ", 0) == 0);
    }
}

TEST_CASE("another method than GET and HEAD is refused", "[gate][http]") {
    const std::string answer = answer_to("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    CAPTURE(answer);
    CHECK(answer.rfind("HTTP/1.1 405 Method Not Allowed\r\n", 0) == 0);
    CHECK(answer.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("RFC 9110 9.3.2: HEAD /healthz is the answer to GET without its content", "[gate][http]") {
    const std::string get = answer_to("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = answer_to("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(head + "ok\n" == get);
    CHECK(answer_to("HEAD / HTTP/1.1\r\n" + upgrade + "\r\n").rfind("HTTP/1.1 405 ", 0) == 0);
}

TEST_CASE("an origin is a scheme and a host, perhaps a port, and nothing else", "[gate][http]") {
    for (const char* good : {"*", "null", "https://example.com", "http://localhost:8080", "HTTPS://Example.com",
                             "http://[::1]:80", "http://[::1]", "app://game"}) {
        INFO(good);
        CHECK(server::is_origin(good));
    }
    for (const char* wrong : {"", "foo", "example.com", "https://", "://example.com", "https://example.com/",
                              "https://example.com:", "https://example.com:x", "https://a b", "https://*.example.com",
                              "https://a@b", "http://[::1", "http://[]", "https://example.com, https://b"}) {
        INFO(wrong);
        CHECK_FALSE(server::is_origin(wrong));
    }
}
