// Whole systems in storms: some hundreds of seeds, and with TIDEWIRE_SOAK ten thousand (which tidewire-sim runs on all cores).
// A seed that fails is printed with what happened; tidewire-sim --minutes 1.5 --seed N replays it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "tools/sim/storm/actions.h"
#include "tools/sim/storm/storm.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

#ifdef TIDEWIRE_FEW_STORMS
constexpr std::uint64_t seeds_mostly = 6;
#else
constexpr std::uint64_t seeds_mostly = 80;
#endif

/// A minute and a half compares some 750 states a seed, whichever rooms are drawn.
constexpr auto storm_length = 90s;

std::uint64_t seeds_of_a_case() { return std::getenv("TIDEWIRE_SOAK") != nullptr ? 2500 : seeds_mostly; }

StormReport require_storm(std::uint64_t seed) {
    StormReport report = run_storm({.seed = seed, .length = storm_length, .on_line = {}});
    if (report.broken) {
        std::string lines;
        for (const std::string& line : report.last_lines) lines += line + "\n";
        FAIL("seed " << seed << ": " << *report.broken << "\n" << lines << "again: tidewire-sim --minutes 1.5 --seed " << seed);
    }
    return report;
}

/// A part of all seeds, and whether they were a storm at all.
void check_seeds(std::uint64_t first) {
    SceneCounters sum;
    std::set<std::string> happened;
    for (std::uint64_t seed = first; seed < first + seeds_of_a_case(); ++seed) {
        const StormReport report = require_storm(seed);
        sum.joins += report.counters.joins;
        sum.lost += report.counters.lost;
        sum.resumed += report.counters.resumed;
        sum.moves += report.counters.moves;
        sum.servers += report.counters.servers;
        sum.guests += report.counters.guests;
        for (const auto& [name, count] : report.actions) happened.insert(name);
    }
    CHECK(happened.size() == actions().size());
    CHECK(sum.joins > 5 * seeds_of_a_case());
    CHECK(sum.resumed > 2 * seeds_of_a_case());
    CHECK(sum.moves > seeds_of_a_case());
    CHECK(sum.servers > seeds_of_a_case());
    CHECK(sum.guests.compared > 500 * seeds_of_a_case());
    CHECK(sum.guests.events_down > 100 * seeds_of_a_case());
    CHECK(sum.guests.bulks > seeds_of_a_case());
}

}  // namespace

TEST_CASE("a storm breaks nothing that must hold: a quarter of the seeds", "[storm]") {
    check_seeds(1);
}

TEST_CASE("a storm breaks nothing that must hold: another quarter", "[storm]") {
    check_seeds(10'001);
}

TEST_CASE("a storm breaks nothing that must hold: a third quarter", "[storm]") {
    check_seeds(20'001);
}

TEST_CASE("a storm breaks nothing that must hold: the last quarter", "[storm]") {
    check_seeds(30'001);
}

TEST_CASE("the same seed is the same storm", "[storm]") {
    const StormReport once = require_storm(7);
    const StormReport again = require_storm(7);
    CHECK(once.digest == again.digest);
    CHECK(once.length == again.length);
    CHECK(require_storm(8).digest != once.digest);
}
