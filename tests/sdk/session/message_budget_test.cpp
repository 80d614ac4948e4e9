// How much of each kind of message one client may send, and that it is counted.
#include "sdk/core/session/message_budget.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace tidewire;
using namespace tidewire::session;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start{100s};
constexpr std::uint16_t tick_rate = 30;

/// How many are taken at once.
std::uint64_t burst_of(MessageClass kind, const MessageRates& rates = {}) {
    MessageCounts counts;
    MessageBudget budget(rates, start);
    budget.begin(tick_rate, &counts, start);
    while (budget.take(kind, 0, start) == nullptr) {}
    CHECK(counts.refused[static_cast<std::size_t>(kind)] == 1);
    return counts.taken[static_cast<std::size_t>(kind)];
}

}  // namespace

TEST_CASE("each kind of message has its burst and its rate", "[session][budget]") {
    const MessageRates rates;
    CHECK(burst_of(MessageClass::Input) == 600);  // five seconds of four a tick
    CHECK(burst_of(MessageClass::Suspend) == 600);
    CHECK(burst_of(MessageClass::Resume) == 64);
    CHECK(burst_of(MessageClass::Desync) == 64);
    CHECK(burst_of(MessageClass::Event) == 300);
    CHECK(burst_of(MessageClass::Request) == 300);
    CHECK(burst_of(MessageClass::Ping) == 60);
    CHECK(burst_of(MessageClass::Pong) == 60);

    MessageBudget budget(rates, start);
    budget.begin(tick_rate, nullptr, start);
    while (budget.take(MessageClass::Ping, 0, start) == nullptr) {}
    CHECK(budget.take(MessageClass::Ping, 0, start + 49ms) != nullptr);
    CHECK(budget.take(MessageClass::Ping, 0, start + 51ms) == nullptr);
}

TEST_CASE("kinds that cost the same share a budget, and others do not", "[session][budget]") {
    MessageBudget budget({}, start);
    budget.begin(tick_rate, nullptr, start);
    while (budget.take(MessageClass::Desync, 0, start) == nullptr) {}
    CHECK(budget.take(MessageClass::Resume, 0, start) != nullptr);
    CHECK(budget.take(MessageClass::Input, 0, start) == nullptr);
    while (budget.take(MessageClass::Event, 0, start) == nullptr) {}
    CHECK(budget.take(MessageClass::Request, 0, start) != nullptr);
    CHECK(budget.take(MessageClass::Pong, 0, start) == nullptr);
}

TEST_CASE("bytes of events have a budget of their own", "[session][budget]") {
    MessageBudget budget({}, start);
    budget.begin(tick_rate, nullptr, start);
    std::size_t bytes = 0;
    while (budget.take(MessageClass::Event, 8000, start) == nullptr) bytes += 8000;
    CHECK(bytes == 128'000);
}

TEST_CASE("there are no inputs before there is a room for them", "[session][budget]") {
    MessageBudget budget({}, start);
    CHECK(budget.take(MessageClass::Input, 0, start) != nullptr);
}

TEST_CASE("each kind has a name of its own, and a sentence for who goes beyond", "[session][budget]") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < message_class_count; ++i) names.insert(name_of(static_cast<MessageClass>(i)));
    CHECK(names.size() == message_class_count);
}
