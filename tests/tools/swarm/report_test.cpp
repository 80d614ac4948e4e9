// The report says everything, in both forms.
#include "tools/swarm/report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace tidewire;
using namespace tidewire::swarm;
using namespace std::chrono_literals;

namespace {

Outcome some_outcome() {
    Outcome outcome{.clients = 3, .seconds = 12.34567};
    outcome.tally.joins = 3;
    outcome.tally.joins_succeeded = 2;
    outcome.tally.join_failures.add("the server is \"full\"");
    outcome.tally.disconnects.add("kicked \xff");
    outcome.tally.rtt.add(20ms);
    return outcome;
}

}  // namespace

TEST_CASE("as JSON it holds every figure by its name, and null where there is none", "[swarm][report]") {
    const Outcome outcome = some_outcome();
    const auto verdicts = judge(*parse_objectives("joins_failed<1,rtt_p50_ms<100", false), outcome);
    const auto json = nlohmann::json::parse(
        json_report({.url = "ws://x", .clients = 3, .behaviour = Behaviour::Churn}, outcome, verdicts));
    for (const Figure& figure : figures()) {
        INFO(figure.name);
        REQUIRE(json.contains(figure.name));
        CHECK(json[figure.name].is_null() == !figure.value(outcome));
    }
    CHECK(json["behaviour"] == "churn");
    CHECK(json["seconds"] == 12.346);
    CHECK(json["joins_failed"] == 1);
    CHECK(json["join_failures"]["the server is \"full\""] == 1);
    CHECK(json["disconnect_reasons"].size() == 1);
    CHECK(json["rtt_ms_p50"].get<double>() == Approx(20).epsilon(0.01));
    CHECK(json["server_tick_ms_p99"].is_null());
    CHECK(json["overloaded"] == false);
    REQUIRE(json["objectives"].size() == 2);
    CHECK(json["objectives"][0]["met"] == false);
    CHECK(json["objectives"][1]["figure"] == "rtt_ms_p50");
    CHECK(json["objectives"][1]["met"] == true);
    CHECK(json["met"] == false);
}

TEST_CASE("a swarm that was overloaded says so", "[swarm][report]") {
    Outcome outcome = some_outcome();
    outcome.tally.busiest_share = 0.91;
    const auto json = nlohmann::json::parse(json_report({}, outcome, {}));
    CHECK(json["overloaded"] == true);
    CHECK_THAT(json["notes"][0].get<std::string>(), Catch::Contains("the swarm itself is overloaded"));
    CHECK(json["met"] == true);
}

TEST_CASE("as text it has a line for each figure, reason and objective", "[swarm][report]") {
    const Outcome outcome = some_outcome();
    const std::string text = text_report({.url = "ws://x", .clients = 3}, outcome,
                                         judge(*parse_objectives("joins_failed<1", false), outcome));
    CHECK_THAT(text, Catch::Contains("3 clients, behaviour wander, 12.346 s, ws://x\n"));
    CHECK_THAT(text, Catch::Contains("joins_succeeded         2\n"));
    CHECK_THAT(text, Catch::Contains("join failed 1x          the server is \"full\"\n"));
    CHECK_THAT(text, Catch::Contains("MISSED                  joins_failed<1 (is 1)\n"));
    CHECK_THAT(text, !Catch::Contains("server_"));
}
