// Bodies: what a client makes of them is what the server has, whichever way it came there.
#include "sdk/core/replication/body.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sdk/core/replication/row_sets.h"
#include "test_schema.h"
#include "tests/sdk/replication/group_client.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/sdk/replication/two_ends.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Pos;
using sample::Status;
using testing::GroupClient;
using testing::GroupRoom;
using testing::TwoEnds;

namespace {

constexpr std::uint32_t entities_max = 150;

/// Rooms of this schema with three clients each; sums up how often each way was gone.
GroupClient::Counts play(const SchemaInfo& schema, const CodeTables& tables, std::uint64_t seed, int ticks) {
    const Layout layout(schema);
    const Codec codec(layout, tables, 30);
    GroupRoom room(codec, entities_max, seed);
    GroupClient clients[] = {{room, 1, seed + 100}, {room, 2, seed + 200}, {room, 3, seed + 300}};
    for (int i = 0; i < ticks; ++i) {
        room.step();
        for (GroupClient& client : clients) {
            const std::string trouble = client.follow();
            CAPTURE(seed, room.tick(), &client - clients);
            REQUIRE(trouble == "");
        }
    }
    return clients[0].counts();
}

}  // namespace

TEST_CASE("clients that come, skip, catch up and change rates have what the room has", "[replication][body]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    const auto counts = play(sample::schema(), CodeTables::built_in(), seed, 400);
    CHECK(counts.deltas > 100);
    CHECK(counts.catch_ups > 50);
    CHECK(counts.keyframes > 3);
    CHECK(counts.newcomers > 50);
    CHECK(counts.rate_changes > 5);
    CHECK(counts.arrived_known > 100);
}

TEST_CASE("generated schemas travel like those written by hand", "[replication][body]") {
    play(::test::Schema::info(), CodeTables::built_in(), 9, 300);
}

TEST_CASE("any schema travels, and what only an owner is told reaches him alone", "[replication][body]") {
    int privates = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        const OwnedSchema schema = testing::random_schema(random);
        const auto counts = play(schema.info(), CodeTables::built_in(), seed, 60);
        privates += counts.private_catch_ups;
    }
    CHECK(privates > 100);
}

TEST_CASE("where nothing happens, a body has no bytes, and what moved is forgotten", "[replication][body]") {
    TwoEnds ends(sample::schema());
    const Entity entity(ends.world, ends.world.spawn(1));
    entity.set(Pos{1, 2});
    ends.step();
    entity.get<Pos>().x = 2;
    CHECK(ends.step().size() < 8);
    CHECK(ends.state.trails[1].rows.count() == 1);
    CHECK(ends.step().empty());
    CHECK(ends.state.trails[1] == Trail{});
    CHECK(ends.state.tick == 3);
    CHECK(ends.state.members.count() == 1);
}

TEST_CASE("chunks that a body leaves alone are the base's own", "[replication][body]") {
    TwoEnds ends(sample::schema());
    for (int i = 0; i < 200; ++i) Entity(ends.world, ends.world.spawn(0)).set(Pos{});
    ends.step();
    const Snapshot before = ends.client;
    Entity(ends.world, ends.world.at(70)).get<Pos>().x = 1;
    ends.step();
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(ends.client.chunk(0, i) == before.chunk(0, i));
        CHECK((ends.client.chunk(1, i) == before.chunk(1, i)) == (i != 1));
    }
}

TEST_CASE("another entity at the same index inherits nothing, not even what was remembered", "[replication][body]") {
    TwoEnds ends(sample::schema());
    World& world = ends.world;
    for (int i = 0; i < 4; ++i) Entity(world, world.spawn(2)).set(Pos{1, 2});
    ends.step();
    for (std::uint32_t i = 0; i < 4; ++i) Entity(world, world.at(i)).get<Pos>().x += 3;
    ends.step();
    REQUIRE(ends.state.trails[1].rows.has(1));
    world.despawn(world.at(1));
    const Entity next(world, world.spawn(3));
    REQUIRE(next.index() == 1);
    SECTION("without components") {}
    SECTION("with the same component and the same values") { next.set(Pos{4, 2}); }
    SECTION("with the same component and another value") { next.set(Pos{1, 5}); }
    SECTION("with another component") { next.set(Status{.health = 1}); }
    for (const std::uint32_t i : {0U, 2U, 3U}) Entity(world, world.at(i)).get<Pos>().x += 3;
    ends.step();
    CHECK_FALSE(ends.state.trails[1].rows.has(1));
    CHECK(ends.client.chunk(0, 0)->column(0)[1] == 2);
    if (next.has<Pos>()) next.get<Pos>().x += 1;
    ends.step();
}

