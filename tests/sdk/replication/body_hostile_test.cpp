// Bodies from whoever means ill: nothing is accepted that quantisation could not have made, and nothing is read beyond the end.
#include <catch2/catch.hpp>
#include <string>

#include "sdk/core/replication/body_code.h"
#include "tests/sdk/replication/mutation.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/real_bodies.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/sdk/replication/two_ends.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Pos;
using testing::RealBody;
using testing::TwoEnds;

namespace {

/// A body of one section.
Bytes body_of(std::size_t table, const Bytes& section) {
    Bytes body;
    for (; table >= 7; table -= 7) body.push_back(std::byte{0x80});
    body.push_back(static_cast<std::byte>(1U << table));
    append(body, section.empty() ? Bytes{std::byte{0}} : section);
    return body;
}

/// A body that says these changes of members and nothing else, whatever an encoder would think of them.
Bytes body_of_members(const Codec& codec, const Members& before, Coverage coverage, MemberChanges changes) {
    EncodePort port(codec, nullptr);
    MemberSets sets;
    sets_after(before, changes, sets);
    code_members(port, before, coverage, ~std::uint32_t{0}, changes, sets);
    Bytes section;
    port.finish(section);
    return body_of(0, section);
}

MemberChanges arrival(std::uint32_t index, std::uint32_t generation, bool known) {
    MemberChanges changes;
    changes.arrivals.push_back({.index = index, .generation = generation, .owner = 0, .known = known});
    return changes;
}

/// Entities 0 to 3, all in the group; 1 and 2 have positions.
struct FourEntities : TwoEnds {
    explicit FourEntities(Coverage carried = Coverage::Public)
        : TwoEnds(sample::schema(), CodeTables::built_in(), carried) {
        for (int i = 0; i < 4; ++i) world.spawn(2);
        Entity(world, world.at(1)).set(Pos{1, 2});
        Entity(world, world.at(2)).set(Pos{3, 4});
        if (carried == Coverage::Private) {
            client = capture(layout, world, nullptr, 1, counters);
            state.members = all_members(client);
            server = client;
            return;
        }
        step();
    }
    std::string refusal(const Bytes& body) const {
        StreamState of = state;
        SnapshotEdit edit(layout, client);
        const auto outcome = decode_body(codec, body, BodyKind::Delta, coverage, 2, {entities_max}, of, edit);
        if (outcome) return "none";
        CHECK(outcome.error().blame == Blame::Peer);
        CHECK(outcome.error().close_code == 1007);
        return outcome.error().message;
    }
    std::string refusal(const MemberChanges& changes) const {
        return refusal(body_of_members(codec, state.members, coverage, changes));
    }
};

void attack(const SchemaInfo& schema, std::uint64_t seed, int mutations) {
    const Layout layout(schema);
    const Codec codec(layout, CodeTables::built_in(), 30);
    SeededRandom random(seed);
    for (const RealBody& real : testing::real_bodies(codec, seed)) {
        CAPTURE(seed, real.name);
        const auto whole = testing::read_instead(codec, real, real.body);
        REQUIRE(whole.refusal == "");
        REQUIRE(whole.trouble == "");
        for (std::size_t size = 0; size < real.body.size(); ++size) {
            CAPTURE(size);
            REQUIRE(testing::read_instead(codec, real, ByteSpan(real.body).first(size)).trouble == "");
        }
        for (int i = 0; i < mutations; ++i) {
            const Bytes damaged = testing::mutated(real.body, random);
            REQUIRE(testing::read_instead(codec, real, damaged).trouble == "");
        }
        for (int i = 0; i < mutations / 4; ++i) {
            Bytes noise(random.below(60));
            for (std::byte& byte : noise) byte = static_cast<std::byte>(random.below(256));
            REQUIRE(testing::read_instead(codec, real, noise).trouble == "");
        }
    }
}

}  // namespace

TEST_CASE("bodies that are cut off or damaged are refused or make a state that travels on",
          "[replication][body][hostile]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    attack(sample::schema(), seed, 2000);
}

