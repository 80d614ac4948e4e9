// The bodies of sdk/PROTOCOL.md say what the document says to whoever has only the document.
#include <catch2/catch.hpp>

#include "tests/sdk/replication/body_by_hand.h"
#include "tests/support/protocol_document.h"

using namespace tidewire;
using namespace tidewire::test::by_hand;

namespace {

std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}
std::uint64_t combine(std::uint64_t a, std::uint64_t b) { return mix(a * 0x9e3779b97f4a7c15 + b); }

std::uint64_t state_hash(const Group& group) {
    std::uint64_t sum = 0;
    std::uint64_t salt = 1;  // 2 * table + 1
    for (const auto* const table : {&group.entities, &group.positions}) {
        for (const auto& [entity, row] : *table) {
            std::uint64_t hash = combine(salt, entity);
            for (const std::int32_t slot : row) hash = combine(hash, static_cast<std::uint32_t>(slot));
            sum += hash;
        }
        salt += 2;
    }
    return sum;
}

/// Reads a block of the document, whose transcript must be what was read.
void read(Group& group, const char* name, Kind kind, std::int32_t ticks = 1) {
    CAPTURE(name);
    Reader reader(group, kind, ticks);
    reader.read(test::protocol_hex_blocks().at(name));
    CHECK(reader.text == test::protocol_text_block(name));
}

using Rows = std::map<std::uint32_t, Row>;

}  // namespace

TEST_CASE("the document's bodies decode by hand, symbol by symbol", "[replication][protocol]") {
    Group group;
    read(group, "Body spawn", Kind::Keyframe);
    CHECK(group.entities == Rows{{0, {1, 1}}, {2, {1, 0}}});
    CHECK(group.positions == Rows{{0, {150, -200}}});
    CHECK(group.memories.empty());
    Group late = group;

    read(group, "Body move", Kind::Delta);
    CHECK(group.entities == Rows{{0, {1, 1}}});
    CHECK(group.positions == Rows{{0, {160, -200}}});
    CHECK(group.memories == Rows{{0, {10, 0}}});

    read(group, "Body again", Kind::Delta);
    CHECK(group.positions == Rows{{0, {170, -200}}});

    read(late, "Body catch-up", Kind::CatchUp, 2);
    CHECK(late.entities == group.entities);
    CHECK(late.positions == group.positions);
    CHECK(late.memories == group.memories);

    read(group, "Body replace", Kind::Delta);
    CHECK(group.entities == Rows{{0, {2, 3}}});
    CHECK(group.positions == Rows{{0, {170, -200}}});
    CHECK(group.memories.empty());
    CHECK(std::to_string(state_hash(group)) == test::protocol_text_block("State hash"));
}
