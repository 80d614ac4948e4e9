// Turns: who goes first, who waits, and that everybody gets there.
#include "server/room/budget.h"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "sdk/core/base/random.h"

using namespace tidewire;
using namespace tidewire::server;

namespace {

/// What was not chosen waits. Returns what the others take.
Demand write(const std::vector<Candidate>& candidates, const std::vector<std::uint32_t>& chosen,
             std::vector<Subscription>& subscriptions) {
    for (Subscription& each : subscriptions) wait(each);
    Demand cost;
    for (const std::uint32_t i : chosen) {
        subscriptions[i].accumulator = 0;
        (subscriptions[i].own ? cost.own : cost.others) += candidates[i].bytes;
    }
    return cost;
}

/// One client with groups whose bodies always have the same size.
class Client {
public:
    explicit Client(std::size_t bytes_per_tick, std::size_t groups_max = 1024)
        : budget_({.bytes_per_tick = bytes_per_tick, .groups_max = groups_max}) {
        subscriptions_.reserve(3000);
    }

    void add(float priority, std::size_t bytes, bool own = false) {
        subscriptions_.push_back(
            {.group = static_cast<GroupId>(subscriptions_.size()), .own = own, .priority = priority});
        bytes_.push_back(bytes);
        waited.push_back(0);
        longest_wait.push_back(0);
        times.push_back(0);
    }
    /// Returns the bytes of the tick.
    std::size_t tick() {
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < subscriptions_.size(); ++i) candidates.push_back({&subscriptions_[i], bytes_[i]});
        budget_.choose(candidates, allowance_, chosen);
        const Demand cost = write(candidates, chosen, subscriptions_);
        budget_.pay(cost, allowance_);
        for (int& ticks : waited) ++ticks;
        for (const std::uint32_t i : chosen) {
            ++times[i];
            waited[i] = 0;
        }
        for (std::size_t i = 0; i < waited.size(); ++i) longest_wait[i] = std::max(longest_wait[i], waited[i]);
        return cost.own + cost.others;
    }

    std::vector<std::uint32_t> chosen;
    std::vector<int> waited;        // ticks since it was chosen, by group
    std::vector<int> longest_wait;  // by group
    std::vector<int> times;         // that it was chosen, by group

private:
    Budget budget_;
    Allowance allowance_;
    std::vector<Subscription> subscriptions_;
    std::vector<std::size_t> bytes_;
};

using Indexes = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("without a budget every group is chosen at every tick", "[budget]") {
    Client client(0);
    for (int i = 0; i < 5; ++i) client.add(1, 1'000'000);
    for (int tick = 0; tick < 3; ++tick) {
        client.tick();
        CHECK(client.chosen == Indexes{0, 1, 2, 3, 4});
    }
}

TEST_CASE("what fits into the budget never waits", "[budget]") {
    Client client(1000);
    for (int i = 0; i < 10; ++i) client.add(1, 100);
    for (int tick = 0; tick < 100; ++tick) CHECK(client.tick() == 1000);
}

TEST_CASE("own groups are chosen at every tick, however large and however poor the client", "[budget]") {
    Client client(100);
    client.add(1, 90);
    client.add(1, 5000, true);
    client.add(255, 90);
    for (int tick = 0; tick < 1000; ++tick) client.tick();
    CHECK(client.times[1] == 1000);
    CHECK(client.longest_wait[1] == 0);
    // The others live on their quarter.
    CHECK(client.times[0] + client.times[2] == Approx(1000 * 25 / 90).margin(5));
    CHECK(client.times[0] > 0);
}

TEST_CASE("what own groups take beyond their share is paid back by the others' turns", "[budget]") {
    Client client(100);
    client.add(1, 0, true);
    client.add(1, 50);
    client.add(1, 50);
    CHECK(client.tick() == 100);
    const Budget budget({.bytes_per_tick = 100});
    Allowance allowance;
    std::vector<Subscription> subscriptions = {{.group = 0, .own = true}, {.group = 1}, {.group = 2}};
    std::size_t sum = 0;
    Indexes chosen;
    for (int tick = 0; tick < 40; ++tick) {
        const std::size_t own_bytes = tick == 0 ? 350 : 0;
        const std::vector<Candidate> candidates = {
            {&subscriptions[0], own_bytes}, {&subscriptions[1], 50}, {&subscriptions[2], 50}};
        budget.choose(candidates, allowance, chosen);
        CHECK(chosen.front() == 0);
        const Demand cost = write(candidates, chosen, subscriptions);
        budget.pay(cost, allowance);
        sum += cost.own + cost.others;
    }
    CHECK(sum <= 40 * 100 + 50);
    CHECK(sum >= 40 * 100 - 100);
}

