// Keyframes: the whole state and nothing else, or a refusal.

#include "sdk/core/replication/keyframe.h"

#include <catch2/catch.hpp>

#include "tests/sdk/replication/mutation.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;
using testing::what_is_wrong;

namespace {

constexpr std::uint32_t entities_max = 300;

const Layout& layout() {
    static const Layout made(sample::plain_schema());
    return made;
}

Result<Snapshot> decode(const std::vector<TablePlanes>& tables, Tick tick = 1) {
    std::vector<TablePlanesView> views;
    for (const TablePlanes& planes : tables) views.push_back({planes.table, planes.present, planes.planes});
    return decode_planes(layout(), views, tick, entities_max);
}

TablePlanes table(std::uint16_t number, const char* present, const char* planes) {
    return {number, test::from_hex(present), test::from_hex(planes)};
}

void check_refused(const std::vector<TablePlanes>& tables, const std::string& part) {
    const auto decoded = decode(tables);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().blame == Blame::Peer);
    CHECK(decoded.error().close_code == 1007);
    CHECK_THAT(decoded.error().message, Catch::Contains(part));
}

}  // namespace

TEST_CASE("a keyframe decodes to the state it was made of", "[replication][keyframe]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    testing::RandomWorld game(sample::plain_schema(), entities_max, seed);
    for (Tick tick = 1; tick <= 150; ++tick) {
        game.mutate(30);
        const Snapshot snapshot = game.capture(layout(), tick);
        const auto decoded = decode(encode_planes(layout(), snapshot), tick);
        REQUIRE(decoded);
        REQUIRE(first_difference(layout(), *decoded, snapshot) == "");
        CHECK(decoded->tick == tick);
        CHECK(what_is_wrong(layout(), *decoded, entities_max) == "");
    }
}

TEST_CASE("an empty world is a keyframe without tables", "[replication][keyframe]") {
    CHECK(encode_planes(layout(), Snapshot{}).empty());
    const auto decoded = decode({});
    REQUIRE(decoded);
    CHECK(same_state(*decoded, Snapshot{}));
}

TEST_CASE("every proper prefix of every plane is refused", "[replication][keyframe]") {
    testing::RandomWorld game(sample::plain_schema(), 80, 4);
    game.mutate(200);
    const auto tables = encode_planes(layout(), game.capture(layout(), 1));
    REQUIRE(tables.size() == 5);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (Bytes TablePlanes::*member : {&TablePlanes::present, &TablePlanes::planes}) {
            for (std::size_t size = 0; size < (tables[i].*member).size(); ++size) {
                auto cut = tables;
                (cut[i].*member).resize(size);
                REQUIRE_FALSE(decode(cut));
            }
            auto longer = tables;
            (longer[i].*member).push_back(std::byte{0});
            REQUIRE_FALSE(decode(longer));
        }
    }
}

TEST_CASE("damaged planes are refused or make a state that the schema allows", "[replication][keyframe]") {
    const std::uint64_t seed = 12;
    CAPTURE(seed);
    testing::RandomWorld game(sample::plain_schema(), entities_max, seed);
    game.mutate(600);
    const auto tables = encode_planes(layout(), game.capture(layout(), 1));
    int accepted = 0;
    for (int i = 0; i < 5000; ++i) {
        auto damaged = tables;
        TablePlanes& hit = damaged[game.random().below(static_cast<std::uint32_t>(damaged.size()))];
        Bytes& bytes = game.random().below(4) == 0 ? hit.present : hit.planes;
        bytes = testing::mutated(std::move(bytes), game.random());
        const auto decoded = decode(damaged);
        if (decoded) {
            ++accepted;
            REQUIRE(what_is_wrong(layout(), *decoded, entities_max) == "");
        } else {
            REQUIRE(decoded.error().close_code == 1007);
        }
    }
    CHECK(accepted > 0);
    CHECK(accepted < 5000);
}

TEST_CASE("planes are the bytes of zigzag differences from row to row", "[replication][keyframe]") {
    // Entities 3 and 5: generations 1 and 2, owners 9 and 7. Only 5 has a position, (1.5, -2).
    const std::vector<TablePlanes> tables = {
        table(0, "03 01", "02 02 00 00 00 00 00 00  12 03 00 00 00 00 00 00"),
        table(1, "05", "2c 01 00 00  8f 01 00 00"),
    };
    const auto decoded = decode(tables);
    REQUIRE(decoded);
    World world(sample::plain_schema(), entities_max);
    restore(layout(), *decoded, world);
    CHECK(world.entity_count() == 2);
    CHECK(world.owner({3, 1}) == 9);
    CHECK(world.owner({5, 2}) == 7);
    CHECK(Entity(world, {5, 2}).get<sample::Pos>() == sample::Pos{1.5F, -2});
    const auto encoded = encode_planes(layout(), *decoded);
    REQUIRE(encoded.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(test::to_hex(encoded[i].present) == test::to_hex(tables[i].present));
        CHECK(test::to_hex(encoded[i].planes) == test::to_hex(tables[i].planes));
    }
}

TEST_CASE("a refused keyframe says what is wrong with it", "[replication][keyframe]") {
    const TablePlanes one = table(0, "03", "02 00 00 00 00 00 00 00");
    check_refused({table(5, "00", "")}, "table 5 of 5");
    check_refused({one, one}, "where table 1");
    check_refused({table(0, "", "")}, "a table without rows: entity");
    check_refused({table(0, "80", "")}, "end within a number");
    check_refused({table(0, "ac 02", "02 00 00 00 00 00 00 00")}, "entity 300 is beyond the limit of 300");
    check_refused({table(0, "00 ff ff ff ff 0f", "")}, "beyond the limit");
    check_refused({table(0, "03", "02 00 00 00 00 00 00")}, "7 bytes of entity instead of 8");
    check_refused({table(0, "03", "00 00 00 00 00 00 00 00")}, "entity 3 has generation 0");
    check_refused({one, table(1, "04", "00 00 00 00 00 00 00 00")},
                  "sample.Pos is given to entity 4, which is not alive");
    check_refused({table(1, "04", "00 00 00 00 00 00 00 00")}, "not alive");
    check_refused({one, table(1, "03", "00 00 00 00 02 20 03 00")}, "entity 3: sample.Pos.y is 102401");
}
