// Deltas: what they carry, what they cost, and that a hostile one changes nothing but the error message.

#include "sdk/core/replication/delta.h"

#include <catch2/catch.hpp>

#include "test_schema.h"
#include "tests/sdk/replication/mutation.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Pos;
using sample::Status;
using testing::RandomWorld;
using testing::what_is_wrong;
using tidewire::test::from_hex;
using tidewire::test::to_hex;

namespace {

constexpr std::uint32_t entities_max = 300;

const Layout& layout() {
    static const Layout made(sample::plain_schema());
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

Snapshot take(World& world, const Snapshot* previous = nullptr, Tick tick = 1) {
    QuantizeCounters counters;
    return capture(layout(), world, previous, tick, counters);
}

/// A world of entities 0 to 3, generation 1, of owner 2; 1 and 2 have positions.
struct FourEntities {
    World world{sample::plain_schema(), entities_max};
    Snapshot snapshot;

    FourEntities() {
        for (int i = 0; i < 4; ++i) world.spawn(2);
        Entity(world, world.at(1)).set(Pos{1, 2});
        Entity(world, world.at(2)).set(Pos{3, 4});
        snapshot = take(world);
    }
};

}  // namespace

TEST_CASE("a delta from any older snapshot makes exactly the newer one", "[replication][delta]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    RandomWorld game(sample::plain_schema(), entities_max, seed);
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
    RandomWorld game(sample::plain_schema(), entities_max, 11);
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

TEST_CASE("generated schemas replicate like those written by hand", "[replication][delta]") {
    const SchemaInfo& schema = ::test::Schema::info();
    const Layout generated(schema);
    RandomWorld game(schema, entities_max, 5);
    Snapshot before;
    for (Tick tick = 1; tick <= 200; ++tick) {
        game.mutate(25);
        const Snapshot next = game.capture(generated, tick);
        const auto decoded = apply_delta(generated, before, encode_delta(generated, before, next), tick, entities_max);
        REQUIRE(decoded);
        REQUIRE(first_difference(generated, *decoded, next) == "");
        REQUIRE(what_is_wrong(generated, *decoded, entities_max) == "");
        before = next;
    }
}

TEST_CASE("another entity at the same index inherits nothing", "[replication][delta]") {
    FourEntities four;
    World& world = four.world;
    world.despawn(world.at(1));
    const Entity next(world, world.spawn(3));
    REQUIRE(next.index() == 1);
    SECTION("without components") {}
    SECTION("with the same component and the same values") { next.set(Pos{1, 2}); }
    SECTION("with the same component and another value") { next.set(Pos{1, 5}); }
    SECTION("with another component") { next.set(Status{.health = 1}); }
    const Snapshot after = take(world, &four.snapshot, 2);
    const Snapshot decoded = through_the_wire(four.snapshot, after);
    CHECK(decoded.chunk(0, 0)->column(0)[1] == 2);
    const bool has_position = decoded.chunk(1, 0) != nullptr && (decoded.chunk(1, 0)->present & 2) != 0;
    CHECK(has_position == next.has<Pos>());
}

TEST_CASE("a despawn costs its index alone, however many components go with it", "[replication][delta]") {
    FourEntities four;
    four.world.despawn(four.world.at(1));
    const Snapshot after = take(four.world, &four.snapshot, 2);
    CHECK(to_hex(encode_delta(layout(), four.snapshot, after)) == "01 04 01 01 00 00 00");
    through_the_wire(four.snapshot, after);
}

TEST_CASE("chunks that a delta leaves alone are the baseline's own", "[replication][delta]") {
    World world(sample::plain_schema(), entities_max);
    for (int i = 0; i < 200; ++i) Entity(world, world.spawn(0)).set(Pos{});
    const Snapshot before = take(world);
    Entity(world, world.at(70)).get<Pos>().x = 1;
    const Snapshot decoded = through_the_wire(before, take(world, &before, 2));
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(decoded.chunk(0, i) == before.chunk(0, i));
        CHECK((decoded.chunk(1, i) == before.chunk(1, i)) == (i != 1));
    }
}

TEST_CASE("every proper prefix of a body is refused, and so is a longer one", "[replication][delta]") {
    RandomWorld game(sample::plain_schema(), entities_max, 31);
    game.mutate(300);
    const Snapshot before = game.capture(layout(), 1);
    game.mutate(60);
    Bytes body = encode_delta(layout(), before, game.capture(layout(), 2));
    REQUIRE(body.size() > 200);
    for (std::size_t size = 0; size < body.size(); ++size) {
        CAPTURE(size);
        const auto decoded = apply_delta(layout(), before, ByteSpan(body).first(size), 2, entities_max);
        REQUIRE_FALSE(decoded);
        REQUIRE(decoded.error().blame == Blame::Peer);
        REQUIRE(decoded.error().close_code == 1007);
    }
    body.push_back(std::byte{0});
    CHECK_FALSE(apply_delta(layout(), before, body, 2, entities_max));
}

TEST_CASE("damaged bodies are refused or make a state that the schema allows", "[replication][delta]") {
    const std::uint64_t seed = GENERATE(41U, 42U, 43U, 44U);
    CAPTURE(seed);
    RandomWorld game(sample::plain_schema(), entities_max, seed);
    game.mutate(200);
    Snapshot before = game.capture(layout(), 1);
    int accepted = 0;
    for (Tick tick = 2; tick < 40; ++tick) {
        game.mutate(10);
        const Snapshot next = game.capture(layout(), tick);
        const Bytes body = encode_delta(layout(), before, next);
        for (int i = 0; i < 150; ++i) {
            const Bytes damaged = testing::mutated(body, game.random());
            const auto decoded = apply_delta(layout(), before, damaged, tick, entities_max);
            if (decoded) {
                ++accepted;
                REQUIRE(what_is_wrong(layout(), *decoded, entities_max) == "");
                // Nobody can tell it from a state of ours: it travels on.
                through_the_wire(before, *decoded);
            } else {
                REQUIRE(decoded.error().blame == Blame::Peer);
                REQUIRE(decoded.error().close_code == 1007);
                REQUIRE(decoded.error().message.size() > 10);
            }
        }
        before = next;
    }
    CHECK(accepted > 50);
}

TEST_CASE("a refused body says which table, entity and field", "[replication][delta]") {
    const FourEntities four;
    const auto refused = [&](const char* hex, const char* sentence) {
        CAPTURE(hex);
        const auto decoded = apply_delta(layout(), four.snapshot, from_hex(hex), 2, entities_max);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().message == sentence);
    };
    refused("", "a delta body is shorter than it says");
    refused("00 00", "a delta body has 1 bytes after its end");
    refused("06 03 00 00 00 00", "a delta body has a section for table 5 of 5");
    refused("ff ff ff ff 0f 00", "a delta body has a section for table 4294967294 of 5");
    refused("80 00", "a delta body is shorter than it says");
    refused("01 04 00 00 00", "a delta body is shorter than it says");
    refused("01 04 00 00 00 00 00", "the delta of entity has 1 bytes after its end");
    refused("01 02 00 00 00", "the delta of entity is shorter than it says");
    refused("01 04 01 04 00 00 00", "entity 4 has no entity row to remove");
    refused("01 05 01 ac 02 00 00 00", "entity 300 is beyond the limit of 300");
    refused("01 06 00 01 01 02 04 00 00", "entity 1 has its entity row already");
    refused("01 06 00 01 04 00 04 00 00", "entity 4 has generation 0; the first is 1");
    refused("01 07 00 01 ac 02 02 04 00 00", "entity 300 is beyond the limit of 300");
    refused("01 06 00 00 01 01 01 02 00", "entity 1 changes its generation without being removed");
    refused("01 06 00 00 01 01 04 02 00", "entity 1: entity has no field 2");
    refused("01 06 00 00 01 04 02 02 00", "entity 4 has no entity row to change");
    refused("02 04 01 00 00 00 00", "entity 0 has no sample.Pos row to remove");
    refused("02 06 00 01 01 00 00 00 00", "entity 1 has its sample.Pos row already");
    refused("02 06 00 01 04 00 00 00 00", "sample.Pos is given to entity 4, which is not alive");
    refused("02 08 00 01 00 82 a0 06 00 00 00",
            "entity 0: sample.Pos.x is 51201 on the wire, outside the schema's range");
    refused("02 08 00 00 01 01 02 ff bf 09 00",
            "entity 1: sample.Pos.y is -77624 on the wire, outside the schema's range");
    refused("01 04 01 01 00 00 01 06 00 00 01 01 01 02 00", "entity 1 has no sample.Pos row to change");
    refused("01 04 01 01 00 00 01 06 00 01 01 00 00 00 00", "sample.Pos is given to entity 1, which is not alive");
}

TEST_CASE("a count that the body cannot hold costs no memory", "[replication][delta]") {
    const FourEntities four;
    for (const char* hex :
         {"01 06 ff ff ff ff 0f 00 00", "01 07 00 ff ff ff ff 0f 04 00", "01 08 00 00 ff ff ff ff 0f 00 00"})
        CHECK_FALSE(apply_delta(layout(), four.snapshot, from_hex(hex), 2, entities_max));
}
