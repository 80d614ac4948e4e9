// The lives of clients, by seed and in virtual time.
#include "tools/swarm/routine.h"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::swarm;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

using Act = Routine::Act;
using Life = std::vector<std::pair<TimePoint, Act>>;

/// Up to `end`, where every join succeeds after 20 ms and every good-bye is answered after 5 ms.
Life live(Routine& routine, TimePoint end) {
    Life life;
    while (routine.poll_timeout() < end) {
        const TimePoint now = routine.poll_timeout();
        const auto act = routine.poll(now);
        REQUIRE(act);
        life.emplace_back(now, *act);
        if (*act == Act::Join) routine.note_playing(now + 20ms);
        if (*act == Act::LeaveCleanly) routine.note_ended(now + 5ms);
        if (*act == Act::LeaveAbruptly) routine.note_ended(now);
    }
    return life;
}

std::size_t count(const Life& life, Act act) {
    std::size_t found = 0;
    for (const auto& each : life) found += each.second == act;
    return found;
}

}  // namespace

TEST_CASE("whoever wanders joins when it is told to, and stays", "[swarm][routine]") {
    Routine routine({.behaviour = Behaviour::Wander}, 1, at(3s));
    CHECK_FALSE(routine.poll(at(2s)));
    CHECK(routine.poll_timeout() == at(3s));
    CHECK(routine.poll(at(3s)) == Act::Join);
    CHECK(routine.poll_timeout() == never);
    routine.note_playing(at(4s));
    CHECK_FALSE(routine.poll(at(4000s)));
    CHECK_FALSE(routine.over());
    routine.note_ended(at(4001s));
    CHECK(routine.over());
    CHECK(routine.poll_timeout() == never);
}

TEST_CASE("a crowd that churns joins as often as it should, and leaves either way", "[swarm][routine]") {
    constexpr std::size_t crowd = 200;
    constexpr double seconds = 300;
    std::size_t joins = 0;
    std::size_t clean = 0;
    std::size_t abrupt = 0;
    for (std::uint64_t seed = 0; seed < crowd; ++seed) {
        Routine routine({.behaviour = Behaviour::Churn, .stay_mean = 10s}, seed, at(0s));
        const Life life = live(routine, at(300s));
        joins += count(life, Act::Join);
        clean += count(life, Act::LeaveCleanly);
        abrupt += count(life, Act::LeaveAbruptly);
    }
    // 200 clients that stay for 10 s make 20 joins a second.
    CHECK(static_cast<double>(joins) / seconds == Approx(20).epsilon(0.05));
    CHECK(static_cast<double>(clean) == Approx(static_cast<double>(abrupt)).epsilon(0.1));
    CHECK(joins - clean - abrupt <= crowd);
}

TEST_CASE("whoever churns and is turned away tries again later, not at once", "[swarm][routine]") {
    Routine routine({.behaviour = Behaviour::Churn, .retry_after = 1s}, 7, at(0s));
    CHECK(routine.poll(at(0s)) == Act::Join);
    routine.note_ended(at(100ms));
    CHECK_FALSE(routine.over());
    CHECK(routine.poll_timeout() == at(1100ms));
    CHECK(routine.poll(at(1100ms)) == Act::Join);
}

TEST_CASE("stalls last from one to eight seconds, and come again", "[swarm][routine]") {
    Routine routine({.behaviour = Behaviour::Stall}, 3, at(0s));
    const Life life = live(routine, at(2000s));
    CHECK(count(life, Act::StandStill) > 80);
    CHECK(count(life, Act::LeaveCleanly) + count(life, Act::LeaveAbruptly) == 0);
    for (std::size_t i = 0; i + 1 < life.size(); ++i) {
        if (life[i].second != Act::StandStill) continue;
        CHECK(life[i + 1].second == Act::GoOn);
        CHECK(life[i + 1].first - life[i].first >= 1s);
        CHECK(life[i + 1].first - life[i].first <= 8s);
    }
}

TEST_CASE("a stall that the end of the connection cuts short is over", "[swarm][routine]") {
    Routine routine({.behaviour = Behaviour::Stall}, 3, at(0s));
    CHECK(routine.poll(at(0s)) == Act::Join);
    routine.note_playing(at(0s));
    CHECK(routine.poll(routine.poll_timeout()) == Act::StandStill);
    routine.note_ended(at(1000s));
    CHECK(routine.over());
    CHECK_FALSE(routine.poll(at(2000s)));
}

TEST_CASE("the same seed is the same life, another one another", "[swarm][routine]") {
    const auto life_of = [](std::uint64_t seed) {
        Routine routine({.behaviour = Behaviour::Churn}, seed, at(0s));
        return live(routine, at(100s));
    };
    CHECK(life_of(5) == life_of(5));
    CHECK(life_of(5) != life_of(6));
}
