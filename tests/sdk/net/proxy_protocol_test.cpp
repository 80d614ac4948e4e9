// Promises of the PROXY protocol's parser and of X-Forwarded-For.
#include "sdk/net/proxy_protocol.h"

#include <catch2/catch.hpp>

#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

/// Signature and version of a v2 header with `rest` behind them: command and family, length, addresses.
Bytes v2(std::string_view rest) { return test::from_hex("0d0a0d0a000d0a515549540a" + std::string(rest)); }

Bytes bytes_of(std::string_view text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); }

std::string client_of(const ProxyHeader& header) { return header.client ? header.client->to_string() : "none"; }

/// Every proper prefix asks for more, the whole is read, and what follows it does not matter.
std::string read(const Bytes& header) {
    for (std::size_t size = 0; size < header.size(); ++size) {
        INFO("the first " << size << " bytes");
        // A block of its own, so that a sanitizer sees a step beyond it.
        const Bytes prefix(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
        const auto parsed = parse_proxy_header(prefix);
        REQUIRE(parsed);
        REQUIRE_FALSE(parsed->has_value());
    }
    const auto whole = parse_proxy_header(header);
    REQUIRE(whole);
    REQUIRE(whole->has_value());
    CHECK((*whole)->bytes == header.size());
    for (const std::string_view behind : {"G", "\r\n", "PROXY TCP4", "\x16\x03\x01"}) {
        Bytes longer = header;
        append(longer, as_bytes(behind));
        const auto again = parse_proxy_header(longer);
        REQUIRE(again);
        REQUIRE(again->has_value());
        CHECK((*again)->bytes == header.size());
        CHECK(client_of(**again) == client_of(**whole));
    }
    return client_of(**whole);
}

std::string refusal(const Bytes& header) {
    const auto parsed = parse_proxy_header(header);
    INFO(test::to_hex(header));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().blame == Blame::Peer);
    return parsed.error().message;
}

std::string forwarded(std::string_view field, std::initializer_list<std::string_view> networks) {
    std::vector<Network> trusted;
    for (const std::string_view network : networks) trusted.push_back(*Network::parse(network));
    const auto client = forwarded_client(field, trusted);
    return client ? client->to_string() : "none";
}

}  // namespace

TEST_CASE("version 1 tells the client's address", "[net][proxy]") {
    CHECK(read(bytes_of("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n")) == "192.0.2.1");
    CHECK(read(bytes_of("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n")) == "2001:db8::1");
    CHECK(read(bytes_of("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 0\r\n")) == "192.0.2.1");
}

