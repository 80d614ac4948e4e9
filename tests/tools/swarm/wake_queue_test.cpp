// Timers that are set, moved and forgotten.
#include "tools/swarm/wake_queue.h"

#include <catch2/catch.hpp>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::swarm;
using namespace tidewire::test;
using namespace std::chrono_literals;

TEST_CASE("who is due comes in order, once", "[swarm][wake_queue]") {
    WakeQueue queue(3);
    CHECK(queue.poll_timeout() == never);
    queue.set(0, at(30ms));
    queue.set(1, at(10ms));
    queue.set(2, at(20ms));
    CHECK(queue.poll_timeout() == at(10ms));
    CHECK_FALSE(queue.pop(at(9ms)));
    const auto first = queue.pop(at(25ms));
    REQUIRE(first);
    CHECK(first->client == 1);
    CHECK(first->at == at(10ms));
    CHECK(queue.pop(at(25ms))->client == 2);
    CHECK_FALSE(queue.pop(at(25ms)));
    CHECK(queue.poll_timeout() == at(30ms));
}

TEST_CASE("the last word on when somebody is due counts", "[swarm][wake_queue]") {
    WakeQueue queue(1);
    queue.set(0, at(10ms));
    queue.set(0, at(30ms));
    CHECK_FALSE(queue.pop(at(20ms)));
    queue.set(0, at(15ms));
    CHECK(queue.pop(at(20ms))->at == at(15ms));
    CHECK_FALSE(queue.pop(at(40ms)));
    queue.set(0, at(50ms));
    queue.set(0, never);
    CHECK(queue.poll_timeout() == never);
    // The same instant again, after it was forgotten.
    queue.set(0, at(50ms));
    CHECK(queue.pop(at(50ms)));
    CHECK_FALSE(queue.pop(at(50ms)));
}