TEST_CASE("damaged bodies of any schema make nothing that the schema does not allow", "[replication][body][hostile]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        const OwnedSchema schema = testing::random_schema(random);
        attack(schema.info(), seed, 100);
    }
}

TEST_CASE("a head that names nothing, or more than there is, is refused", "[replication][body][hostile]") {
    const FourEntities four;
    CHECK(four.refusal(Bytes{}) == "none");
    CHECK(four.refusal(Bytes{std::byte{0}}) == "a body names no table and is not empty");
    CHECK(four.refusal(Bytes{std::byte{0x80}, std::byte{0}}) == "a body names no table and is not empty");
    CHECK(four.refusal(Bytes{std::byte{0x80}}) == "the head of a body does not end");
    CHECK(four.refusal(Bytes(60, std::byte{0xff})) == "the head of a body does not end");
    CHECK(four.refusal(Bytes{std::byte{3}, std::byte{5}, std::byte{0}}) == "a body is shorter than it says");
    CHECK(four.refusal(body_of(2, Bytes(9, std::byte{0xff}))) ==
          "a section of sample.Status holds what no encoder writes");
}

TEST_CASE("an entity beyond the limit is refused, and so is one without a generation", "[replication][body][hostile]") {
    const FourEntities four;
    CHECK(four.refusal(arrival(299, 1, false)) == "none");
    for (const std::uint32_t index : {300U, 301U, 70'000U, 0xffffffffU})
        CHECK(four.refusal(arrival(index, 1, false)) == "a section of entity holds what no encoder writes");
    CHECK(four.refusal(arrival(5, 0, false)) == "a section of entity holds what no encoder writes");
}

TEST_CASE("who comes must not be there, and who is known must be alive", "[replication][body][hostile]") {
    const FourEntities four;
    CHECK(four.refusal(arrival(2, 1, false)) == "entity 2 comes to a group that it is in");
    CHECK(four.refusal(arrival(2, 9, true)) == "entity 2 comes to a group that it is in");
    CHECK(four.refusal(arrival(7, 1, true)) == "entity 7 comes from another group, but is not known");
    MemberChanges again = arrival(2, 1, false);
    again.left.insert(2);
    again.destinations.resize(1);
    CHECK(four.refusal(again) == "none");
}

TEST_CASE("a private body of an entity that is not alive is refused with its name", "[replication][body][hostile]") {
    const FourEntities four(Coverage::Private);
    CHECK(four.refusal(arrival(7, 1, false)) == "a private stream tells of entity 7, which is not alive");
    CHECK(four.refusal(arrival(7, 1, true)) == "a private stream tells of entity 7, which is not alive");
    MemberChanges other = arrival(2, 5, false);
    other.left.insert(2);
    other.destinations.resize(1);
    CHECK(four.refusal(other) == "a private stream tells of entity 2, which is not alive");
}

TEST_CASE("a component that its stream does not carry is refused", "[replication][body][hostile]") {
    const FourEntities four(Coverage::Private);
    CHECK(four.refusal(body_of(1, Bytes(3, std::byte{1}))) ==
          "a body has a section for sample.Pos, which its stream does not carry");
}

TEST_CASE("steps that no value rounds to are refused when a row comes and when it moves",
          "[replication][body][hostile]") {
    OwnedSchema schema("gaps");
    const StructInfo info{.name = "gaps.Body", .size = 0, .alignment = 1};
    const auto [field, good, bad] = GENERATE(table<FieldInfo, std::int32_t, std::int32_t>({
        {{.name = "half", .scalar = Scalar::Int8, .offset = 0, .quantum = 0.5, .min = 0, .max = 10}, 2, 1},
        {{.name = "far", .scalar = Scalar::Float, .offset = 0, .quantum = 1, .min = 4e9, .max = 4e9 + 1024}, 0, 3},
        {{.name = "fine", .scalar = Scalar::Float, .offset = 0, .quantum = 1e-6, .min = -500, .max = 500},
         0,
         499'999'999},
    }));
    schema.add_struct(Role::Component, info, {field});
    const Layout layout(schema.info());
    const Codec codec(layout, CodeTables::built_in(), 30);
    const auto snapshot = [&](Tick tick, std::int32_t step) {
        SnapshotEdit edit(layout, Snapshot{});
        edit.add(0, 0).column(0)[0] = 1;
        edit.add(1, 0).column(0)[0] = step;
        return std::move(edit).finish(tick);
    };
    CAPTURE(field.name);
    const Snapshot before = snapshot(1, good);
    const Snapshot after = snapshot(2, bad);
    const auto reads = [&](const Snapshot& from, const StreamState& had) {
        StreamState stream = had;
        StreamState state = had;
        Bytes body;
        encode_delta({.codec = codec, .before = from, .after = after}, all_members(after), stream, body);
        SnapshotEdit edit(layout, from);
        const auto outcome = decode_body(codec, body, BodyKind::Delta, Coverage::Public, 2, {10}, state, edit);
        return outcome ? std::string("accepted") : outcome.error().message;
    };
    const std::string sentence = std::string("entity 0: gaps.Body.") + field.name + " is " + std::to_string(bad) +
                                 " on the wire, outside the schema's range";
    CHECK(reads(Snapshot{}, {}) == sentence);
    CHECK(reads(before, {.tick = 1, .members = all_members(before), .trails = {}}) == sentence);
}

TEST_CASE("records that the schema refuses are refused in a body", "[replication][body][hostile]") {
    FourEntities four;
    Entity(four.world, four.world.at(0)).set(sample::Name{.text = "Ann"});
    const Snapshot before = four.client;
    const StreamState had = four.state;
    four.step();
    const auto with_record = [&](const Bytes& record) {
        SnapshotEdit edit(four.layout, four.server);
        edit.edit(5, 0).records[0] = std::make_shared<const Bytes>(record);
        const Snapshot after = std::move(edit).finish(2);
        StreamState stream = had;
        Bytes body;
        encode_delta({.codec = four.codec, .before = before, .after = after}, all_members(after), stream, body);
        StreamState state = had;
        SnapshotEdit read(four.layout, before);
        const auto outcome = decode_body(four.codec, body, BodyKind::Delta, Coverage::Public, 2, {300}, state, read);
        return outcome ? std::string("accepted") : outcome.error().message;
    };
    CHECK(with_record(*four.server.chunk(5, 0)->records[0]) == "accepted");
    CHECK(with_record({}) == "accepted");
    CHECK(with_record(Bytes{std::byte{3}}).substr(0, 10) == "entity 0: ");
    CHECK(with_record(Bytes(20'000, std::byte{'a'})).substr(0, 10) == "entity 0: ");
}

TEST_CASE("a section that ends early, or late, is refused", "[replication][body][hostile]") {
    FourEntities four;
    const Snapshot before = four.client;
    const StreamState had = four.state;
    Entity(four.world, four.world.at(1)).get<Pos>().x = 77;
    const Bytes body = four.step();
    const auto accepted = [&](const Bytes& bytes) {
        StreamState state = had;
        SnapshotEdit edit(four.layout, before);
        return decode_body(four.codec, bytes, BodyKind::Delta, Coverage::Public, 2, {300}, state, edit).has_value();
    };
    REQUIRE(accepted(body));
    for (const int extra : {0, 1, 0x80, 0xff}) {
        Bytes longer = body;
        longer.push_back(static_cast<std::byte>(extra));
        CHECK_FALSE(accepted(longer));
    }
}

TEST_CASE("a section has a byte at least", "[replication][body][hostile]") {
    const FourEntities four;
    // The entities and Pos: the one's length, and nothing of the other.
    const Bytes last_empty = test::from_hex("03 01 00");
    const Bytes first_empty = test::from_hex("03 00 00");
    const Bytes alone_empty = test::from_hex("02");
    for (const Bytes& body : {last_empty, first_empty, alone_empty})
        CHECK(four.refusal(body) == "a body has a section without a byte");
}
