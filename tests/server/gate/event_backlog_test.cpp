// What is kept of events until the stream has taken them.
#include "server/gate/event_backlog.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::server;

TEST_CASE("a message stays until its last byte is transmitted, and is shared by all queues", "[gate][event]") {
    const auto message = std::make_shared<const Bytes>(Bytes(100));
    EventBacklog one;
    EventBacklog other;
    one.push(message, 102);
    one.push(message, 204);
    other.push(message, 5000 + 102);
    CHECK(message.use_count() == 4);
    CHECK(one.count() == 2);
    CHECK(one.bytes() == 200);
    one.note_transmitted(101);
    CHECK(one.count() == 2);
    one.note_transmitted(1);
    CHECK(one.count() == 1);
    one.note_transmitted(102);
    CHECK(one.count() == 0);
    CHECK(one.bytes() == 0);
    other.note_transmitted(5000);
    CHECK(other.count() == 1);
    CHECK(message.use_count() == 2);
}

TEST_CASE("events wait when the stream was offered them and has not taken all", "[gate][event]") {
    const auto message = std::make_shared<const Bytes>(Bytes(100));
    EventBacklog backlog;
    for (std::size_t i = 1; i <= 300; ++i) backlog.push(message, 102 * i);
    CHECK_FALSE(backlog.waits());
    backlog.note_offered(102 * 300);
    CHECK(backlog.waits());
    backlog.note_transmitted(102 * 300 - 1);
    CHECK(backlog.waits());
    backlog.push(message, 103);
    backlog.note_transmitted(1);
    CHECK_FALSE(backlog.waits());
    CHECK(backlog.count() == 1);
}
