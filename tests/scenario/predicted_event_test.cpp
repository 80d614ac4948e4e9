// Events that rules emit: the player has them at once, the others from the server, and each is confirmed or taken back.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using Kind = session::ReceivedEvent::Kind;

namespace {

duel::Move shooting(std::uint32_t number) {
    return {.dx = static_cast<std::int8_t>(number % 3 - 1), .fire = number % 4 == 0};
}
duel::Move still(std::uint32_t) { return {}; }

/// Every event was told once, and what was retracted had been told before. (Where an input came too late the server may say the
/// same of another place: that is another event.)
void check_each_once(const VirtualClient& client) {
    std::vector<duel::Fired> told;
    for (const session::ReceivedEvent& event : client.game_events) {
        if (event.type != event_index<duel::Fired> || event.player != client.peer->session().player()) continue;
        const auto& fired = *static_cast<const duel::Fired*>(event.value.get());
        CHECK(fired.tick == event.tick);
        const bool known = std::find(told.begin(), told.end(), fired) != told.end();
        REQUIRE(known == (event.kind == Kind::Retracted));
        if (!known) told.push_back(fired);
    }
}

struct Figures {
    session::EventCounters own;
    std::size_t seen;  // by another
    std::uint64_t emitted;
};

/// One shoots for a while and then stops, another looks.
Figures run(net::LinkOptions link, std::uint64_t seed, const std::function<void(Duel&)>& prepare = {}) {
    Duel duel;
    if (prepare) prepare(duel);
    VirtualServer server(duel.game, {}, seed);
    VirtualClient& ben = join_duel(server, {.latency = 5ms}, still);
    bool over = false;
    VirtualClient& ann =
        join_duel(server, link, [&over](std::uint32_t number) { return over ? duel::Move{} : shooting(number); });
    server.run_for(20s);
    over = true;
    server.run_for(5s);
    REQUIRE(ann.closed() == nullptr);
    check_each_once(ann);
    return {ann.session().event_counters(), told<duel::Fired>(ben).size(), told<duel::Fired>(ben).size()};
}

}  // namespace

TEST_CASE("without contention every foreseen event is confirmed exactly once, at any round trip", "[scenario][event]") {
    for (const int rtt : {0, 1, 20, 80, 200, 400}) {
        INFO("RTT " << rtt << " ms");
        const Figures figures = run({.latency = Duration(rtt * 500)}, 40 + static_cast<std::uint64_t>(rtt));
        CHECK(figures.own.predicted > 140);
        CHECK(figures.own.confirmed == figures.own.predicted);
        CHECK(figures.own.retracted == 0);
        CHECK(figures.seen == figures.own.confirmed + figures.own.arrived);
        CHECK(figures.own.arrived <= 2);
    }
}

TEST_CASE("over jitter and stalls every event is told once, and foreseen ones end one way or the other",
          "[scenario][event]") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO("seed " << seed);
        const Figures figures = run({.latency = 50ms, .jitter = 40ms, .stall_every = 2s, .stall_for = 400ms}, seed);
        CHECK(figures.own.predicted > 100);
        CHECK(figures.own.predicted == figures.own.confirmed + figures.own.retracted);
        CHECK(figures.own.confirmed > figures.own.predicted / 2);
        CHECK(figures.seen == figures.own.confirmed + figures.own.arrived);
    }
}

TEST_CASE("a link for few ticks loses no event and retracts none", "[scenario][event]") {
    const Figures figures = run({.latency = 40ms, .bytes_per_second = 5000}, 3);
    CHECK(figures.own.predicted == figures.own.confirmed + figures.own.retracted);
    CHECK(figures.own.retracted == 0);
    CHECK(figures.seen == figures.own.confirmed + figures.own.arrived);
}

TEST_CASE("what the server does not say for its tick is retracted, when it is known", "[scenario][event]") {
    Tick jammed = 0;
    const Figures figures = run({.latency = 60ms}, 9, [&](Duel& duel) {
        duel.after_tick = [&](ServerSim& sim) {
            if (sim.tick() != 300) return;
            for (auto [entity, pos] : sim.view<duel::Pos>()) pos.jammed = 12;
            jammed = sim.tick();
        };
    });
    REQUIRE(jammed != 0);
    CHECK(figures.own.retracted >= 1);
    CHECK(figures.own.retracted <= 3);
    CHECK(figures.own.predicted == figures.own.confirmed + figures.own.retracted);
    CHECK(figures.seen == figures.own.confirmed + figures.own.arrived);
}

TEST_CASE("a foreseen event is there before any answer, and its retraction no later than the tick's state",
          "[scenario][event]") {
    Duel duel;
    duel.after_tick = [](ServerSim& sim) {
        for (auto [entity, pos] : sim.view<duel::Pos>()) pos.jammed = 255;
    };
    VirtualServer server(duel.game, {}, 4);
    VirtualClient& ann = join_duel(server, {.latency = 100ms}, still);
    server.run_for(3s);
    bool fire = false;
    // The client still believes that its gun works: it was never told of another state of its rules.
    duel.after_tick = nullptr;
    server.run_for(20s);
    ann.input = [&](std::uint32_t, std::byte* aggregate) {
        *reinterpret_cast<duel::Move*>(aggregate) = {.dx = 0, .fire = fire};
    };
    duel.after_tick = [](ServerSim& sim) {
        for (auto [entity, pos] : sim.view<duel::Pos>()) pos.jammed = 50;
    };
    fire = true;
    server.run_for(40ms);
    REQUIRE(told<duel::Fired>(ann, Kind::Predicted).size() >= 1);
    CHECK(told<duel::Fired>(ann, Kind::Retracted).empty());
    server.run_for(1s);
    CHECK(told<duel::Fired>(ann, Kind::Retracted) == told<duel::Fired>(ann, Kind::Predicted));
    check_each_once(ann);
}
