// The opening handshake's rules (RFC 6455 4): every line that may be wrong, and what the other side is told.
#include "sdk/core/ws/handshake.h"

#include "sdk/core/ws/accept_key.h"
#include "tests/sdk/ws/endpoint.h"
#include "tests/sdk/ws/splits.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;
using Words = std::vector<std::string>;

namespace {

/// A good request in which the line that starts with `name` is replaced, or removed when `line` is empty.
std::string changed(std::string_view name, const std::string& line) {
    std::vector<std::string> lines = upgrade_lines();
    for (auto it = lines.begin(); it != lines.end(); ++it) {
        if (it->rfind(name, 0) != 0) continue;
        if (line.empty())
            lines.erase(it);
        else
            *it = line;
        return to_head(lines);
    }
    FAIL("no line begins with " << name);
    return {};
}

std::string with(const std::string& line) {
    std::vector<std::string> lines = upgrade_lines();
    lines.push_back(line);
    return to_head(lines);
}

struct Answer {
    Words events;
    std::string text;
    bool operator==(const Answer&) const = default;
};

Answer serve(std::string_view request, Limits limits = {}) {
    INFO(request);
    return same_at_every_split(as_bytes(request), [&](const Pieces& pieces) {
        Endpoint server = Endpoint::server(limits);
        for (const ByteSpan piece : pieces) server.receive(piece);
        return Answer{server.take_events(), to_string(server.take_sent())};
    });
}

/// The status line of the refusal; checks everything that all refusals share.
std::string refused(std::string_view request, Limits limits = {}) {
    const Answer answer = serve(request, limits);
    INFO(answer.text);
    REQUIRE(answer.events.size() == 1);
    CHECK(answer.events[0].rfind("closed 1006 by us: ", 0) == 0);
    CHECK(answer.text.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.text.find("\r\nContent-Type: text/plain") != std::string::npos);
    const std::size_t body = answer.text.find("\r\n\r\n");
    REQUIRE(body != std::string::npos);
    CHECK(answer.text.find("\r\nContent-Length: " + std::to_string(answer.text.size() - body - 4) + "\r\n") !=
          std::string::npos);
    CHECK(answer.text.size() - body > 10);
    return answer.text.substr(9, answer.text.find("\r\n") - 9);
}

}  // namespace

