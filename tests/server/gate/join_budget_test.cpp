// Attempts to join, counted by address.
#include "server/gate/join_budget.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

const Fronts& fronts() {
    static const Fronts trusted = Fronts::parse({"10.0.0.0/8"}).value();
    return trusted;
}

/// How many of 1000 attempts at one instant are let through.
int taken(JoinBudget& budget, const std::string& address, TimePoint now) {
    int count = 0;
    for (int i = 0; i < 1000; ++i) count += budget.take(address, now) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("an address may try to join in a burst, and then at its rate", "[gate][budget]") {
    JoinBudget budget({.per_second = 2, .burst = 5}, fronts());
    const TimePoint now{100s};
    CHECK(taken(budget, "203.0.113.1", now) == 5);
    CHECK(taken(budget, "203.0.113.1", now + 499ms) == 0);
    CHECK(taken(budget, "203.0.113.1", now + 500ms) == 1);
    CHECK(taken(budget, "203.0.113.1", now + 2s) == 3);
    CHECK(taken(budget, "203.0.113.1", now + 1h) == 5);
}

TEST_CASE("addresses have budgets of their own, and a /64 of IPv6 has one", "[gate][budget]") {
    JoinBudget budget({.per_second = 1, .burst = 3}, fronts());
    const TimePoint now{100s};
    CHECK(taken(budget, "203.0.113.1", now) == 3);
    CHECK(taken(budget, "203.0.113.2", now) == 3);
    CHECK(taken(budget, "2001:db8:1:1::1", now) == 3);
    CHECK(taken(budget, "2001:db8:1:1:ffff::9", now) == 0);
    CHECK(taken(budget, "2001:db8:1:2::1", now) == 3);
}

TEST_CASE("who speaks for many has no budget, and without a rate nobody has", "[gate][budget]") {
    JoinBudget budget({.per_second = 1, .burst = 3}, fronts());
    for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "no address"})
        CHECK(taken(budget, address, TimePoint{1s}) == 1000);
    CHECK(budget.size() == 0);
    JoinBudget none({.per_second = 0, .burst = 3}, fronts());
    CHECK(taken(none, "203.0.113.1", TimePoint{1s}) == 1000);
}

TEST_CASE("addresses are forgotten when their budgets are whole, and there is an end to them", "[gate][budget]") {
    JoinBudget budget({.per_second = 1, .burst = 3}, fronts());
    const auto flood = [&](TimePoint now, int first, int count) {
        for (int i = first; i < first + count; ++i)
            REQUIRE(budget.take("198." + std::to_string(i >> 16) + "." + std::to_string((i >> 8) & 255) + "." +
                                    std::to_string(i & 255),
                                now));
    };
    flood(TimePoint{10s}, 0, 5000);
    CHECK(budget.size() == 5000);
    flood(TimePoint{20s}, 5000, 5000);
    CHECK(budget.size() <= 10'000);
    flood(TimePoint{30s}, 10'000, 5000);
    CHECK(budget.size() <= 10'000);
    flood(TimePoint{40s}, 0, 100'000);
    CHECK(budget.size() <= JoinBudget::addresses_max);
    // Those that are remembered are still held to it.
    CHECK(taken(budget, "198.0.0.1", TimePoint{40s}) == 2);
}
