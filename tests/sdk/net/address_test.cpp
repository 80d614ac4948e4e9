// Promises of addresses and networks.
#include "sdk/net/address.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::net;

namespace {

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    INFO(text);
    REQUIRE(parsed);
    return *parsed;
}

bool contains(std::string_view network, std::string_view text) {
    const auto parsed = Network::parse(network);
    INFO(network << " and " << text);
    REQUIRE(parsed);
    return parsed->contains(address(text));
}

}  // namespace

TEST_CASE("an address is numeric and nothing else", "[net][address]") {
    for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::8:800:200c:417a"})
        CHECK(address(text).to_string() == text);
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, " "sv, "localhost"sv, "127.0.0.1 "sv, " 127.0.0.1"sv, "127.0.0"sv, "127.0.0.1.1"sv, "256.0.0.1"sv,
          "1.2.3.04"sv, "0x7f.0.0.1"sv, "127.0.0.1:80"sv, "[::1]"sv, "::1%lo"sv, "1::2::3"sv, "12345::"sv,
          "1.2.3.4\0"sv, "::1\0x"sv, "\0"sv}) {
        INFO(text);
        CHECK_FALSE(IpAddress::parse(text));
    }
}

TEST_CASE("an IPv4 address and its mapped form are one", "[net][address]") {
    CHECK(address("::ffff:10.1.2.3") == address("10.1.2.3"));
    CHECK(address("::ffff:10.1.2.3").to_string() == "10.1.2.3");
    CHECK(address("::ffff:10.1.2.3").is_v4());
    CHECK_FALSE(address("::10.1.2.3").is_v4());
    const std::array<std::uint8_t, 4> four = {10, 1, 2, 3};
    CHECK(IpAddress::v4(four) == address("10.1.2.3"));
}

TEST_CASE("a network holds the addresses behind its prefix, to the bit", "[net][address]") {
    CHECK(contains("10.0.0.0/8", "10.255.255.255"));
    CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    CHECK(contains("10.0.0.0/9", "10.127.0.1"));
    CHECK_FALSE(contains("10.0.0.0/9", "10.128.0.1"));
    CHECK(contains("192.168.7.9/31", "192.168.7.8"));
    CHECK_FALSE(contains("192.168.7.9/31", "192.168.7.10"));
    CHECK(contains("192.168.7.9", "192.168.7.9"));
    CHECK_FALSE(contains("192.168.7.9", "192.168.7.8"));
    CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    CHECK(contains("::1", "::1"));
    CHECK(contains("::1/128", "::1"));
}

TEST_CASE("a prefix of 0 is every address of its family, and ::/0 is every address", "[net][address]") {
    CHECK(contains("0.0.0.0/0", "203.0.113.1"));
    CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    CHECK(contains("::/0", "2001:db8::1"));
    CHECK(contains("::/0", "203.0.113.1"));
}

TEST_CASE("a network in the mapped form counts its bits in that form", "[net][address]") {
    CHECK(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
    CHECK_FALSE(contains("::ffff:10.0.0.0/104", "11.1.2.3"));
    CHECK(contains("::ffff:10.1.2.3", "10.1.2.3"));
}

TEST_CASE("what is no network is refused with an example of one", "[net][address]") {
    for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
                             "10.0.0.0/8/8", "::/129", "::/1000", "host/8", "10.0.0.0/8x", "10.0.0/8"}) {
        INFO(text);
        const auto network = Network::parse(text);
        REQUIRE_FALSE(network);
        CHECK(network.error().blame == Blame::Caller);
        CHECK(network.error().message.find("such as 10.0.0.0/8") != std::string::npos);
    }
}
