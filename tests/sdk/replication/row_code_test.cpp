// Rows of every kind of slot between two ends: what a step of each costs, and that none is lost at the edges.
#include "sdk/core/replication/row_code.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "sdk/core/base/random.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/sdk/replication/two_ends.h"

using namespace tidewire;
using namespace tidewire::replication;
using testing::TwoEnds;

namespace {

constexpr float pi = 3.14159265F;

/// One entity with one component.
template <class Component>
struct One : TwoEnds {
    explicit One(const Component& value) : TwoEnds(sample::schema()), entity(world, world.spawn(0)) {
        entity.set(value);
        step();
    }
    Bytes set(const Component& value, Tick ticks = 1) {
        entity.set(value);
        return step(ticks);
    }
    Entity entity;
};

FieldInfo coordinate(const char* name, double quantum, double limit, std::int16_t integral_of = -1) {
    FieldInfo field{
        .name = name, .scalar = Scalar::Float, .offset = 0, .quantum = quantum, .min = -limit, .max = limit};
    field.integral_of = integral_of;
    if (integral_of >= 0) field.prediction = Prediction::Integral;
    return field;
}

/// Whatever happens to a world of this schema, and however long ago the client heard of it.
void play(const SchemaInfo& schema, std::uint64_t seed) {
    const Layout layout(schema);
    const Codec codec(layout, CodeTables::built_in(), 30);
    testing::RandomWorld game(schema, 100, seed);
    Snapshot before;
    StreamState streams[2];
    StreamState states[2];
    Tick tick = 0;
    for (int i = 0; i < 60; ++i) {
        game.mutate(game.random().below(30));
        tick += 1 + static_cast<Tick>(game.random().next() >> (32 + game.random().below(32))) / 128;
        const Snapshot after = game.capture(layout, tick);
        SnapshotEdit edit(layout, before);
        std::vector<LeftMember> left;
        for (const Coverage coverage : {Coverage::Public, Coverage::Private}) {
            const auto which = static_cast<std::size_t>(coverage);
            Bytes body;
            encode_delta({.codec = codec, .before = before, .after = after, .coverage = coverage}, all_members(after),
                         streams[which], body);
            const auto outcome = decode_body(codec, body, BodyKind::Delta, coverage, tick, {100}, states[which], edit);
            if (!outcome) FAIL(outcome.error().message);
            REQUIRE(states[which] == streams[which]);
            left.insert(left.end(), outcome->left.begin(), outcome->left.end());
        }
        for (const LeftMember& member : left)
            if (!states[0].members.has(member.entity.index)) edit.remove_entity(member.entity.index);
        const Snapshot made = std::move(edit).finish(tick);
        REQUIRE(first_difference(layout, made, after) == "");
        before = after;
    }
}

}  // namespace

TEST_CASE("an angle goes the short way across the edge of its circle", "[replication][row]") {
    One<sample::Body> one({.heading = pi - 0.004F, .rotation = {0, 0, 0, 1}});
    const Bytes across = one.set({.heading = -pi + 0.004F, .rotation = {0, 0, 0, 1}});
    const Bytes back = one.set({.heading = pi - 0.004F, .rotation = {0, 0, 0, 1}});
    CHECK(across.size() <= 8);
    CHECK(back.size() <= 8);
    // Every step to every other, half a circle among them.
    for (float from = -pi; from <= pi; from += 0.7F)
        for (float to = -pi; to <= pi; to += 0.1F) {
            one.set({.heading = from, .spin = static_cast<double>(to), .rotation = {0, 0, 0, 1}});
            one.set({.heading = to, .spin = static_cast<double>(-from), .rotation = {0, 0, 0, 1}});
        }
    one.set({.heading = 0, .rotation = {0, 0, 0, 1}});
    one.set({.heading = pi, .rotation = {0, 0, 0, 1}});
    one.set({.heading = 0, .rotation = {0, 0, 0, 1}});
}

TEST_CASE("a change goes round the circle the shorter way, and comes where it should", "[replication][row]") {
    for (const auto& range : {std::pair{-4, 3}, {-4, 4}, {0, 0}, {-1, 0}, {-1073741824, 1073741823}}) {
        const std::int32_t first = range.first;
        const std::int32_t last = range.second;
        SlotModel model{};
        model.kind = SlotKind::Angle;
        model.first = first;
        model.last = last;
        const std::int64_t circle = std::int64_t{last} - first + 1;
        SeededRandom random(1);
        for (int i = 0; i < 200; ++i) {
            const auto step = [&] {
                return static_cast<std::int32_t>(
                    first + static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(circle)));
            };
            const std::int32_t before = step();
            const std::int32_t after = step();
            const std::int64_t change = row_code::change_of(model, before, after);
            CAPTURE(first, last, before, after, change);
            REQUIRE(change >= -(circle / 2));
            REQUIRE(change < (circle + 1) / 2);
            REQUIRE((before + change - after) % circle == 0);
            REQUIRE(row_code::apply(model, before, static_cast<std::int32_t>(change)) == after);
        }
    }
}

