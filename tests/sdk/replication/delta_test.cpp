// Deltas: what they carry, what they cost, and that a hostile one changes nothing but the error message.

#include "sdk/core/replication/delta.h"

#include <catch2/catch.hpp>

#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;
using testing::RandomWorld;
using testing::what_is_wrong;

namespace {

constexpr std::uint32_t entities_max = 300;

const Layout& layout() {
    static const Layout made(sample::schema());
    return made;
}

/// Encodes and applies; the decoded state must be `next`.
Snapshot through_the_wire(const Snapshot& baseline, const Snapshot& next) {
    const Bytes body = encode_delta(layout(), baseline, next);
    auto decoded = apply_delta(layout(), baseline, body, next.tick, entities_max);
    if (!decoded) FAIL(decoded.error().message);
    CHECK(decoded->tick == next.tick);
    CHECK(first_difference(layout(), *decoded, next) == "");
    CHECK(same_state(*decoded, next));
    return std::move(decoded).value();
}

}  // namespace

TEST_CASE("a delta from any older snapshot makes exactly the newer one", "[replication][delta]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    RandomWorld game(sample::schema(), entities_max, seed);
    SnapshotRing ring(32);
    for (Tick tick = 1; tick <= 400; ++tick) {
        game.mutate(game.random().below(40));
        const Snapshot& next = ring.push(game.capture(layout(), tick));
        REQUIRE(what_is_wrong(layout(), next, entities_max) == "");
        const auto held = static_cast<std::uint32_t>(ring.all().size());
        const Snapshot& baseline = ring.all()[game.random().below(held)];
        CAPTURE(tick, baseline.tick);
        const Snapshot decoded = through_the_wire(baseline, next);
        CHECK(what_is_wrong(layout(), decoded, entities_max) == "");
        CHECK(state_hash(decoded) == state_hash(next));
        through_the_wire(Snapshot{}, next);
        through_the_wire(next, Snapshot{.tick = tick, .tables = {}});
    }
    CHECK(game.counters().nan > 0);
    CHECK(game.counters().saturated > 0);
}

TEST_CASE("a client that applies each delta to what it decoded before stays equal", "[replication][delta]") {
    RandomWorld game(sample::schema(), entities_max, 11);
    Snapshot before;
    Snapshot client;
    for (Tick tick = 1; tick <= 300; ++tick) {
        game.mutate(20);
        const Snapshot next = game.capture(layout(), tick);
        const Bytes body = encode_delta(layout(), before, next);
        auto decoded = apply_delta(layout(), client, body, tick, entities_max);
        REQUIRE(decoded);
        client = *decoded;
        before = next;
        REQUIRE(first_difference(layout(), client, next) == "");
    }
}
