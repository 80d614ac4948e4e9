// One encode per baseline; whatever the baseline, the body leads to the newest snapshot exactly.
#include "server/room/fanout.h"

#include <catch2/catch.hpp>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/keyframe.h"
#include "sdk/core/wire/codec.h"
#include "tests/scenario/sample_game.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::SampleGame;

namespace {

struct Fixture {
    explicit Fixture(RoomOptions options = {}) : room(sample.game(), layout, options) {
        for (int i = 0; i < 8; ++i) room.join("bot", true);
    }
    void run(Tick ticks) {
        for (Tick tick = 0; tick < ticks; ++tick) room.tick();
        fanout.begin();
    }
    replication::Snapshot decode_keyframe(ByteSpan body) {
        Bytes inflated;
        const auto keyframe = wire::parse_keyframe(body, {}, inflated);
        REQUIRE(keyframe);
        CHECK(keyframe->tick == room.tick_number());
        std::vector<replication::TablePlanesView> tables;
        for (const wire::KeyframeTable& table : keyframe->tables)
            tables.push_back({table.table, table.present, table.planes});
        auto snapshot = replication::decode_planes(layout, tables, keyframe->tick, room.options().entities_max);
        REQUIRE(snapshot);
        return std::move(*snapshot);
    }

    SampleGame sample{11};
    replication::Layout layout{*sample.game().schema};
    Room room;
    Fanout fanout{room};
};

}  // namespace

TEST_CASE("a body from every baseline that is held leads to the newest snapshot", "[fanout]") {
    Fixture fixture;
    fixture.run(200);
    const replication::Snapshot& newest = *fixture.room.snapshots().newest();
    for (const replication::Snapshot& baseline : fixture.room.snapshots().all()) {
        if (baseline.tick == newest.tick) continue;
        const wire::GroupBody body = fixture.fanout.body(baseline.tick);
        CAPTURE(baseline.tick);
        REQUIRE(body.coding == wire::BodyCoding::Delta);
        CHECK(body.baseline_age == newest.tick - baseline.tick);
        const auto decoded = replication::apply_delta(fixture.layout, baseline, body.bytes, newest.tick,
                                                      fixture.room.options().entities_max);
        REQUIRE(decoded);
        CHECK(replication::same_state(*decoded, newest));
    }
}

TEST_CASE("without a usable baseline the body is the keyframe", "[fanout]") {
    Fixture fixture({.snapshots_held = 400});
    fixture.run(300);
    const replication::Snapshot& newest = *fixture.room.snapshots().newest();
    for (const Tick baseline : {Tick{0}, newest.tick, newest.tick + 1, newest.tick - 256}) {
        const wire::GroupBody body = fixture.fanout.body(baseline);
        CAPTURE(baseline);
        REQUIRE(body.coding == wire::BodyCoding::Keyframe);
        CHECK(body.baseline_age == 0);
        CHECK(replication::same_state(fixture.decode_keyframe(body.bytes), newest));
    }
    CHECK(fixture.fanout.body(newest.tick - 255).coding == wire::BodyCoding::Delta);
}

TEST_CASE("a baseline that fell out of the history gets the keyframe", "[fanout]") {
    Fixture fixture({.snapshots_held = 8});
    fixture.run(20);
    CHECK(fixture.fanout.body(13).coding == wire::BodyCoding::Delta);
    CHECK(fixture.fanout.body(12).coding == wire::BodyCoding::Keyframe);
}

TEST_CASE("clients with one baseline share one body", "[fanout]") {
    Fixture fixture;
    fixture.run(10);
    const auto first = fixture.fanout.body(9).bytes;
    const auto other = fixture.fanout.body(5).bytes;
    const auto again = fixture.fanout.body(9).bytes;
    CHECK(first.data() == again.data());
    CHECK(first.data() != other.data());
    CHECK(fixture.fanout.body(0).bytes.data() == fixture.fanout.body(1000).bytes.data());
}