TEST_CASE("RFC 6455 1.3: the document's own handshake gives the document's own answer", "[ws][handshake]") {
    const Answer answer =
        serve(to_head({"GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://example.com",
                       "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Version: 13"}));
    CHECK(answer.events == Words{"request", "opened"});
    CHECK(answer.text ==
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
}

TEST_CASE("RFC 6455 4.2.1: tokens match in any case and within lists", "[ws][handshake]") {
    for (const std::string& request :
         {changed("Upgrade:", "uPgRaDe: WebSocket"), changed("Upgrade:", "Upgrade: h2c, websocket"),
          changed("Connection:", "connection: keep-alive, UPGRADE"),
          changed("Connection:", "Connection: Upgrade, keep-alive"),
          changed("GET", "GET http://server.example.com/chat HTTP/1.1"),
          with("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b"),
          changed("Connection:", "Connection: keep-alive\r\nConnection: Upgrade"), with("X-Unknown: \xc3\xa4")}) {
        CHECK(serve(request).events == Words{"request", "opened"});
    }
}

TEST_CASE("RFC 6455 4.2.1: a request that breaks the handshake is refused with its own status", "[ws][handshake]") {
    const std::string host = "Host: server.example.com";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    struct Row {
        const char* what;
        std::string request;
        std::string status;
    };
    const std::vector<Row> rows = {
        {"POST", changed("GET", "POST /chat HTTP/1.1"), "405 Method Not Allowed"},
        {"HEAD", changed("GET", "HEAD /chat HTTP/1.1"), "405 Method Not Allowed"},
        {"CONNECT", changed("GET", "CONNECT a:1 HTTP/1.1"), "405 Method Not Allowed"},
        {"a method in lower case", changed("GET", "get /chat HTTP/1.1"), "501 Not Implemented"},
        {"an unknown method", changed("GET", "BREW /chat HTTP/1.1"), "501 Not Implemented"},
        {"no method", changed("GET", "/chat HTTP/1.1"), "400 Bad Request"},
        {"a method that is no token", changed("GET", "G(T /chat HTTP/1.1"), "400 Bad Request"},
        {"HTTP/1.0", changed("GET", "GET /chat HTTP/1.0"), "505 HTTP Version Not Supported"},
        {"HTTP/2.0", changed("GET", "GET /chat HTTP/2.0"), "505 HTTP Version Not Supported"},
        {"HTTP/1.10", changed("GET", "GET /chat HTTP/1.10"), "400 Bad Request"},
        {"http in lower case", changed("GET", "GET /chat http/1.1"), "400 Bad Request"},
        {"no version", changed("GET", "GET /chat"), "400 Bad Request"},
        {"two spaces", changed("GET", "GET  /chat HTTP/1.1"), "400 Bad Request"},
        {"a space in the target", changed("GET", "GET /ch at HTTP/1.1"), "400 Bad Request"},
        {"a tab in the target", changed("GET", "GET /ch\tat HTTP/1.1"), "400 Bad Request"},
        {"a fragment in the target", changed("GET", "GET /chat#x HTTP/1.1"), "400 Bad Request"},
        {"a target that is no path", changed("GET", "GET chat HTTP/1.1"), "400 Bad Request"},
        {"a target with another host", changed("GET", "GET http://other/chat HTTP/1.1"), "400 Bad Request"},
        {"a target of another scheme", changed("GET", "GET ftp://server.example.com/ HTTP/1.1"), "400 Bad Request"},
        {"no Host", changed("Host", ""), "400 Bad Request"},
        {"an empty Host", changed("Host", "Host:"), "400 Bad Request"},
        {"a Host with a path", changed("Host", "Host: a/b"), "400 Bad Request"},
        {"a Host with a user", changed("Host", "Host: a@b"), "400 Bad Request"},
        {"two Hosts", with(host), "400 Bad Request"},
        {"two Hosts in other case", with("hOST: other"), "400 Bad Request"},
        {"no Upgrade", changed("Upgrade", ""), "400 Bad Request"},
        {"another Upgrade", changed("Upgrade", "Upgrade: h2c"), "400 Bad Request"},
        {"an Upgrade that only contains the word", changed("Upgrade", "Upgrade: websockets"), "400 Bad Request"},
        {"no Connection", changed("Connection", ""), "400 Bad Request"},
        {"another Connection", changed("Connection", "Connection: keep-alive"), "400 Bad Request"},
        {"a Connection that only contains the word", changed("Connection", "Connection: Upgrades"), "400 Bad Request"},
        {"no version of the protocol", changed("Sec-WebSocket-V", ""), "426 Upgrade Required"},
        {"version 8", changed("Sec-WebSocket-V", "Sec-WebSocket-Version: 8"), "426 Upgrade Required"},
        {"version 013", changed("Sec-WebSocket-V", "Sec-WebSocket-Version: 013"), "426 Upgrade Required"},
        {"a list of versions", changed("Sec-WebSocket-V", "Sec-WebSocket-Version: 13, 8"), "426 Upgrade Required"},
        {"two versions", with("Sec-WebSocket-Version: 13"), "400 Bad Request"},
        {"no key", changed("Sec-WebSocket-K", ""), "400 Bad Request"},
        {"two keys", with(key), "400 Bad Request"},
        {"an empty key", changed("Sec-WebSocket-K", "Sec-WebSocket-Key:"), "400 Bad Request"},
        {"a key of 15 bytes", changed("Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"), "400 Bad Request"},
        {"a key of 17 bytes", changed("Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA="),
         "400 Bad Request"},
        {"a key that is not base64", changed("Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25*ZQ=="),
         "400 Bad Request"},
        {"a key with stray bits", changed("Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="),
         "400 Bad Request"},
        {"Content-Length", with("Content-Length: 5"), "400 Bad Request"},
        {"Content-Length 0", with("Content-Length: 0"), "400 Bad Request"},
        {"Transfer-Encoding", with("Transfer-Encoding: chunked"), "400 Bad Request"},
        {"an empty subprotocol", with("Sec-WebSocket-Protocol: a,,b"), "400 Bad Request"},
        {"a subprotocol twice", with("Sec-WebSocket-Protocol: a, a"), "400 Bad Request"},
        {"a subprotocol that is no token", with("Sec-WebSocket-Protocol: a b"), "400 Bad Request"},
        {"a bare line feed", "GET /chat HTTP/1.1\nHost: a\n\n", "400 Bad Request"},
        {"a folded line", with("X: a\r\n b"), "400 Bad Request"},
        {"65 fields",
         [] {
             std::string lines = "X-0: 0";
             for (int i = 1; i < 70; ++i) lines += "\r\nX-" + std::to_string(i) + ": 0";
             return with(lines);
         }(),
         "431 Request Header Fields Too Large"},
        {"5 KB of head", with("X: " + std::string(5000, 'x')), "431 Request Header Fields Too Large"},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        CHECK(refused(row.request) == row.status);
    }
}

TEST_CASE("RFC 6455 4.4: a wrong version is answered with the right one", "[ws][handshake]") {
    const Answer answer = serve(changed("Sec-WebSocket-V", "Sec-WebSocket-Version: 25"));
    CHECK(answer.text.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
    CHECK(answer.text.find("\r\nUpgrade: websocket\r\n") != std::string::npos);
}

TEST_CASE("RFC 9110 15.5.6: a wrong method is answered with the right one", "[ws][handshake]") {
    CHECK(serve(changed("GET", "POST / HTTP/1.1")).text.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("RFC 6455 9.1: extensions are declined, never mirrored", "[ws][handshake]") {
    const Answer answer = serve(with("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"));
    CHECK(answer.events == Words{"request", "opened"});
    CHECK(answer.text.find("Extensions") == std::string::npos);
}

TEST_CASE("bytes that come before the 101 are refused", "[ws][handshake]") {
    const std::string request = to_head(upgrade_lines());
    SECTION("with the request") {
        Endpoint server = Endpoint::server();
        server.receive(request + "\x81");
        CHECK(server.take_events() == Words{"closed 1006 by us: 400: bytes came before the answer to the handshake"});
        CHECK(to_string(server.sent).rfind("HTTP/1.1 400 ", 0) == 0);
    }
    SECTION("while the application decides") {
        Endpoint server = Endpoint::server();
        server.answers = false;
        server.receive(request);
        CHECK(server.take_events() == Words{"request"});
        server.receive("x");
        CHECK(server.take_events() == Words{"closed 1006 by us: 400: bytes came before the answer to the handshake"});
    }
    SECTION("in the moment of accept()") {
        Endpoint server = Endpoint::server();
        server.answers = false;
        server.receive(request);
        Bytes early = to_owned("x");
        server.connection.receive(early, server.now);
        server.connection.accept("", {}, server.now);
        server.drain();
        CHECK(server.take_events() ==
              Words{"request", "closed 1006 by us: 400: bytes came before the answer to the handshake"});
    }
}

TEST_CASE("a plain GET goes to the application, whose answer ends the connection", "[ws][handshake]") {
    for (const char* extra :
         {"", "Connection: keep-alive\r\n", "Content-Length: 0\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n"}) {
        INFO(extra);
        Endpoint server = Endpoint::server();
        server.answers = false;
        server.receive("GET /healthz?x=1 HTTP/1.1\r\nHost: a:1\r\n" + std::string(extra) + "\r\nGET / HTTP/1.1\r\n");
        REQUIRE(server.take_events() == Words{"request"});
        CHECK(server.connection.request().method == "GET");
        CHECK(server.connection.request().target == "/healthz?x=1");
        CHECK_FALSE(server.connection.request().upgrade);
        const HeaderField field{"Cache-Control", "no-store"};
        server.connection.respond(503, "text/plain", "starting\n", {&field, 1}, server.now);
        server.drain();
        CHECK(
            to_string(server.sent) ==
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n"
            "Cache-Control: no-store\r\n\r\nstarting\n");
        CHECK(server.take_events() == Words{"closed 1000 by us"});
        CHECK(server.connection.wants_shutdown());
        server.receive_eof();
        CHECK(server.connection.finished());
    }
    CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n") == "400 Bad Request");
    CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") == "400 Bad Request");
}

TEST_CASE("a plain request of a half-closed stream is still answered", "[ws][handshake]") {
    Endpoint server = Endpoint::server();
    server.answers = false;
    server.receive("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    server.receive_eof();
    CHECK(server.take_events() == Words{"request"});
    server.connection.respond(200, "text/plain", "ok\n", {}, server.now);
    server.drain();
    CHECK(to_string(server.sent).substr(0, 15) == "HTTP/1.1 200 OK");
    CHECK(server.connection.finished());
}

TEST_CASE("the request is gone when the connection is open", "[ws][handshake]") {
    Endpoint server = open_server();
    CHECK(server.connection.request().target.empty());
    CHECK(server.connection.request().headers.empty());
}

TEST_CASE("a target in absolute form becomes a path", "[ws][handshake]") {
    for (const auto& [target, path] : std::vector<std::pair<std::string, std::string>>{
             {"http://A.example/x?y", "/x?y"}, {"HTTPS://a.example", "/"}, {"http://a.example?y", "/?y"}}) {
        Endpoint server = Endpoint::server();
        server.answers = false;
        server.receive("GET " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
        CHECK(server.take_events() == Words{"request"});
        CHECK(server.connection.request().target == path);
    }
}

TEST_CASE("RFC 6455 4.1: the client's request says what it must and no more", "[ws][handshake]") {
    Endpoint client = Endpoint::client({}, {},
                                       {.host = "h:1",
                                        .target = "/r?q",
                                        .subprotocols = {"a", "b"},
                                        .origin = "http://o",
                                        .headers = {{"X-Y", "z w"}}});
    const std::string text = to_string(client.sent);
    const std::size_t key = text.find("Sec-WebSocket-Key: ") + 19;
    CHECK(valid_key(text.substr(key, 24)));
    CHECK(text ==
          "GET /r?q HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: " +
              text.substr(key, 24) + "\r\nSec-WebSocket-Protocol: a, b\r\nOrigin: http://o\r\nX-Y: z w\r\n\r\n");
}

TEST_CASE("RFC 6455 4.1: the client opens for a right answer only, and says what was wrong", "[ws][handshake]") {
    Endpoint probe = Endpoint::client();
    const std::string sent = to_string(probe.sent);
    const std::string accept = "Sec-WebSocket-Accept: " + accept_key(sent.substr(sent.find("Key: ") + 5, 24));
    const std::string status = "HTTP/1.1 101 Switching Protocols";
    const std::string upgrade = "Upgrade: WebSocket";
    const std::string connection = "Connection: keep-alive, upgrade";
    const std::string wrong = "closed 1006 by us: ";
    struct Row {
        std::vector<std::string> lines;
        std::vector<std::string> offered;
        std::string event;
    };
    const std::vector<Row> rows = {
        {{status, upgrade, connection, accept}, {}, "opened"},
        {{"HTTP/1.1 101", upgrade, connection, accept}, {}, "opened"},
        {{status, upgrade, connection, accept, "Sec-WebSocket-Protocol: b"}, {"a", "b"}, "opened"},
        {{"HTTP/1.1 404 Nothing Here"}, {}, wrong + "the server answered 404 Nothing Here; is it a WebSocket server?"},
        {{"HTTP/1.0 200 OK"}, {}, wrong + "the server answered 200 OK; is it a WebSocket server?"},
        {{"HTTP/1.1 503"}, {}, wrong + "the server answered 503 Service Unavailable; is it a WebSocket server?"},
        {{"HTTP/1.0 101 Switching Protocols", upgrade, connection, accept},
         {},
         wrong + "the server answered 101 in HTTP/1.0"},
        {{"SSH-2.0-OpenSSH_9.2"}, {}, wrong + "the server's answer is not HTTP; is it a WebSocket server?"},
        {{"HTTP/1.1 1x1 No"}, {}, wrong + "the server's answer is not HTTP; is it a WebSocket server?"},
        {{status, connection, accept}, {}, wrong + "the server's Upgrade header is not websocket"},
        {{status, "Upgrade: h2c", connection, accept}, {}, wrong + "the server's Upgrade header is not websocket"},
        {{status, upgrade, accept}, {}, wrong + "the server's Connection header does not list Upgrade"},
        {{status, upgrade, "Connection: close", accept},
         {},
         wrong + "the server's Connection header does not list Upgrade"},
        {{status, upgrade, connection}, {}, wrong + "the server's Sec-WebSocket-Accept does not fit our key"},
        {{status, upgrade, connection, accept, accept},
         {},
         wrong + "the server's Sec-WebSocket-Accept does not fit our key"},
        {{status, upgrade, connection, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
         {},
         wrong + "the server's Sec-WebSocket-Accept does not fit our key"},
        {{status, upgrade, connection, accept, "Sec-WebSocket-Extensions: permessage-deflate"},
         {},
         wrong + "the server chose an extension that was not offered"},
        {{status, upgrade, connection, accept, "Content-Length: 3"}, {}, wrong + "the server's 101 announces content"},
        {{status, upgrade, connection, accept, "Sec-WebSocket-Protocol: c"},
         {"a", "b"},
         wrong + "the server chose a subprotocol that was not offered"},
        {{status, upgrade, connection, accept, "Sec-WebSocket-Protocol: a, b"},
         {"a", "b"},
         wrong + "the server chose a subprotocol that was not offered"},
        {{status, upgrade, connection, accept, "Sec-WebSocket-Protocol: a"},
         {},
         wrong + "the server chose a subprotocol that was not offered"},
        {{status, upgrade, connection, accept},
         {"a"},
         wrong + "the server speaks none of the offered subprotocols (a …)"},
        {{status, upgrade, connection, accept, " folded"},
         {},
         wrong + "the server's answer is not HTTP: a header field is folded over two lines"},
    };
    for (const Row& row : rows) {
        const std::string text = to_head(row.lines);
        INFO(text);
        const Words events = same_at_every_split(as_bytes(text), [&](const Pieces& pieces) {
            Endpoint client = Endpoint::client({}, {}, {.host = "localhost", .subprotocols = row.offered});
            for (const ByteSpan piece : pieces) client.receive(piece);
            CHECK(client.connection.finished() == (row.event != "opened"));
            return client.take_events();
        });
        CHECK(events == Words{row.event});
    }
}

TEST_CASE("frames in the same read as the 101 are delivered", "[ws][handshake]") {
    Endpoint client = Endpoint::client();
    Endpoint server = Endpoint::server();
    server.receive(client.take_sent());
    REQUIRE(server.connection.send(MessageKind::Text, as_bytes("first")));
    server.drain();
    const Words events = same_at_every_split(server.sent, [&](const Pieces& pieces) {
        Endpoint other = Endpoint::client();
        for (const ByteSpan piece : pieces) other.receive(piece);
        return other.take_events();
    });
    CHECK(events == Words{"opened", "text first"});
}

TEST_CASE("keys are 16 bytes in canonical base64", "[ws][handshake]") {
    CHECK(valid_key(sample_key));
    CHECK(accept_key(sample_key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(valid_key(make_key(seeded(7))));
    CHECK(make_key(seeded(7)) != make_key(seeded(8)));
}

TEST_CASE("RFC 9112 3: a head is checked for the methods that its reader knows", "[ws][handshake]") {
    constexpr std::string_view methods[] = {"GET", "PUT", "DELETE"};
    const auto status = [&](std::string_view line, std::string_view lines = "Host: a\r\n") {
        HeadParser parser{Limits{}};
        parser.receive(as_bytes(std::string(line) + "\r\n" + std::string(lines) + "\r\n"));
        REQUIRE(parser.complete());
        const auto checked = check_head(parser.take(), methods);
        const auto* const refusal = std::get_if<Refusal>(&checked);
        return refusal == nullptr ? std::string("ok") : std::to_string(refusal->status) + " " + refusal->reason;
    };
    CHECK(status("PUT /x HTTP/1.1") == "ok");
    CHECK(status("DELETE http://a/x HTTP/1.1") == "ok");
    CHECK(status("POST /x HTTP/1.1") == "405 this server answers GET, PUT and DELETE");
    CHECK(status("HEAD /x HTTP/1.1") == "405 this server answers GET, PUT and DELETE");
    CHECK(status("BREW /x HTTP/1.1") == "501 this server knows the methods GET, PUT and DELETE");
    CHECK(status("PUT /x HTTP/1.0") == "505 this server speaks HTTP/1.1");
    CHECK(status("PUT /x HTTP/1.1", "Host: a\r\nHost: a\r\n").substr(0, 3) == "400");
    CHECK(status("PUT http://b/x HTTP/1.1").substr(0, 3) == "400");
}

TEST_CASE("RFC 9110 10.2.3: a refusal may say in seconds when to come again, and an hour is the most that is believed", "[ws][handshake]") {
    struct Row {
        std::vector<std::string> lines;
        std::chrono::seconds expected;
    };
    const std::vector<Row> rows = {
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After: 30"}, std::chrono::seconds(30)},
        {{"HTTP/1.1 429 Too Many Requests", "retry-after: 1"}, std::chrono::seconds(1)},
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After: 999999"}, std::chrono::hours(1)},
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After: 9999999"}, {}},
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"}, {}},
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After: -5"}, {}},
        {{"HTTP/1.1 503 Service Unavailable", "Retry-After:"}, {}},
        {{"HTTP/1.1 503 Service Unavailable"}, {}},
        {{"HTTP/1.1 404 Not Found", "Retry-After: 30"}, {}},
        {{"nonsense", "Retry-After: 30"}, {}},
    };
    for (const Row& row : rows) {
        INFO(to_head(row.lines));
        Connection client = Connection::client({.host = "localhost"}, {}, {}, seeded(1), TimePoint{});
        Bytes answer = to_owned(as_bytes(to_head(row.lines)));
        client.receive(answer, TimePoint{});
        const auto event = client.poll_event(TimePoint{});
        REQUIRE(event);
        CHECK(event->kind == Event::Kind::Closed);
        CHECK(event->retry_after == row.expected);
    }
}

TEST_CASE("a server that has no place says why in its own words, which are the reason of the end", "[ws][handshake]") {
    const std::string full = "HTTP/1.1 503 Service Unavailable";
    const std::string plain = "Content-Type: text/plain; charset=utf-8";
    const std::string answered = "the server answered 503 Service Unavailable";
    struct Row {
        std::vector<std::string> lines;
        std::string content;
        std::string reason;
    };
    const std::vector<Row> rows = {
        {{full, plain, "Content-Length: 9"}, "no place\n", answered + ": no place"},
        {{"HTTP/1.1 429 Too Many Requests", "content-type: TEXT/PLAIN", "Content-Length: 10", "Retry-After: 5"},
         "no\x1b[31m \xc2\xa7",
         "the server answered 429 Too Many Requests: no?[31m \xc2\xa7"},
        {{full, plain, "Content-Length: 5"}, "a\nb c", answered + ": a"},
        // Not in words, or not for sure.
        {{full, plain, "Content-Length: 0"}, "", answered + "; is it a WebSocket server?"},
        {{full, plain, "Content-Length: 2"}, " \n", answered + "; is it a WebSocket server?"},
        {{full, plain, "Content-Length: 2"}, "\xc3(", answered + "; is it a WebSocket server?"},
        {{full, "Content-Type: text/html", "Content-Length: 3"}, "<p>", answered + "; is it a WebSocket server?"},
        {{full, plain, "Content-Length: 257"}, std::string(257, 'x'), answered + "; is it a WebSocket server?"},
        {{full, plain, "Content-Length: +3"}, "abc", answered + "; is it a WebSocket server?"},
        {{full, plain, "Content-Length: 3", "Transfer-Encoding: chunked"}, "1\r\n", answered + "; is it a WebSocket server?"},
        {{full, plain}, "abc", answered + "; is it a WebSocket server?"},
        {{"HTTP/1.1 404 Not Found", plain, "Content-Length: 3"}, "abc", "the server answered 404 Not Found; is it a WebSocket server?"},
    };
    for (const Row& row : rows) {
        const std::string text = to_head(row.lines) + row.content;
        INFO(text);
        const Words events = same_at_every_split(as_bytes(text), [&](const Pieces& pieces) {
            Endpoint client = Endpoint::client();
            for (const ByteSpan piece : pieces) client.receive(piece);
            CHECK(client.connection.finished());
            return client.take_events();
        });
        CHECK(events == Words{"closed 1006 by us: " + row.reason});
    }
    // Words that do not come leave what the head has said.
    const std::string cut = to_head({full, plain, "Retry-After: 5", "Content-Length: 9"}) + "no pl";
    const bool ends = GENERATE(true, false);
    Endpoint client = Endpoint::client();
    client.receive(cut);
    CHECK_FALSE(client.connection.finished());
    if (ends)
        client.receive_eof();
    else
        client.run_for(1h);
    CHECK(client.take_events() == Words{"closed 1006 by peer: " + answered + "; is it a WebSocket server?"});
}
