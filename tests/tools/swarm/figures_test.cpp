// Figures have names of their own, and say when there was nothing to measure.
#include "tools/swarm/figures.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace tidewire;
using namespace tidewire::swarm;
using namespace std::chrono_literals;

TEST_CASE("every figure is found by its name, and by the name with its unit last", "[swarm][figures]") {
    std::set<std::string> names;
    for (const Figure& figure : figures()) {
        INFO(figure.name);
        CHECK(names.insert(figure.name).second);
        CHECK(find_figure(figure.name) == &figure);
    }
    CHECK(find_figure("state_age_p99_ms") == find_figure("state_age_ms_p99"));
    REQUIRE(find_figure("state_age_p99_ms") != nullptr);
    for (const char* name : {"", "_ms", "rtt", "rtt_ms", "x_ms", "p99_ms"}) CHECK(find_figure(name) == nullptr);
}

TEST_CASE("a run in which nothing happened has counts of zero and no latencies", "[swarm][figures]") {
    const Outcome nothing;
    for (const char* name : {"joins", "joins_failed", "disconnects", "inputs", "desyncs"})
        CHECK(find_figure(name)->value(nothing) == 0.0);
    for (const char* name : {"join_ms_p50", "late_input_pct", "state_age_ms_p99", "rtt_ms_p50", "ticks_per_second",
                             "client_rss_kb_each", "lag_ms_p99", "server_tick_ms_p99", "server_turn_ms_p99"})
        CHECK_FALSE(find_figure(name)->value(nothing));
}

TEST_CASE("rates are for one client and second, of all threads together", "[swarm][figures]") {
    Outcome outcome{.clients = 10, .rss_mb = 3, .rss_before_mb = 1};
    Tally tally{.client_seconds = 20};
    tally.settled.ticks = 600;
    tally.settled.inputs = 500;
    tally.settled.inputs_late = 1;
    tally.busiest_share = 0.95;
    tally.disconnects.add("gone");
    tally.lag.add(40ms);
    outcome.tally.merge(tally);
    outcome.tally.merge(tally);
    CHECK(find_figure("ticks_per_second")->value(outcome) == 30.0);
    CHECK(*find_figure("late_input_pct")->value(outcome) == Approx(0.2));
    CHECK(find_figure("disconnects")->value(outcome) == 2.0);
    CHECK(*find_figure("client_rss_kb_each")->value(outcome) == Approx(200));
    CHECK(overloaded(outcome));
    CHECK(late_itself(outcome));
}

TEST_CASE("reasons that name each client do not grow without end, and cannot speak to a terminal", "[swarm][reasons]") {
    Reasons reasons;
    for (int i = 0; i < 1000; ++i) reasons.add("client " + std::to_string(i));
    reasons.add("client 1");
    reasons.add("\x1b[2J");
    CHECK(reasons.total() == 1002);
    CHECK(reasons.by_text().size() <= Reasons::kinds_max + 1);
    CHECK(reasons.by_text().at("client 1") == 2);
    for (const auto& [text, times] : reasons.by_text()) CHECK(text.find('\x1b') == std::string::npos);
}
