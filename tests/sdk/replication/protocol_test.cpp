// The delta bodies and keyframe planes of sdk/PROTOCOL.md are the bytes that this room writes and reads.

#include <catch2/catch.hpp>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/keyframe.h"
#include "tests/support/protocol_document.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

struct Pos {
    float x = 0;
    float y = 0;
};

/// The schema of samples/hello, as far as it is state.
const SchemaInfo& hello() {
    static constexpr FieldInfo fields[] = {
        {"x", Scalar::Float, offsetof(Pos, x), 0.01, -512, 512},
        {"y", Scalar::Float, offsetof(Pos, y), 0.01, -512, 512},
    };
    static constexpr StructInfo components[] = {{"hello.Pos", sizeof(Pos), alignof(Pos), fields}};
    static constexpr SchemaInfo schema{"hello", 0, components, {}};
    return schema;
}

constexpr std::uint32_t entities_max = 8192;

}  // namespace

template <>
struct tidewire::ComponentIndex<Pos> {
    static constexpr std::uint16_t value = 0;
};

TEST_CASE("the document's delta and keyframe examples decode to what stands beside them", "[replication][protocol]") {
    const auto blocks = test::protocol_hex_blocks();
    const Layout layout(hello());
    World world(hello(), entities_max);
    QuantizeCounters counters;
    Snapshot baseline;
    // Encoding gives the document's bytes, decoding them gives the world.
    const auto check = [&](const char* name) {
        CAPTURE(name);
        const Snapshot next =
            capture(layout, world, baseline.tick == 0 ? nullptr : &baseline, baseline.tick + 1, counters);
        REQUIRE(blocks.count(name) == 1);
        const Bytes& body = blocks.at(name);
        CHECK(test::to_hex(encode_delta(layout, baseline, next)) == test::to_hex(body));
        const auto decoded = apply_delta(layout, baseline, body, next.tick, entities_max);
        REQUIRE(decoded);
        CHECK(first_difference(layout, *decoded, next) == "");
        baseline = next;
    };

    const Entity player(world, world.spawn(1));
    const Entity gone(world, world.spawn(5));
    const Entity other(world, world.spawn(0));
    gone.despawn();
    player.set(Pos{1.5F, -2});
    check("Delta spawn");

    const auto tables = encode_planes(layout, baseline);
    REQUIRE(tables.size() == 2);
    CHECK(test::to_hex(tables[0].present) == test::to_hex(blocks.at("Entities present")));
    CHECK(test::to_hex(tables[0].planes) == test::to_hex(blocks.at("Entities planes")));
    CHECK(test::to_hex(tables[1].present) == test::to_hex(blocks.at("Positions present")));
    CHECK(test::to_hex(tables[1].planes) == test::to_hex(blocks.at("Positions planes")));
    const std::vector<TablePlanesView> views = {{0, blocks.at("Entities present"), blocks.at("Entities planes")},
                                                {1, blocks.at("Positions present"), blocks.at("Positions planes")}};
    const auto keyframe = decode_planes(layout, views, 1, entities_max);
    REQUIRE(keyframe);
    CHECK(first_difference(layout, *keyframe, baseline) == "");

    other.despawn();
    player.get<Pos>().x = 1.6F;
    check("Delta move");

    player.despawn();
    const Entity next(world, world.spawn(3));
    REQUIRE(next.index() == 0);
    next.set(Pos{1.6F, -2});
    check("Delta replace");
}
