// What is kept of events until the other end has them.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "sdk/core/session/reliable_log.h"

using namespace tidewire;
using session::ReliableLog;
using session::ReliableMessage;

namespace {

ReliableMessage message(std::size_t bytes, int value) {
    return std::make_shared<const Bytes>(bytes, static_cast<std::byte>(value));
}

std::vector<int> waiting(const ReliableLog& log) {
    std::vector<int> values;
    log.for_each([&](const ReliableMessage& each) { values.push_back(std::to_integer<int>(each->front())); });
    return values;
}

}  // namespace

TEST_CASE("what was acknowledged goes, and the rest stays in order", "[session][resume]") {
    ReliableLog log({.messages_max = 8, .bytes_max = 100});
    for (int i = 1; i <= 5; ++i) log.push(message(10, i));
    CHECK(log.sent() == 5);
    log.acknowledge(2);
    CHECK(waiting(log) == std::vector<int>{3, 4, 5});
    CHECK(log.bytes() == 30);
    // Nothing comes back, and what cannot be changes nothing.
    log.acknowledge(1);
    log.acknowledge(6);
    CHECK(log.waiting() == 3);
    CHECK_FALSE(log.can_go_on_from(1));
    CHECK(log.can_go_on_from(2));
    CHECK(log.can_go_on_from(5));
    CHECK_FALSE(log.can_go_on_from(6));
    log.acknowledge(5);
    CHECK(log.waiting() == 0);
    CHECK(log.bytes() == 0);
    CHECK(log.can_go_on_from(5));
}

TEST_CASE("beyond a limit the oldest goes, and who lacks it cannot go on", "[session][resume]") {
    ReliableLog log({.messages_max = 3, .bytes_max = 100});
    for (int i = 1; i <= 3; ++i) log.push(message(10, i));
    CHECK_FALSE(log.has_room(1));
    CHECK(log.can_go_on_from(0));
    log.push(message(10, 4));
    CHECK_FALSE(log.can_go_on_from(0));
    CHECK(log.can_go_on_from(1));
    log.push(message(90, 5));
    CHECK(waiting(log) == std::vector<int>{4, 5});
    log.push(message(101, 6));
    CHECK(log.waiting() == 0);
    CHECK(log.sent() == 6);
    CHECK_FALSE(log.can_go_on_from(5));
    CHECK(log.can_go_on_from(6));
}