TEST_CASE("groups get turns in proportion to their priorities", "[budget]") {
    Client client(100);
    client.add(4, 100);
    client.add(2, 100);
    client.add(1, 100);
    client.add(1, 100);
    for (int tick = 0; tick < 800; ++tick) client.tick();
    CHECK(client.times[0] > client.times[1]);
    CHECK(client.times[1] > client.times[2]);
    CHECK(client.times[2] == Approx(client.times[3]).margin(2));
}

TEST_CASE("a group larger than all that can be saved gets its turn, and the average is kept", "[budget]") {
    Client client(100);
    client.add(1, 5000);
    for (int i = 0; i < 4; ++i) client.add(1, 40);
    std::size_t sum = 0;
    for (int tick = 0; tick < 1000; ++tick) sum += client.tick();
    CHECK(client.times[0] >= 5);
    CHECK(client.times[1] > client.times[0]);
    CHECK(sum <= 1000 * 100 + 5000);
}

TEST_CASE("a quiet time is saved for a burst of four ticks and no more", "[budget]") {
    Client client(100);
    for (int tick = 0; tick < 50; ++tick) client.tick();
    for (int i = 0; i < 20; ++i) client.add(1, 50);
    CHECK(client.tick() == 400);
    CHECK(client.tick() == 100);
}

TEST_CASE("far groups wait longer, none starves, and the budget holds, whatever the sizes", "[budget]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        const std::size_t budget = 1 + random.below(2000);
        Client client(budget);
        const std::uint32_t groups = 2 + random.below(60);
        std::size_t all_bytes = 0;
        std::size_t largest = 0;
        float least_priority = 8;
        for (std::uint32_t i = 0; i < groups; ++i) {
            const float priority = random.range(0.25F, 8);
            const std::size_t bytes = random.below(8) == 0 ? random.below(5000) : random.below(200);
            client.add(priority, bytes);
            all_bytes += bytes;
            largest = std::max(largest, bytes);
            least_priority = std::min(least_priority, priority);
        }
        // The bucket empties all groups once in `round` ticks; one of little priority must wait until its sum is the largest.
        const double round = static_cast<double>(all_bytes) / static_cast<double>(budget) + groups;
        const int ticks = static_cast<int>(round * 8 / double{least_priority} * 4) + 100;
        std::size_t sum = 0;
        for (int tick = 0; tick < ticks; ++tick) sum += client.tick();
        INFO("seed " << seed << ", budget " << budget << ", groups " << groups);
        CHECK(sum <= static_cast<std::size_t>(ticks + 4) * budget + largest);
        for (std::size_t i = 0; i < groups; ++i) {
            CHECK(client.times[i] > 1);
            CHECK(client.longest_wait[i] < ticks / 2);
        }
    }
}

TEST_CASE("of groups of one size the nearer is told at least as often", "[budget]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        Client client(300);
        for (int i = 0; i < 30; ++i) client.add(8.0F / static_cast<float>(1 + i), 100);
        for (int tick = 0; tick < 3000; ++tick) client.tick();
        for (std::size_t i = 1; i < 30; ++i) CHECK(client.times[i] <= client.times[i - 1] + 1);
        CHECK(client.times[29] > 10);
    }
}

TEST_CASE("what was expected wrongly is made good: the average is kept", "[budget]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        const std::size_t bytes_per_tick = 100 + random.below(1000);
        const Budget budget({.bytes_per_tick = bytes_per_tick});
        Allowance allowance;
        std::vector<Subscription> subscriptions(20);
        std::vector<int> times(20);
        std::size_t sum = 0;
        Indexes chosen;
        constexpr std::size_t ticks = 4000;
        for (std::size_t tick = 0; tick < ticks; ++tick) {
            std::vector<Candidate> expected;
            for (const Subscription& each : subscriptions) expected.push_back({&each, random.below(200)});
            budget.choose(expected, allowance, chosen);
            std::vector<Candidate> made = expected;
            for (Candidate& each : made) each.bytes = random.below(2) == 0 ? each.bytes / 2 : each.bytes * 4;
            const Demand cost = write(made, chosen, subscriptions);
            budget.pay(cost, allowance);
            sum += cost.others;
            for (const std::uint32_t i : chosen) ++times[i];
        }
        CHECK(sum <= (ticks + 4) * bytes_per_tick + 20 * 800);
        CHECK(sum >= ticks * std::min<std::size_t>(bytes_per_tick, 20 * 100) * 9 / 10);
        for (const int each : times) CHECK(each > 10);
    }
}