TEST_CASE("components that come and go leave the motion of the others remembered", "[replication][body]") {
    TwoEnds ends(sample::schema());
    World& world = ends.world;
    for (int i = 0; i < 100; ++i) Entity(world, world.spawn(0)).set(Pos{1, 2});
    ends.step();
    const auto move = [&] {
        for (auto [entity, pos] : View<Pos>(world)) pos.x += 0.5F + 0.01F * static_cast<float>(entity.index() % 7);
    };
    move();
    const Bytes starting = ends.step();
    move();
    for (std::uint32_t i = 0; i < 100; i += 10) Entity(world, world.at(i)).remove<Pos>();
    const Bytes going = ends.step();
    CHECK(going.size() < starting.size());
    CHECK(ends.state.trails[1].rows.count() == 90);
    move();
    for (std::uint32_t i = 0; i < 100; i += 10) Entity(world, world.at(i)).set(Pos{3, 4});
    ends.step();
    CHECK(ends.state.trails[1].rows.count() == 90);
    move();
    ends.step();
    CHECK(ends.state.trails[1].rows.count() == 100);
}

TEST_CASE("rows that leave the group are not remembered, and those that come start anew", "[replication][body]") {
    TwoEnds ends(sample::schema());
    World& world = ends.world;
    Members even;
    Members odd;
    for (std::uint32_t i = 0; i < 40; ++i) {
        Entity(world, world.spawn(0)).set(Pos{1, 2});
        (i % 2 == 0 ? even : odd).insert(i);
    }
    const auto move = [&] {
        for (auto [entity, pos] : View<Pos>(world)) pos.x += 1;
    };
    ends.step(1, even);
    move();
    ends.step(1, even);
    CHECK(ends.state.trails[1].rows == even);
    move();
    // The client knows them from another group, as they were.
    ends.client = ends.server;
    ends.step(1, odd);
    CHECK(ends.state.trails[1].rows == odd);
    CHECK(ends.state.members == odd);
    move();
    ends.client = ends.server;
    ends.step(1, either(odd, even));
    CHECK(ends.state.trails[1].rows == either(odd, even));
}

TEST_CASE("who comes from another group with a new owner is that owner's", "[replication][body]") {
    TwoEnds ends(sample::schema());
    World& world = ends.world;
    const EntityId id = world.spawn(3);
    Entity(world, id).set(Pos{1, 2});
    world.spawn(1);
    Members first;
    first.insert(1);
    ends.step(1, first);
    ends.client = ends.server;  // of id another group has told
    world.restore(id, 4);
    Entity(world, id).get<Pos>().y = 5;
    ends.step(1, all_members(ends.server));
    CHECK(first_difference(ends.layout, ends.client, ends.server) == "");
    CHECK(ends.client.chunk(0, 0)->column(1)[0] == 4);
    world.restore(id, 0);
    ends.step();
}

TEST_CASE("a body says where those who left live on", "[replication][body]") {
    TwoEnds ends(sample::schema());
    World& world = ends.world;
    for (int i = 0; i < 4; ++i) world.spawn(0);
    ends.step();
    const Snapshot before = ends.server;
    world.despawn(world.at(2));
    ends.server = capture(ends.layout, world, &before, 2, ends.counters);
    ends.groups = {7, 9, 9};
    Members rest;
    rest.insert(0);
    Bytes body;
    encode_delta(ends.source(before), rest, ends.stream, body);
    SnapshotEdit edit(ends.layout, ends.client);
    const auto outcome = decode_body(ends.codec, body, BodyKind::Delta, Coverage::Public, 2, {300}, ends.state, edit);
    REQUIRE(outcome);
    REQUIRE(outcome->left.size() == 3);
    CHECK(outcome->left[0].entity == EntityId{1, 1});
    CHECK(outcome->left[0].group == 9);
    CHECK(outcome->left[1].entity == EntityId{2, 1});
    CHECK_FALSE(outcome->left[1].group);  // is gone
    CHECK_FALSE(outcome->left[2].group);  // has none that is told of
    CHECK(edit.has(0, 1));
}

TEST_CASE("an entity that is told anew keeps what its owner alone is told", "[replication][body]") {
    SeededRandom random(3);
    const OwnedSchema schema = testing::random_schema(random);
    TwoEnds ends(schema.info());
    for (int i = 0; i < 3; ++i) {
        const EntityId id = ends.world.spawn(1);
        for (std::uint16_t component = 0; component < schema.info().components.size(); ++component)
            ends.world.add(id, component);
    }
    const Snapshot all = capture(ends.layout, ends.world, nullptr, 1, ends.counters);
    const Members members = all_members(all);
    const Snapshot nothing;
    StreamState stream{.tick = 1, .members = members, .trails = {}};
    Bytes body;
    BodyKind kind = BodyKind::CatchUp;
    SECTION("by a keyframe") {
        encode_catch_up({.codec = ends.codec, .before = nothing, .after = all}, {}, stream, body);
    }
    SECTION("as newcomers") {
        kind = BodyKind::Newcomers;
        encode_newcomers({.codec = ends.codec, .before = nothing, .after = all}, members, body);
    }
    SnapshotEdit edit(ends.layout, all);
    StreamState state;
    REQUIRE(decode_body(ends.codec, body, kind, Coverage::Public, 1, {300}, state, edit));
    CHECK(first_difference(ends.layout, std::move(edit).finish(1), all) == "");
    // But not what another entity at its index was told.
    SnapshotEdit older(ends.layout, all);
    older.edit(0, 0).column(0)[0] = 77;
    SnapshotEdit reused(ends.layout, std::move(older).finish(1));
    state = {};
    REQUIRE(decode_body(ends.codec, body, kind, Coverage::Public, 1, {300}, state, reused));
    for (std::size_t table = 1; table < ends.layout.table_count(); ++table)
        CHECK(reused.has(table, 0) == covers(ends.layout, Coverage::Public, table));
}