TEST_CASE("a quaternion whose largest number changes is told whole, and goes on from there", "[replication][row]") {
    One<sample::Body> one({.rotation = {0, 0, 0, 1}});
    SeededRandom random(4);
    float angle = 0;
    float axis[3] = {0.6F, 0.0F, 0.8F};
    for (int i = 0; i < 300; ++i) {
        angle += 0.11F;
        if (i % 40 == 0) std::swap(axis[random.below(3)], axis[random.below(3)]);
        const float sine = std::sin(angle / 2);
        one.set({.rotation = {axis[0] * sine, axis[1] * sine, axis[2] * sine, std::cos(angle / 2)}});
        // Who heard of none of it gets what the stream remembers, too.
        if (i % 10 == 3) one.catch_up(Snapshot{}, StreamState{});
    }
    const Snapshot before = one.client;
    const StreamState had = one.state;
    one.set({.rotation = {1, 0, 0, 0}});
    one.catch_up(before, had);
    one.set({.rotation = {0, 1, 0, 0}});
    one.catch_up(before, had);
}

TEST_CASE("every bit of exact numbers arrives, whatever they were before", "[replication][row]") {
    using Int64 = std::numeric_limits<std::int64_t>;
    One<sample::Exact> one({});
    for (const std::int64_t id : {Int64::max(), Int64::min(), std::int64_t{-1}, std::int64_t{0x80000000},
                                  std::int64_t{0xffffffff}, std::int64_t{0x7fffffff}, std::int64_t{0}}) {
        one.set({.id = id,
                 .mask = static_cast<std::uint64_t>(~id),
                 .precise = static_cast<double>(id % 1000) / 7,
                 .raw = -0.0F,
                 .wide = static_cast<std::int32_t>(id >> 1)});
        CHECK(one.entity.get<sample::Exact>().id == id);
        one.set({.id = id ^ 1, .mask = 1, .precise = -1e9, .raw = std::numeric_limits<float>::infinity()});
    }
    One<sample::Status> flags({});
    for (const std::uint32_t value : {0xffffffffU, 0x80000000U, 0x7fffffffU, 0U, 1U, 0xffffffffU}) {
        flags.set({.flags = value});
        CHECK(flags.client.chunk(2, 0)->column(1)[0] == static_cast<std::int32_t>(value));
    }
}

TEST_CASE("records of no bytes come, change and go", "[replication][row]") {
    One<sample::Name> one(sample::Name{});
    REQUIRE(one.client.chunk(5, 0)->records[0]->empty());
    one.set({.text = "Zo\xc3\xab", .level = -3});
    CHECK_FALSE(one.client.chunk(5, 0)->records[0]->empty());
    one.set(sample::Name{});
    CHECK(one.client.chunk(5, 0)->records[0]->empty());
    one.entity.remove<sample::Name>();
    one.step();
    CHECK(one.client.chunk(5, 0) == nullptr);
    one.set(sample::Name{});
    one.catch_up(Snapshot{}, StreamState{});
}

TEST_CASE("an integral costs next to nothing while its rate says all", "[replication][row]") {
    One<sample::Body> one({.px = -500, .vx = 9, .rotation = {0, 0, 0, 1}});
    std::size_t bytes = 0;
    for (int i = 1; i <= 60; ++i)
        bytes += one.set({.px = -500 + 0.3F * static_cast<float>(i), .vx = 9, .rotation = {0, 0, 0, 1}}).size();
    CHECK(bytes < 60 * 7);
}

TEST_CASE("an integral whose rate over many ticks leads far beyond its range arrives", "[replication][row]") {
    One<sample::Body> one({.px = 1, .vx = 40, .rotation = {0, 0, 0, 1}});
    for (const Tick ticks : {1U, 100U, 5'000U, 1'000'000U, 0x40000000U, 0x40000000U}) {
        const Snapshot before = one.client;
        const StreamState had = one.state;
        one.set({.px = ticks % 3 == 0 ? 512.0F : -512.0F, .vx = -40, .rotation = {0, 0, 0, 1}}, ticks);
        one.catch_up(before, had);
        one.set({.px = 2, .vx = 40, .rotation = {0, 0, 0, 1}});
    }
}

TEST_CASE("a fast rate of a slot with a small range has a residual that the slot can tell", "[replication][row]") {
    OwnedSchema schema("fast");
    const StructInfo info{.name = "fast.Body", .size = 0, .alignment = 1};
    schema.add_struct(Role::Component, info, {coordinate("x", 1, 3, 1), coordinate("v", 1, 1e6)});
    for (std::uint64_t seed = 1; seed <= 10; ++seed) play(schema.info(), seed);
}

TEST_CASE("integrals of integrals, and a circle of them, travel", "[replication][row]") {
    OwnedSchema schema("rates");
    const StructInfo info{.name = "rates.Body", .size = 0, .alignment = 1};
    schema.add_struct(Role::Component, info,
                      {coordinate("x", 0.01, 500, 1), coordinate("v", 0.1, 50, 2), coordinate("a", 0.1, 50)});
    schema.add_struct(Role::Component, info, {coordinate("a", 0.01, 500, 1), coordinate("b", 0.1, 50, 0)});
    for (std::uint64_t seed = 1; seed <= 10; ++seed) play(schema.info(), seed);
}

TEST_CASE("rows of any schema arrive after any number of ticks", "[replication][row]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        const OwnedSchema schema = testing::random_schema(random);
        play(schema.info(), seed);
    }
}
