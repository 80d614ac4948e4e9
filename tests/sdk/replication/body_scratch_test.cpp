// Memory that is kept from body to body changes nothing of them, and is enough. This program counts its allocations (memory_test.cpp).

#include "sdk/core/replication/body_scratch.h"

#include <catch2/catch.hpp>

#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

namespace tidewire::test {
std::size_t allocations_so_far();
}

using namespace tidewire;
using namespace tidewire::replication;

namespace {

constexpr std::uint32_t entities_max = 300;

/// Of all entities, those whose index leaves this rest.
Members every_third(const Snapshot& snapshot, std::uint32_t rest) {
    Members members;
    for_each_row(all_members(snapshot), [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
        if (index % 3 == rest) members.insert(index);
    });
    return members;
}

struct Decoded {
    StreamState state;
    Snapshot snapshot;
};

Decoded decode(const Layout& layout, const Codec& codec, const Bytes& body, BodyKind kind, const Decoded& had,
               Tick tick, DecodeScratch* scratch) {
    Decoded made{had.state, {}};
    SnapshotEdit edit(layout, had.snapshot);
    const auto outcome =
        decode_body(codec, body, kind, Coverage::Public, tick, {entities_max}, made.state, edit, scratch);
    if (!outcome) FAIL(outcome.error().message);
    made.snapshot = std::move(edit).finish(tick);
    return made;
}

/// Two chunks of entities that all move in every tick.
Snapshot marching(const Layout& layout, Tick tick) {
    Snapshot snapshot;
    snapshot.tick = tick;
    snapshot.tables.resize(layout.table_count());
    for (const std::size_t table : {std::size_t{0}, std::size_t{1}})
        for (std::int32_t i = 0; i < 2; ++i) {
            auto chunk = std::make_shared<Chunk>(layout, table);
            chunk->present = ~std::uint64_t{0};
            for (std::size_t row = 0; row < Chunk::rows; ++row) {
                chunk->column(0)[row] = table == 0 ? 1 : static_cast<std::int32_t>(row + tick * (row % 5 + 1));
                chunk->column(1)[row] = 0;
            }
            snapshot.tables[table].push_back(std::move(chunk));
        }
    return snapshot;
}

}  // namespace

TEST_CASE("bodies and what is made of them are the same whatever memory served others before",
          "[replication][body][scratch]") {
    const Layout layout(sample::schema());
    const Codec codec(layout, CodeTables::built_in(), 30);
    testing::RandomWorld game(sample::schema(), entities_max, 8);
    game.mutate(900);
    EncodeScratch encode_scratch;
    DecodeScratch decode_scratch;
    const Snapshot nothing;
    Snapshot before = game.capture(layout, 1);
    StreamState streams[2][3];  // with the memory and without it, of three groups
    for (auto& groups : streams)
        for (std::uint32_t group = 0; group < 3; ++group)
            groups[group] = {.tick = 1, .members = every_third(before, group), .trails = {}};
    for (Tick tick = 2; tick < 40; ++tick) {
        game.mutate(30);
        Snapshot after = game.capture(layout, tick);
        for (std::uint32_t group = 0; group < 3; ++group) {
            const Members members = every_third(after, group);
            BodySource source{.codec = codec, .before = before, .after = after};
            const StreamState last = streams[0][group];
            Bytes body;
            encode_delta(source, members, streams[0][group], body);
            Bytes keyframe;
            encode_keyframe(source, members, keyframe);
            Bytes catch_up;
            encode_catch_up(source, last.members, streams[0][group], catch_up);

            source.scratch = &encode_scratch;
            source.same_members = members == last.members;
            Bytes again;
            encode_delta(source, members, streams[1][group], again);
            REQUIRE(again == body);
            REQUIRE(streams[1][group] == streams[0][group]);
            again.clear();
            encode_keyframe(source, members, again);
            REQUIRE(again == keyframe);
            again.clear();
            encode_catch_up(source, last.members, streams[0][group], again);
            REQUIRE(again == catch_up);

            const auto compare = [&](const Bytes& bytes, BodyKind kind, const Decoded& had) {
                const Decoded made = decode(layout, codec, bytes, kind, had, tick, nullptr);
                const Decoded remade = decode(layout, codec, bytes, kind, had, tick, &decode_scratch);
                REQUIRE(made.state == remade.state);
                REQUIRE(first_difference(layout, remade.snapshot, made.snapshot) == "");
            };
            compare(body, BodyKind::Delta, {last, before});
            compare(keyframe, BodyKind::Keyframe, {});
            compare(catch_up, BodyKind::CatchUp, {last, before});
        }
        before = std::move(after);
    }
}

TEST_CASE("in steady state an encoder allocates nothing, and neither does a decoder",
          "[replication][body][scratch][limits]") {
    const Layout layout(sample::schema());
    const Codec codec(layout, CodeTables::built_in(), 30);
    EncodeScratch encode_scratch;
    DecodeScratch decode_scratch;
    Snapshot before = marching(layout, 1);
    StreamState stream{.tick = 1, .members = all_members(before), .trails = {}};
    const Members members = stream.members;
    StreamState state = stream;
    Bytes body;
    for (Tick tick = 2; tick < 20; ++tick) {
        const bool steady = tick > 10;
        const Snapshot after = marching(layout, tick);
        SnapshotEdit edit(layout, before);
        for (std::size_t chunk = 0; chunk < 2; ++chunk) edit.edit(1, chunk);
        const std::size_t before_encoding = test::allocations_so_far();
        body.clear();
        encode_delta({.codec = codec, .before = before, .after = after, .scratch = &encode_scratch}, members, stream,
                     body);
        const std::size_t encoded = test::allocations_so_far();
        const auto outcome = decode_body(codec, body, BodyKind::Delta, Coverage::Public, tick, {entities_max}, state,
                                         edit, &decode_scratch);
        const std::size_t decoded = test::allocations_so_far();
        REQUIRE(outcome);
        REQUIRE(state == stream);
        if (steady) CHECK(encoded - before_encoding == 0);
        if (steady) CHECK(decoded - encoded == 0);
        before = std::move(edit).finish(tick);
        REQUIRE(first_difference(layout, before, after) == "");
    }
}