TEST_CASE("a catch-up after newcomers in the same tick remembers what the stream does", "[replication][body]") {
    TwoEnds ends(sample::schema());
    for (int i = 0; i < 20; ++i) Entity(ends.world, ends.world.spawn(0)).set(Pos{1, 2});
    ends.step();
    const auto move = [&] {
        for (auto [entity, pos] : View<Pos>(ends.world)) pos.x += 0.3F + 0.1F * static_cast<float>(entity.index());
    };
    move();
    ends.step();
    const Snapshot before = ends.server;
    const StreamState had = ends.state;
    for (int i = 0; i < 3; ++i) {
        move();
        ends.step();
    }
    // Another group has told of them meanwhile: what the client has is not what it had.
    SnapshotEdit edit(ends.layout, ends.server);
    Bytes body;
    encode_newcomers({.codec = ends.codec, .before = before, .after = before}, had.members, body);
    StreamState state;
    REQUIRE(decode_body(ends.codec, body, BodyKind::Newcomers, Coverage::Public, 5, {300}, state, edit));
    body.clear();
    encode_catch_up(ends.source(before), had.members, ends.stream, body);
    state = had;
    REQUIRE(decode_body(ends.codec, body, BodyKind::CatchUp, Coverage::Public, 5, {300}, state, edit));
    CHECK(state == ends.stream);
    CHECK(first_difference(ends.layout, std::move(edit).finish(5), ends.server) == "");
}

TEST_CASE("what only a newer schema knows is passed over, with the tables of the older one",
          "[replication][body][evolution]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        const OwnedSchema older = testing::random_schema(random);
        const OwnedSchema newer = testing::appended(older.info(), random);
        const Layout newer_layout(newer.info());
        const Layout older_layout(older.info());
        std::size_t slots = 0;
        for (std::size_t table = 1; table < older_layout.table_count(); ++table)
            slots += older_layout.slot_count(table);
        SymbolCounts counts(slots);
        for (int i = 0; i < 3000; ++i)
            counts.add(random.below(static_cast<std::uint32_t>(counts.rows().size())), random.below(30));
        const CodeTables tables = random.below(2) == 0 ? CodeTables::built_in() : CodeTables::train(counts, 5);
        const Codec server(newer_layout, tables, 30);
        const Codec client(older_layout, tables, 30);
        testing::RandomWorld game(newer.info(), entities_max, seed);
        Snapshot before;
        Snapshot has;
        StreamState stream;
        StreamState state;
        for (Tick tick = 1; tick <= 20; ++tick) {
            game.mutate(20);
            const Snapshot after = game.capture(newer_layout, tick);
            Bytes body;
            encode_delta({.codec = server, .before = before, .after = after}, all_members(after), stream, body);
            SnapshotEdit edit(older_layout, has);
            const auto outcome =
                decode_body(client, body, BodyKind::Delta, Coverage::Public, tick, {entities_max}, state, edit);
            if (!outcome) FAIL(outcome.error().message);
            for (const LeftMember& left : outcome->left)
                if (!state.members.has(left.entity.index)) edit.remove_entity(left.entity.index);
            has = std::move(edit).finish(tick);
            REQUIRE(testing::difference_of_members(older_layout, has, after, state.members, Coverage::Public) == "");
            REQUIRE(state.members == stream.members);
            before = after;
        }
    }
}

TEST_CASE("a listener hears what a body costs", "[replication][body]") {
    struct Sum : SymbolListener {
        explicit Sum(const Codec& of) : codec(&of) {}
        void symbol(std::uint32_t context, std::uint32_t symbol) override {
            total += rans_bits - std::log2(static_cast<double>(codec->distribution(context).share(symbol).frequency));
        }
        void bits(unsigned count) override { total += count; }
        const Codec* codec;
        double total = 0;
    };
    TwoEnds ends(sample::plain_schema());
    Sum sum(ends.codec);
    testing::RandomWorld game(sample::plain_schema(), 300, 6);
    game.mutate(600);
    const Snapshot nothing;
    const Snapshot after = game.capture(ends.layout, 1);
    StreamState stream;
    Bytes body;
    encode_delta({.codec = ends.codec, .before = nothing, .after = after, .listener = &sum}, all_members(after), stream,
                 body);
    REQUIRE(body.size() > 1000);
    CHECK(static_cast<double>(body.size()) < sum.total / 8 * 1.01 + 5 * 4);
    CHECK(static_cast<double>(body.size()) > sum.total / 8);
}