TEST_CASE("of more groups than a message holds own ones come first, then the most urgent, and none starves",
          "[budget]") {
    const std::size_t bytes_per_tick = GENERATE(std::size_t{0}, std::size_t{1'000'000});
    for (const int groups : {1024, 1025, 2500}) {
        CAPTURE(bytes_per_tick, groups);
        Client client(bytes_per_tick);
        for (int i = 0; i < groups; ++i) client.add(1, 10, i % 100 == 99);
        for (int tick = 0; tick < 20; ++tick) {
            client.tick();
            CHECK(client.chosen.size() == 1024);
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(groups); ++i) {
            if (i % 100 == 99) CHECK(client.longest_wait[i] == 0);
            CHECK(client.longest_wait[i] <= (groups + 1023) / 1024);
        }
    }
    Client rich(bytes_per_tick);
    for (int i = 0; i < 2500; ++i) rich.add(1, 10, true);
    for (int tick = 0; tick < 20; ++tick) rich.tick();
    for (const int longest : rich.longest_wait) CHECK(longest <= 3);
}

TEST_CASE("subscriptions follow what is wanted and keep what was written", "[budget]") {
    std::vector<Subscription> subscriptions;
    std::vector<GroupId> ended;
    const std::vector<Wanted> first = {{.group = 0}, {.group = 4, .priority = 2}, {.group = 9}};
    follow_wanted(first, subscriptions, ended);
    REQUIRE(subscriptions.size() == 3);
    CHECK(ended.empty());
    CHECK(subscriptions[1].written == 0);
    subscriptions[0].written = 76;
    subscriptions[1].written = 77;
    subscriptions[1].accumulator = 3;
    const std::vector<Wanted> second = {
        {.group = 2}, {.group = 4, .rate = replication::Rate::Half, .own = true, .priority = 5}, {.group = 11}};
    follow_wanted(second, subscriptions, ended);
    CHECK(ended == std::vector<GroupId>{0});  // of group 9 the client has never heard
    REQUIRE(subscriptions.size() == 3);
    CHECK(subscriptions[0].group == 2);
    CHECK(subscriptions[1].group == 4);
    CHECK(subscriptions[1].written == 77);
    CHECK(subscriptions[1].accumulator == 3);
    CHECK(subscriptions[1].rate == replication::Rate::Half);
    CHECK(subscriptions[1].own);
    CHECK(subscriptions[1].priority == 5);
    CHECK(subscriptions[2].group == 11);
}

TEST_CASE("a group that is wanted again before its end was told begins anew and does not end", "[budget]") {
    std::vector<Subscription> subscriptions = {{.group = 3, .written = 7}, {.group = 5, .written = 7}};
    std::vector<GroupId> ended;
    follow_wanted({}, subscriptions, ended);
    CHECK(ended == std::vector<GroupId>{3, 5});
    const std::vector<Wanted> again = {{.group = 3}};
    follow_wanted(again, subscriptions, ended);
    CHECK(ended == std::vector<GroupId>{5});
    REQUIRE(subscriptions.size() == 1);
    CHECK(subscriptions[0].written == 0);
}

TEST_CASE("subscriptions stay sorted through any sequence of wishes", "[budget]") {
    SeededRandom random(5);
    std::vector<Subscription> subscriptions;
    for (int round = 0; round < 500; ++round) {
        std::vector<Wanted> wanted;
        for (GroupId group = 0; group < 30; ++group)
            if (random.below(2) == 0) wanted.push_back({.group = group});
        std::vector<GroupId> before;
        for (Subscription& each : subscriptions) {
            each.written = random.below(3);
            if (each.written != 0) before.push_back(each.group);
        }
        std::vector<GroupId> ended;
        follow_wanted(wanted, subscriptions, ended);
        REQUIRE(subscriptions.size() == wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE(subscriptions[i].group == wanted[i].group);
        for (const GroupId group : before) {
            const bool stays =
                std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& each) { return each.group == group; });
            REQUIRE((std::count(ended.begin(), ended.end(), group) == 1) == !stays);
        }
        REQUIRE(ended.size() <= before.size());
    }
}

TEST_CASE("all can be had at once only where choosing would take all", "[budget]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    SeededRandom random(seed);
    std::size_t all_at_once = 0;
    for (int round = 0; round < 2000; ++round) {
        const Budget budget({.bytes_per_tick = random.below(4) == 0 ? 0 : 1 + random.below(400)});
        const Allowance allowance{static_cast<std::int64_t>(random.below(600)) - 100, random.below(50)};
        std::vector<Subscription> subscriptions(1 + random.below(6));
        std::vector<Candidate> candidates;
        Demand demand;
        for (Subscription& each : subscriptions) {
            each.own = random.below(3) == 0;
            candidates.push_back({&each, 4 + random.below(100)});
            (each.own ? demand.own : demand.others) += candidates.back().bytes;
        }
        if (!budget.affords(demand, allowance)) continue;
        ++all_at_once;
        Indexes chosen;
        budget.choose(candidates, allowance, chosen);
        CHECK(chosen.size() == candidates.size());
    }
    CHECK(all_at_once > 500);
    CHECK(all_at_once < 1900);
}
