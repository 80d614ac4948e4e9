// A client's groups and the order in which it may be told of them: once a tick each, whatever a server thinks.
#include "sdk/core/replication/replica.h"

#include <catch2/catch.hpp>
#include <string>

#include "sdk/core/replication/body.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;
using Kind = GroupUpdate::Kind;

namespace {

/// A replica of the sample schema, and keyframes without members for it.
struct Fixture {
    Fixture() {
        Snapshot nothing;
        nothing.tables.resize(layout.table_count());
        encode_keyframe({.codec = codec, .before = nothing, .after = nothing}, Members{}, keyframe);
    }

    Result<void> apply(Tick tick, const std::vector<Kind>& kinds) {
        std::vector<GroupUpdate> updates;
        for (const Kind kind : kinds) updates.push_back({.kind = kind, .group = 3, .body = keyframe});
        auto made = replica.apply(newest, tick, updates);
        if (!made) return Unexpected{made.error()};
        newest = std::move(*made);
        return {};
    }

    Layout layout{sample::schema()};
    Codec codec{layout, CodeTables::built_in(), 30};
    Replica replica{codec, {.entities_max = 100}};
    Bytes keyframe;
    Snapshot newest;
};

void refused(const Result<void>& result, const std::string& sentence) {
    REQUIRE_FALSE(result);
    CHECK(result.error().message == sentence);
    CHECK(result.error().close_code == 1002);
}

}  // namespace

TEST_CASE("a group is told of once a tick: more would cost the client and tell nothing", "[replica]") {
    Fixture fixture;
    REQUIRE(fixture.apply(1, {Kind::Keyframe}));
    REQUIRE(fixture.apply(2, {Kind::Keyframe}));
    SECTION("two keyframes") {
        refused(fixture.apply(3, {Kind::Keyframe, Kind::Keyframe}), "group 3 is told of twice in one tick");
    }
    SECTION("two verifications") {
        refused(fixture.apply(3, {Kind::Verify, Kind::Verify}), "group 3 is verified twice in one tick");
    }
    SECTION("a keyframe and the group's end") {
        refused(fixture.apply(3, {Kind::Keyframe, Kind::Left}), "group 3 is told of in the tick in which it ends");
    }
    SECTION("an end and a new beginning are one of each") {
        REQUIRE(fixture.apply(3, {Kind::Left, Kind::Keyframe}));
        refused(fixture.apply(4, {Kind::Left, Kind::Keyframe, Kind::Left}),
                "group 3 is told of in the tick in which it ends");
    }
    SECTION("what is verified may be told of, too") {
        REQUIRE(fixture.apply(3, {Kind::Keyframe, Kind::Verify}));
        CHECK(fixture.replica.differences().empty());
    }
}
