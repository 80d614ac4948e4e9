// Whose answer counts.
#include "sdk/core/session/ping_log.h"

#include <catch2/catch.hpp>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using session::PingLog;

TEST_CASE("an answer counts once, by the instant at which the ping left", "[session][ping]") {
    PingLog log;
    const wire::Ping first = log.next(at(1s));
    const wire::Ping second = log.next(at(2s));
    CHECK(first.id != second.id);
    CHECK(second.sent_us == at(2s).time_since_epoch().count());
    CHECK(log.take({.id = second.id, .sent_us = 0}) == at(2s));
    CHECK_FALSE(log.take({.id = second.id}).has_value());
    CHECK(log.take({.id = first.id}) == at(1s));
}

TEST_CASE("answers to nothing are nothing", "[session][ping]") {
    PingLog log;
    for (const std::uint32_t id : {0U, 1U, 64U, 4294967295U}) CHECK_FALSE(log.take({.id = id}).has_value());
    for (int i = 0; i < 65; ++i) log.next(at(i * 1s));
    CHECK_FALSE(log.take({.id = 1}).has_value());  // 64 later ones have taken its place
    CHECK(log.take({.id = 2}) == at(1s));
    CHECK_FALSE(log.take({.id = 66}).has_value());
}

TEST_CASE("it knows how many are unanswered, of those that it remembers", "[session][ping]") {
    PingLog log;
    CHECK(log.unanswered() == 0);
    for (int i = 0; i < 100; ++i) log.next(at(i * 1s));
    CHECK(log.unanswered() == 64);
    CHECK(log.take({.id = 100}));
    CHECK_FALSE(log.take({.id = 100}));
    CHECK(log.unanswered() == 63);
    // In the place of the one that was answered.
    for (int i = 0; i < 64; ++i) log.next(at(i * 1s));
    CHECK(log.unanswered() == 64);
}
