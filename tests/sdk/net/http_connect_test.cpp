// Promises of the way through an HTTP proxy: its URL, our request, its answer.
#include "sdk/net/http_connect.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::net;

namespace {

/// The same for the answer whole and cut anywhere; the length that was taken.
std::size_t taken(std::string_view answer) {
    HttpConnect connect({.host = "proxy"}, "game.example:443");
    for (std::size_t size = 0; size < answer.size(); ++size) {
        INFO("the first " << size << " bytes");
        const auto part = connect.receive(as_bytes(answer.substr(0, size)));
        REQUIRE(part);
        REQUIRE_FALSE(part->has_value());
    }
    const auto whole = connect.receive(as_bytes(answer));
    REQUIRE(whole);
    REQUIRE(whole->has_value());
    return **whole;
}

std::string refusal(std::string_view answer) {
    HttpConnect connect({.host = "proxy", .user = "me", .password = "s3cret"}, "game.example:443");
    const auto parsed = connect.receive(as_bytes(answer));
    INFO(answer);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().blame == Blame::Peer);
    CHECK(parsed.error().message.find("s3cret") == std::string::npos);
    return parsed.error().message;
}

}  // namespace

TEST_CASE("a proxy URL has a host, and a port, a user and a password when it says so", "[net][http-connect]") {
    auto url = parse_proxy_url("http://proxy.example");
    REQUIRE(url);
    CHECK(url->host == "proxy.example");
    CHECK(url->port == 3128);
    CHECK(url->user.empty());
    url = parse_proxy_url("http://me:s3cret@10.0.0.1:8080/");
    REQUIRE(url);
    CHECK(url->host == "10.0.0.1");
    CHECK(url->port == 8080);
    CHECK(url->user == "me");
    CHECK(url->password == "s3cret");
    url = parse_proxy_url("http://[::1]:1");
    REQUIRE(url);
    CHECK(url->host == "::1");
    CHECK(url->port == 1);
    url = parse_proxy_url("http://only-user@[2001:db8::1]");
    REQUIRE(url);
    CHECK(url->host == "2001:db8::1");
    CHECK(url->port == 3128);
    CHECK(url->user == "only-user");
    CHECK(url->password.empty());
}

TEST_CASE("user and password are percent-decoded, and an @ in the password needs no percent", "[net][http-connect]") {
    const auto url = parse_proxy_url("http://d%6Fmain%5cme:p%40ss%3a%2F%25@w:rd@proxy:3128");
    REQUIRE(url);
    CHECK(url->host == "proxy");
    CHECK(url->user == "domain\\me");
    CHECK(url->password == "p@ss:/%@w:rd");
}

TEST_CASE("a wrong proxy URL is refused with an example, and its password is not repeated", "[net][http-connect]") {
    for (const char* text : {"",
                             "proxy:3128",
                             "me:s3cret@proxy:3128",
                             "https://me:s3cret@proxy",
                             "http://",
                             "http:///",
                             "http://me:s3cret@",
                             "http://:s3cret@proxy",
                             "http://me%3Ayou:s3cret@proxy",
                             "http://me:s3cret%@proxy",
                             "http://me:s3cret%4@proxy",
                             "http://me:s3cret%zz@proxy",
                             "http://me:s3cret@proxy:",
                             "http://me:s3cret@proxy:0",
                             "http://me:s3cret@proxy:65536",
                             "http://me:s3cret@proxy:s3cret",
                             "http://me:s3cret@[::1",
                             "http://me:s3cret@[::1]3128",
                             "http://me:s3cret@pro xy",
                             "http://me:s3cret@proxy/path",
                             "http://me:s3cret@proxy?query",
                             "http://proxy:s3cret"}) {
        INFO(text);
        const auto url = parse_proxy_url(text);
        REQUIRE_FALSE(url);
        CHECK(url.error().blame == Blame::Caller);
        CHECK(url.error().message.find("http://host:3128") != std::string::npos);
        CHECK(url.error().message.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("RFC 9110 9.3.6: CONNECT names the server, and credentials go along in base64", "[net][http-connect]") {
    CHECK(as_text(HttpConnect({.host = "proxy"}, "game.example:7777").request()) ==
          "CONNECT game.example:7777 HTTP/1.1\r\nHost: game.example:7777\r\n\r\n");
    // RFC 7617 2.
    const HttpConnect with({.host = "proxy", .user = "Aladdin", .password = "open sesame"}, "[::1]:443");
    CHECK(as_text(with.request()) ==
          "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"
          "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("any 2xx opens the way, whatever its fields say", "[net][http-connect]") {
    for (const std::string_view answer :
         {"HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200 OK\r\nProxy-Agent: x\r\n\r\n",
          "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 204 \r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        INFO(answer);
        CHECK(taken(answer) == answer.size());
    }
}

TEST_CASE("what stands behind the proxy's answer is left for its owner to judge", "[net][http-connect]") {
    HttpConnect connect({.host = "proxy"}, "game.example:443");
    const auto parsed = connect.receive(as_bytes("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101"));
    REQUIRE(parsed);
    CHECK(*parsed == std::optional<std::size_t>(19));
}

TEST_CASE("a refusal is told with its status and the remedy", "[net][http-connect]") {
    CHECK(refusal("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n") ==
          "the proxy answered 407 Proxy Authentication Required: check the user and password in the proxy URL");
    CHECK(refusal("HTTP/1.1 403 Forbidden\r\n\r\n") ==
          "the proxy answered 403 Forbidden: it does not allow this server; ask whoever runs the proxy");
    CHECK(refusal("HTTP/1.1 502 Bad Gateway\r\n\r\n<html>") ==
          "the proxy answered 502 Bad Gateway: it could not reach the server");
    CHECK(refusal("HTTP/1.0 503\r\n\r\n") == "the proxy answered 503: it could not reach the server");
}

TEST_CASE("a proxy's words cannot steer a terminal and are cut", "[net][http-connect]") {
    const std::string message = refusal("HTTP/1.1 500 \x1b[31m\xff" + std::string(500, 'x') + "\r\n\r\n");
    CHECK(message.find("500 ?[31m?xxx") != std::string::npos);
    CHECK(message.size() < 150);
}

TEST_CASE("who does not speak HTTP is told apart at the first wrong byte", "[net][http-connect]") {
    for (const char* answer :
         {"S", "SSH-2.0-OpenSSH", "HTTQ", "HTTP/2", "\x15\x03\x01", "\r\n", "HTTP/1.x 200 OK\r\n\r\n",
          "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1  200\r\n\r\n", "HTTP/1.1 20\r\n\r\n"}) {
        INFO(answer);
        CHECK(refusal(answer).find("not HTTP") != std::string::npos);
    }
}

TEST_CASE("an answer of the proxy ends within 8 KiB", "[net][http-connect]") {
    const std::string start = "HTTP/1.1 200 OK\r\nX: ";
    const auto answer = [&](std::size_t bytes) {
        return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
    };
    HttpConnect connect({.host = "proxy"}, "game.example:443");
    const auto longest = connect.receive(as_bytes(answer(8 * 1024)));
    REQUIRE(longest);
    CHECK(longest->has_value());
    CHECK(refusal(answer(8 * 1024 + 1)).find("8 KiB") != std::string::npos);
    CHECK(refusal(start + std::string(8 * 1024, 'x')).find("8 KiB") != std::string::npos);
}
