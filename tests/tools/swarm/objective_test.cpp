// Objectives: what is understood, what is refused, and what counts as met.
#include "tools/swarm/objective.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using namespace tidewire::swarm;

TEST_CASE("a list of objectives is read as it is written", "[swarm][objective]") {
    const auto objectives = parse_objectives("late_input_pct<0.1, state_age_p99_ms < 150,joins_succeeded>1e3", false);
    REQUIRE(objectives);
    REQUIRE(objectives->size() == 3);
    CHECK((*objectives)[0].text == "late_input_pct<0.1");
    CHECK((*objectives)[0].below);
    CHECK((*objectives)[0].limit == 0.1);
    CHECK((*objectives)[1].figure == find_figure("state_age_ms_p99"));
    CHECK((*objectives)[2].limit == 1000);
    CHECK_FALSE((*objectives)[2].below);
    CHECK(parse_objectives("", false)->empty());
    CHECK(parse_objectives("  ", false)->empty());
}

TEST_CASE("an objective that cannot be judged is refused, and what is known is named", "[swarm][objective]") {
    const struct {
        const char* text;
        const char* complaint;
    } cases[] = {
        {"latency<5", "\"latency\", which is no figure; known are joins, "},
        {"joins", "compares nothing; write NAME<NUMBER or NAME>NUMBER"},
        {"joins<", "compares with \"\", which is no number"},
        {"joins<5ms", "compares with \"5ms\", which is no number"},
        {"joins<=5", "compares with \"=5\", which is no number"},
        {"joins<nan", "which is no number"},
        {"joins>1,", "the objective \"\" compares nothing"},
        {",", "compares nothing"},
        {"server_tick_ms_p99<33", "only --metrics asks it for"},
    };
    for (const auto& [text, complaint] : cases) {
        INFO(text);
        const auto objectives = parse_objectives(text, false);
        REQUIRE_FALSE(objectives);
        CHECK(objectives.error().blame == Blame::Caller);
        CHECK_THAT(objectives.error().message, Catch::Contains(complaint));
    }
    CHECK(parse_objectives("server_tick_ms_p99<33", true));
}

TEST_CASE("what lies at the limit or was not measured is not met", "[swarm][objective]") {
    Outcome outcome;
    outcome.tally.joins = 10;
    const auto verdicts =
        judge(*parse_objectives("joins<10,joins>10,joins<11,joins>9,rtt_ms_p99<1000", false), outcome);
    REQUIRE(verdicts.size() == 5);
    CHECK_FALSE(verdicts[0].met);
    CHECK_FALSE(verdicts[1].met);
    CHECK(verdicts[2].met);
    CHECK(verdicts[3].met);
    CHECK_FALSE(verdicts[4].met);
    CHECK_FALSE(verdicts[4].value);
    CHECK_FALSE(all_met(verdicts));
    CHECK(all_met({}));
}
