// The pump needs no thread: whoever has none drives it by itself.
#include "sdk/client/link.h"

#include <catch2/catch.hpp>

#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/client/test_server.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// Pumps until `done()`, and sleeps as the link says.
template <class Done>
void pump_until(Link& link, Done done) {
    const TimePoint deadline = net::now() + net::patience;
    for (link.pump(net::now()); !done(); link.pump(net::now())) {
        const TimePoint now = net::now();
        REQUIRE(now < deadline);
        const Link::Rest rest = link.rest();
        net::wait(rest.fd, rest.interest, std::min(rest.until, deadline) - now);
    }
}

Link link_to(const std::string& url, const ClientOptions& options = {}) {
    return Link(::test::Schema::info(), options, *net::parse_url(url), net::now());
}

}  // namespace

TEST_CASE("one loop in one thread joins, acknowledges and leaves", "[client][link]") {
    TestServer server;
    Link link = link_to(server.url());
    CHECK_FALSE(link.started());
    link.start(link.destination().dial(net::now()), net::now());
    CHECK(link.started());
    pump_until(link, [&] { return link.session().counters().ticks >= 5; });
    CHECK(link.session().state() == session::ClientState::Playing);
    pump_until(link, [&] { return link.session().latency(net::now()).samples > 2; });
    link.close(net::now());
    pump_until(link, [&] { return link.finished(); });
    CHECK_FALSE(link.failed());
    CHECK(link.rest().fd == -1);
    CHECK(link.rest().until == never);
    CHECK(server.seen().close_code == 1000);
}

TEST_CASE("a link that was never started keeps its time limit, and is closed at once", "[client][link]") {
    Link link = link_to("ws://localhost:7777", {.connect_timeout = 50ms});
    const TimePoint begin = net::now();
    CHECK(link.rest().until <= begin + 50ms);
    link.pump(begin);
    CHECK_FALSE(link.finished());
    SECTION("closed") {
        link.close(begin);
        CHECK(link.finished());
    }
    SECTION("forgotten") {
        link.pump(begin + 1s);
        CHECK(link.finished());
        CHECK(link.failed());
    }
    // An answer of the name service comes too late.
    link.start(unexpected(Blame::Machine, "no such host"), begin + 2s);
    link.pump(begin + 2s);
    CHECK(link.finished());
    link.close(begin + 2s);
}

TEST_CASE("links that share a room and a route join as others do", "[client][link]") {
    TestServer server;
    const auto route = net::Route::find(*net::parse_url(server.url()), {}, {});
    REQUIRE(route);
    CHECK_FALSE(route->addresses.empty());
    Bytes room(64 * 1024);
    Link link = link_to(server.url());
    link.start(net::Dialer::start(*route, net::now()), net::now());
    const TimePoint deadline = net::now() + net::patience;
    for (link.pump(net::now(), room); link.session().counters().ticks < 3; link.pump(net::now(), room)) {
        const TimePoint now = net::now();
        REQUIRE(now < deadline);
        const Link::Rest rest = link.rest();
        net::wait(rest.fd, rest.interest, std::min(rest.until, deadline) - now);
    }
    CHECK(link.session().state() == session::ClientState::Playing);
}
