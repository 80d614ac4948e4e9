// Promises of the URL reader, as tables.
#include "sdk/net/url.h"

#include <catch2/catch.hpp>

using tidewire::Blame;
using tidewire::net::parse_url;
using tidewire::net::Url;

TEST_CASE("a valid WebSocket URL gives host, port and target", "[net][url]") {
    struct Row {
        const char* text;
        bool secure;
        const char* host;
        std::uint16_t port;
        const char* target;
        const char* authority;
    };
    const Row rows[] = {
        {"ws://localhost:7777", false, "localhost", 7777, "/", "localhost:7777"},
        {"ws://localhost", false, "localhost", 80, "/", "localhost"},
        {"wss://play.example.com", true, "play.example.com", 443, "/", "play.example.com"},
        {"ws://h:443/", false, "h", 443, "/", "h:443"},
        {"wss://h:80/", true, "h", 80, "/", "h:80"},
        {"wss://h:443/", true, "h", 443, "/", "h"},
        {"WS://Host/Path", false, "Host", 80, "/Path", "Host"},
        {"ws://127.0.0.1:1/a/b?room=7&x=%20", false, "127.0.0.1", 1, "/a/b?room=7&x=%20", "127.0.0.1:1"},
        {"ws://[::1]:65535/", false, "::1", 65535, "/", "[::1]:65535"},
        {"ws://[2001:db8::7]", false, "2001:db8::7", 80, "/", "[2001:db8::7]"},
        {"ws://host?room=7", false, "host", 80, "/?room=7", "host"},
        {"ws://host/a@b:c", false, "host", 80, "/a@b:c", "host"},
        {"ws://my_host-1.lan:80", false, "my_host-1.lan", 80, "/", "my_host-1.lan"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto url = parse_url(row.text);
        REQUIRE(url);
        CHECK(url->secure == row.secure);
        CHECK(url->host == row.host);
        CHECK(url->port == row.port);
        CHECK(url->target == row.target);
        CHECK(url->authority() == row.authority);
    }
}

TEST_CASE("a malformed URL is refused in a sentence that says what would be right", "[net][url]") {
    struct Row {
        std::string text;
        const char* message;
    };
    const Row rows[] = {
        {"localhost:7777", "\"localhost:7777\" is not a WebSocket URL; write ws://localhost:7777"},
        {"localhost", "\"localhost\" is not a WebSocket URL; write ws://localhost"},
        {"http://h:80/x", "\"http://h:80/x\" is not a WebSocket URL; write ws://h:80/x"},
        {"https://h/x", "\"https://h/x\" is not a WebSocket URL; write wss://h/x"},
        {"", "\"\" is not a WebSocket URL; write ws://localhost:7777"},
        {"ws:/localhost", "\"ws:/localhost\" is not a WebSocket URL; write ws://localhost:7777"},
        {" ws://localhost", "\" ws://localhost\" is not a WebSocket URL; write ws://localhost"},
        {"ws://", "\"ws://\" names no host; write ws://localhost:7777"},
        {"ws://:7777", "\"ws://:7777\" names no host; write ws://localhost:7777"},
        {"ws:///path", "\"ws:///path\" names no host; write ws://localhost:7777"},
        {"ws://h/a#part", "\"ws://h/a#part\" has a fragment; leave out \"#part\""},
        {"ws://h#", "\"ws://h#\" has a fragment; leave out \"#\""},
        {"ws://me:secret@h/", "the URL names a user; leave out what stands before the @"},
        {"ws://h:0", "\"ws://h:0\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://h:", "\"ws://h:\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://h:65536", "\"ws://h:65536\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://h:+80", "\"ws://h:+80\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://h:80x", "\"ws://h:80x\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://h:000080", "\"ws://h:000080\" has no valid port; write a number from 1 to 65535 after the host"},
        {"ws://::1:7777", "\"ws://::1:7777\" has an IPv6 address without brackets; write ws://[::1]:7777"},
        {"ws://[::1", "\"ws://[::1\" lacks the ] after its IPv6 address"},
        {"ws://[::g]", "\"ws://[::g]\" has no IPv6 address between the brackets; write ws://[::1]:7777"},
        {"ws://[127.0.0.1]", "\"ws://[127.0.0.1]\" has no IPv6 address between the brackets; write ws://[::1]:7777"},
        {"ws://[::1]80", "\"ws://[::1]80\" has something between ] and the port; write ws://[::1]:7777"},
        {"ws://a b/",
         "\"ws://a b/\" has a space, a control character or a letter beyond ASCII in it; write it "
         "percent-encoded"},
        {"ws://h/\r\nX: y",
         "\"ws://h/??X: y\" has a space, a control character or a letter beyond ASCII in it; write "
         "it percent-encoded"},
        {"ws://h/\xc3\xa9",
         "\"ws://h/??\" has a space, a control character or a letter beyond ASCII in it; write it "
         "percent-encoded"},
        {std::string("ws://h/\0", 8),
         "\"ws://h/?\" has a space, a control character or a letter beyond ASCII in it; "
         "write it percent-encoded"},
        {"ws://a,b/", "\"ws://a,b/\" has no valid host name; it has letters, digits, - and . only"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto url = parse_url(row.text);
        REQUIRE_FALSE(url);
        CHECK(url.error().blame == Blame::Caller);
        CHECK(url.error().message == row.message);
    }
}

TEST_CASE("a URL's password is never repeated in an error", "[net][url]") {
    for (const char* text : {"ws://me:secret@h/", "me:secret@h", "http://me:secret@h", "ws://me:secret@h/#x"}) {
        const auto url = parse_url(text);
        REQUIRE_FALSE(url);
        CHECK(url.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("an endless URL makes no endless error", "[net][url]") {
    const auto url = parse_url(std::string(100'000, 'x') + " ");
    REQUIRE_FALSE(url);
    CHECK(url.error().message.size() < 300);
    CHECK_FALSE(parse_url("ws://" + std::string(254, 'h')));
    CHECK(parse_url("ws://" + std::string(253, 'h')));
}
