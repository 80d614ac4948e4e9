// Changes that are found once for all groups are those that each would have found.

#include "sdk/core/replication/snapshot_changes.h"

#include <catch2/catch.hpp>

#include "sdk/core/replication/body.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

TEST_CASE("changes between snapshots are the changed rows of each two chunks", "[replication][snapshot_changes]") {
    const Layout layout(sample::schema());
    testing::RandomWorld game(sample::schema(), 300, 5);
    game.mutate(900);
    Snapshot before = game.capture(layout, 1);
    std::size_t found = 0;
    for (Tick tick = 2; tick < 40; ++tick) {
        game.mutate(20);
        Snapshot after = game.capture(layout, tick);
        SnapshotChanges changes(layout, before, after);
        for (std::size_t table = 0; table < layout.table_count(); ++table)
            for (std::size_t chunk = 0; chunk < 6; ++chunk) {
                const Chunk* const was = before.chunk(table, chunk);
                const Chunk* const is = after.chunk(table, chunk);
                const bool both = was != nullptr && is != nullptr;
                const std::uint64_t expected = both ? changed_rows(*was, *is, layout.slot_count(table)) : 0;
                REQUIRE(changes.rows(table, chunk).changed == expected);
                const std::uint64_t had = was != nullptr ? was->present : 0;
                const std::uint64_t has = is != nullptr ? is->present : 0;
                REQUIRE(changes.rows(table, chunk).come_gone == (had ^ has));
                REQUIRE(changes.rows(table, chunk).has == has);
                if (was != is) REQUIRE_FALSE(changes.shares(table));
                found += expected != 0 ? 1 : 0;
            }
        before = std::move(after);
    }
    CHECK(found > 100);
    const Snapshot nothing;
    CHECK(SnapshotChanges(layout, nothing, before).rows(1, 0).changed == 0);
    CHECK(SnapshotChanges(layout, before, nothing).rows(1, 0).changed == 0);
    CHECK(SnapshotChanges(layout, before, before).rows(1, 0).any() == 0);
    for (std::size_t table = 0; table < layout.table_count(); ++table)
        CHECK(SnapshotChanges(layout, before, before).shares(table));
    CHECK(SnapshotChanges(layout, before, nothing).rows(1, 0).come_gone == before.chunk(1, 0)->present);
}

TEST_CASE("a body is the same whether its encoder looks for changes or is told", "[replication][snapshot_changes]") {
    const Layout layout(sample::schema());
    const Codec codec(layout, CodeTables::built_in(), 30);
    testing::RandomWorld game(sample::schema(), 300, 6);
    game.mutate(900);
    Snapshot before = game.capture(layout, 1);
    StreamState looked{.tick = 1, .members = all_members(before), .trails = {}};
    StreamState told = looked;
    for (Tick tick = 2; tick < 30; ++tick) {
        game.mutate(20);
        Snapshot after = game.capture(layout, tick);
        SnapshotChanges changes(layout, before, after);
        BodySource source{.codec = codec, .before = before, .after = after};
        Bytes by_looking;
        encode_delta(source, all_members(after), looked, by_looking);
        source.changes = &changes;
        Bytes by_telling;
        encode_delta(source, all_members(after), told, by_telling);
        REQUIRE(by_looking == by_telling);
        REQUIRE(looked == told);
        before = std::move(after);
    }
}
