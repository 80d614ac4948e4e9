// Limits of connections, in all and of each address.
#include "server/gate/connection_census.h"

#include <catch2/catch.hpp>
#include <iterator>
#include <list>

using namespace tidewire;
using server::CensusLimits;
using server::ConnectionCensus;
using server::Fronts;
using Verdict = ConnectionCensus::Verdict;

TEST_CASE("beyond the limit a few are let in to be told, and beyond those nobody", "[gate][census][H01]") {
    const Fronts nobody;
    ConnectionCensus census({.connections_max = 3, .reserve = 2}, nobody);
    std::list<ConnectionCensus::Entry> entries;
    for (const Verdict expected :
         {Verdict::Welcome, Verdict::Welcome, Verdict::Welcome, Verdict::Surplus, Verdict::Surplus}) {
        entries.push_back(census.enter("10.0.0.1"));
        CHECK(entries.back().verdict() == expected);
    }
    CHECK(census.enter("10.0.0.2").verdict() == Verdict::Refused);
    CHECK(census.connections() == 5);
    entries.erase(std::next(entries.begin()));
    CHECK(census.connections() == 4);
    entries.push_back(census.enter("10.0.0.2"));
    CHECK(entries.back().verdict() == Verdict::Welcome);
    entries.clear();
    CHECK(census.connections() == 0);
}

TEST_CASE("of one address there are only so many, of IPv6 by its first 64 bits", "[gate][census][H01]") {
    const Fronts fronts = Fronts::parse({"192.0.2.0/24"}).value();
    ConnectionCensus census({.connections_max = 100, .reserve = 10, .per_address_max = 2}, fronts);
    std::list<ConnectionCensus::Entry> entries;
    const auto enter = [&](const char* address) {
        entries.push_back(census.enter(address));
        return entries.back().verdict();
    };
    CHECK(enter("203.0.113.5") == Verdict::Welcome);
    CHECK(enter("203.0.113.5") == Verdict::Welcome);
    CHECK(enter("203.0.113.5") == Verdict::Crowded);
    CHECK(enter("203.0.113.6") == Verdict::Welcome);
    CHECK(enter("2001:db8:1:2::1") == Verdict::Welcome);
    CHECK(enter("2001:db8:1:2:ffff::9") == Verdict::Welcome);
    CHECK(enter("2001:db8:1:2:3:4:5:6") == Verdict::Crowded);
    CHECK(enter("2001:db8:1:3::1") == Verdict::Welcome);
    for (int i = 0; i < 5; ++i) {
        CHECK(enter("127.0.0.1") == Verdict::Welcome);
        CHECK(enter("::1") == Verdict::Welcome);
        CHECK(enter("192.0.2.7") == Verdict::Welcome);
        CHECK(enter("no address") == Verdict::Welcome);
    }
    entries.clear();
    CHECK(enter("203.0.113.5") == Verdict::Welcome);
}

TEST_CASE("who asks for a place again has the one that he has", "[gate][census][H01]") {
    const Fronts nobody;
    ConnectionCensus census({.connections_max = 100, .reserve = 10, .per_address_max = 2}, nobody);
    ConnectionCensus::Entry first = census.enter("203.0.113.5");
    ConnectionCensus::Entry second = census.enter("203.0.113.5");
    ConnectionCensus::Entry third = census.enter("203.0.113.5");
    for (ConnectionCensus::Entry* const entry : {&first, &second, &third}) census.set_address(*entry, "203.0.113.5");
    CHECK(first.verdict() == Verdict::Welcome);
    CHECK(second.verdict() == Verdict::Welcome);
    CHECK(third.verdict() == Verdict::Crowded);
}

TEST_CASE("whom a front speaks for is counted as himself", "[gate][census][H01]") {
    const Fronts fronts = Fronts::parse({"192.0.2.0/24"}).value();
    ConnectionCensus census({.connections_max = 3, .reserve = 2, .per_address_max = 1}, fronts);
    ConnectionCensus::Entry one = census.enter("192.0.2.7");
    ConnectionCensus::Entry other = census.enter("192.0.2.7");
    census.set_address(one, "203.0.113.5");
    CHECK(one.verdict() == Verdict::Welcome);
    census.set_address(other, "203.0.113.5");
    CHECK(other.verdict() == Verdict::Crowded);
    // He stands in the reserve now, and takes nobody's place.
    const ConnectionCensus::Entry third = census.enter("203.0.113.6");
    const ConnectionCensus::Entry fourth = census.enter("203.0.113.7");
    CHECK(third.verdict() == Verdict::Welcome);
    CHECK(fourth.verdict() == Verdict::Welcome);
    CHECK(census.connections() == 4);
}

TEST_CASE("who joins anew counts with those of its address whose places are kept", "[gate][census][resume]") {
    const Fronts nobody;
    ConnectionCensus census({.connections_max = 100, .per_address_max = 3}, nobody);
    std::list<ConnectionCensus::Away> away;
    for (int i = 0; i < 3; ++i) {
        const ConnectionCensus::Entry joined = census.enter("203.0.113.5");
        REQUIRE(joined.verdict() == Verdict::Welcome);
        CHECK(census.may_join(joined) == (away.size() < 3));
        away.push_back(census.keep_place(joined));
    }
    // A connection may be had, for who comes back needs one.
    const ConnectionCensus::Entry another = census.enter("203.0.113.5");
    CHECK(another.verdict() == Verdict::Welcome);
    CHECK_FALSE(census.may_join(another));
    CHECK(census.may_join(census.enter("203.0.113.6")));
    CHECK(census.may_join(census.enter("127.0.0.1")));
    away.pop_front();
    CHECK(census.may_join(another));
    ConnectionCensus::Away moved = std::move(away.front());
    CHECK(census.may_join(another));
    moved = {};
    away.clear();
    CHECK(census.may_join(another));
}
