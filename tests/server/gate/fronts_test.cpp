// Whose word on a client's address is taken, and whose is not.
#include "server/gate/fronts.h"

#include <catch2/catch.hpp>

using namespace tidewire;

namespace {

server::Fronts trusting(const std::vector<std::string>& networks) {
    auto fronts = server::Fronts::parse(networks);
    REQUIRE(fronts);
    return std::move(*fronts);
}

ws::Request forwarded_for(const std::string& field) {
    ws::Request request;
    if (!field.empty()) request.headers.push_back({"x-forwarded-for", field});
    return request;
}

}  // namespace

TEST_CASE("only a trusted front tells the client's address", "[server][fronts]") {
    const server::Fronts fronts = trusting({"10.0.0.0/8", "::1"});
    CHECK(fronts.client_of(forwarded_for("203.0.113.7"), "10.1.2.3") == "203.0.113.7");
    CHECK(fronts.client_of(forwarded_for("2001:db8::7"), "::1") == "2001:db8::7");
    CHECK(fronts.client_of(forwarded_for("203.0.113.7"), "192.0.2.1") == "192.0.2.1");
    CHECK(fronts.client_of(forwarded_for(""), "10.1.2.3") == "10.1.2.3");
    CHECK(trusting({}).client_of(forwarded_for("203.0.113.7"), "127.0.0.1") == "127.0.0.1");
}

TEST_CASE("of a chain of fronts the nearest untrusted address counts, not what the client wrote itself",
          "[server][fronts]") {
    const server::Fronts fronts = trusting({"10.0.0.0/8"});
    CHECK(fronts.client_of(forwarded_for("1.1.1.1, 203.0.113.7, 10.0.0.9"), "10.1.2.3") == "203.0.113.7");
    CHECK(fronts.client_of(forwarded_for("203.0.113.7, evil"), "10.1.2.3") == "10.1.2.3");
}

TEST_CASE("a field that the client made up does not hide the one that the front added behind it", "[server][fronts]") {
    ws::Request request = forwarded_for("6.6.6.6");
    request.headers.push_back({"X-Forwarded-For", "203.0.113.7"});
    CHECK(trusting({"10.0.0.0/8"}).client_of(request, "10.1.2.3") == "203.0.113.7");
}

TEST_CASE("a malformed network is named with what would be right", "[server][fronts]") {
    for (const char* wrong : {"", "10.0.0.0/33", "10.0.0/8", "localhost", "::1/129", "10.0.0.0/"}) {
        INFO(wrong);
        const auto fronts = server::Fronts::parse({"127.0.0.1", wrong});
        REQUIRE_FALSE(fronts);
        CHECK(fronts.error().blame == Blame::Caller);
        CHECK_THAT(fronts.error().message,
                   Catch::Matchers::Contains(std::string(wrong) + "\" is not a network"));
        CHECK_THAT(fronts.error().message, Catch::Matchers::Contains("10.0.0.0/8"));
    }
}