TEST_CASE("version 1 may know nothing of the client", "[net][proxy]") {
    CHECK(read(bytes_of("PROXY UNKNOWN\r\n")) == "none");
    // The longest line that its specification shows.
    CHECK(read(bytes_of("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                        "65535 65535\r\n")) == "none");
}

TEST_CASE("version 1 that is not to the letter is refused", "[net][proxy]") {
    for (const char* line :
         {"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 1\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 056 443\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 \r\n",
          "PROXY TCP4  192.0.2.1 198.51.100.2 56324 443\r\n", "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
          "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY TCP4 192.0.2.1 2001:db8::2 1 2\r\n",
          "PROXY TCP6 2001:db8::1 198.51.100.2 1 2\r\n", "PROXY TCP4 client server 1 2\r\n",
          "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY \r\n", "PROXY UNKNOWNS\r\n",
          "PROXY tcp4 192.0.2.1 198.51.100.2 56324 443\r\n"}) {
        INFO(line);
        refusal(bytes_of(line));
    }
    using namespace std::string_view_literals;
    refusal(bytes_of("PROXY TCP4 192.0.2.1\0 198.51.100.2 56324 443\r\n"sv));
}

TEST_CASE("a version 1 line ends within 107 bytes", "[net][proxy]") {
    const std::string start = "PROXY UNKNOWN ";
    const auto line = [&](std::size_t bytes) {
        return bytes_of(start + std::string(bytes - start.size() - 2, 'x') + "\r\n");
    };
    CHECK(read(line(107)) == "none");
    refusal(line(108));
    refusal(bytes_of(start + std::string(1000, 'x')));
}

TEST_CASE("version 2 tells the client's address", "[net][proxy]") {
    CHECK(read(v2("21 11 000c c0000201 c6336402 dc04 01bb")) == "192.0.2.1");
    CHECK(read(v2("21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 ffff")) ==
          "2001:db8::1");
}

TEST_CASE("what stands behind the addresses of version 2 is passed over", "[net][proxy]") {
    // PP2_TYPE_ALPN "h2", then PP2_TYPE_NOOP.
    CHECK(read(v2("21 11 0014 c0000201 c6336402 dc04 01bb 01 0002 6832 04 0000")) == "192.0.2.1");
    Bytes longest = v2("21 11 0800 c0000201 c6336402 dc04 01bb");
    longest.resize(proxy_header_bytes_max);
    CHECK(read(longest) == "192.0.2.1");
}

TEST_CASE("version 2 may know nothing of the client", "[net][proxy]") {
    CHECK(read(v2("20 00 0000")) == "none");  // LOCAL
    CHECK(read(v2("20 11 000c c0000201 c6336402 dc04 01bb")) == "none");
    CHECK(read(v2("20 ff 0003 010203")) == "none");
    CHECK(read(v2("21 00 0000")) == "none");  // unspecified
    CHECK(read(v2("21 00 0005 0102030405")) == "none");
    CHECK(read(v2("21 12 000c c0000201 c6336402 dc04 01bb")) == "none");  // datagrams
    Bytes unix_socket = v2("21 31 00d8");
    unix_socket.resize(unix_socket.size() + 216);
    CHECK(read(unix_socket) == "none");
}

TEST_CASE("version 2 that is not to the letter is refused", "[net][proxy]") {
    refusal(v2("11 11 000c"));                              // version 1 in the binary form
    refusal(v2("31 11 000c"));                              // version 3
    refusal(v2("22 11 000c"));                              // no such command
    refusal(v2("21 11 000b c0000201 c6336402 dc04 01"));    // ends inside the addresses
    refusal(v2("21 21 000c c0000201 c6336402 dc04 01bb"));  // the same, of IPv6
    for (const char* family : {"01", "10", "13", "20", "23", "30", "33", "41", "ff"}) {
        INFO(family);
        refusal(v2(std::string("21 ") + family + " 0000"));
    }
}

TEST_CASE("a version 2 length beyond what is accepted is refused before its bytes come", "[net][proxy]") {
    refusal(v2("21 11 0801"));
    refusal(v2("21 11 ffff"));
    refusal(v2("20 00 ffff"));
}

TEST_CASE("what is no PROXY header is refused at its first wrong byte", "[net][proxy]") {
    for (const char* text :
         {"G", "GET / HTTP/1.1\r\n", "PROXYTCP4", "PROXX", "proxy TCP4", "\r\n\r\nX", "\r\n\r\n\r", "\x16\x03\x01"}) {
        INFO(text);
        CHECK(refusal(bytes_of(text)).find("does the front send one") != std::string::npos);
    }
    refusal(test::from_hex("0d0a0d0a000d0a515549540b"));
}

TEST_CASE("of forwarded addresses the first from the right that is not ours is believed", "[net][proxy]") {
    CHECK(forwarded("203.0.113.7", {"10.0.0.0/8"}) == "203.0.113.7");
    CHECK(forwarded("198.51.100.1, 203.0.113.7", {"10.0.0.0/8"}) == "203.0.113.7");
    CHECK(forwarded("203.0.113.7, 10.1.1.1,10.2.2.2", {"10.0.0.0/8"}) == "203.0.113.7");
    CHECK(forwarded("evil, 203.0.113.7, 10.1.1.1", {"10.0.0.0/8"}) == "203.0.113.7");
    CHECK(forwarded("2001:db8::5, 10.1.1.1", {"10.0.0.0/8", "::1"}) == "2001:db8::5");
    CHECK(forwarded("[2001:db8::5]", {}) == "2001:db8::5");
}

TEST_CASE("when all forwarded addresses are ours, the farthest is believed", "[net][proxy]") {
    CHECK(forwarded("10.9.9.9, 10.1.1.1", {"10.0.0.0/8"}) == "10.9.9.9");
}

TEST_CASE("a malformed forwarded address is nobody's", "[net][proxy]") {
    for (const char* field : {"", " ", "unknown", "203.0.113.7:1234", "203.0.113.7,", "203.0.113.7, ,10.1.1.1",
                              "203.0.113.7, _hidden, 10.1.1.1", "[203.0.113.7", "203.0.113.7 10.1.1.1"}) {
        INFO(field);
        CHECK(forwarded(field, {"10.0.0.0/8"}) == "none");
    }
}
