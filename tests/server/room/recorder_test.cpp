// A recording holds all that happened, of every group, and nothing that its reader could not follow.
#include "server/room/recorder.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/replica.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/wire/flight_reader.h"
#include "tests/sdk/wire/dictionaries.h"
#include "tests/server/room/walkers.h"
#include "tidewire/version.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::Walkers;
using wire::BodyCoding;

namespace {

/// A room, its recording so far, and what truly was at each recorded tick.
struct Fixture {
    explicit Fixture(std::uint64_t seed, RoomResources resources = {})
        : walkers(seed), room(walkers.game(), layout, {.snapshots_held = 40}), recorder(room, std::move(resources)) {}

    void run(int ticks, bool records = true) {
        for (int i = 0; i < ticks; ++i) {
            room.tick();
            if (!records) continue;
            REQUIRE(recorder.record(file));
            truth.push_back(*room.snapshots().newest());
        }
    }

    Walkers walkers;
    replication::Layout layout{*walkers.game().schema};
    Room room;
    Recorder recorder;
    Bytes file;
    std::vector<replication::Snapshot> truth;
};

/// Reads a recording and compares it with the truth, tick by tick. Counts bodies by coding.
std::map<BodyCoding, std::size_t> check_exact(const Fixture& fixture) {
    using Kind = replication::GroupUpdate::Kind;
    static const std::map<BodyCoding, Kind> kinds = {
        {BodyCoding::Delta, Kind::Delta},       {BodyCoding::CatchUp, Kind::CatchUp},
        {BodyCoding::Keyframe, Kind::Keyframe}, {BodyCoding::Newcomers, Kind::Newcomers},
        {BodyCoding::Left, Kind::Left},         {BodyCoding::Verify, Kind::Verify}};
    wire::FlightReader reader;
    reader.receive(fixture.file);
    auto first = reader.poll_record();
    REQUIRE(first);
    REQUIRE(*first);
    const auto header = std::get<wire::FlightHeader>(**first);
    const auto tables = replication::CodeTables::parse(header.code_tables.bytes);
    REQUIRE(tables);
    const replication::Codec codec(fixture.layout, *tables, header.tick_rate);
    replication::Replica replica(codec, {.entities_max = header.entities_max});
    std::optional<wire::Dictionary> dictionary;
    if (header.dictionary.id != 0) dictionary = wire::Dictionary::parse(header.dictionary.bytes).value();

    std::map<BodyCoding, std::size_t> counts;
    replication::Snapshot newest;
    for (const replication::Snapshot& truth : fixture.truth) {
        CAPTURE(truth.tick);
        const auto record = reader.poll_record();
        REQUIRE(record);
        REQUIRE(*record);
        const auto& message = std::get<wire::TickMessage>(**record);
        REQUIRE(message.tick == truth.tick);
        std::vector<Bytes> inflated(message.bodies.size());
        std::vector<replication::GroupUpdate> updates;
        for (std::size_t i = 0; i < message.bodies.size(); ++i) {
            const wire::GroupBody& body = message.bodies[i];
            ++counts[body.coding];
            ByteSpan bytes = body.bytes;
            if (body.coding == BodyCoding::Keyframe || body.coding == BodyCoding::Newcomers)
                bytes = wire::unpack_body(bytes, {}, dictionary ? &*dictionary : nullptr, inflated[i]).value();
            updates.push_back({.kind = kinds.at(body.coding), .group = body.group, .body = bytes});
        }
        auto made = replica.apply(newest, message.tick, updates);
        INFO((made ? std::string() : made.error().message));
        REQUIRE(made);
        newest = std::move(*made);
        INFO(replication::first_difference(fixture.layout, newest, truth));
        REQUIRE(replication::same_state(newest, truth));
        if (message.state_hash != 0) CHECK(replica.state_hash(newest) == message.state_hash);
    }
    const auto end = reader.poll_record();
    REQUIRE(end);
    CHECK_FALSE(end->has_value());
    reader.receive_end();
    CHECK_FALSE(reader.cut());
    return counts;
}

}  // namespace

TEST_CASE("a recording makes the whole state of every tick: cells, teams, private components, and what nobody is told",
          "[recorder]") {
    Fixture fixture(1);
    std::vector<PlayerId> players;
    for (int i = 0; i < 6; ++i) players.push_back(fixture.room.join("p", false));
    for (int round = 0; round < 6; ++round) {
        fixture.run(50);
        fixture.room.leave(players[static_cast<std::size_t>(round)]);
        players.push_back(fixture.room.join("q", false));
    }
    auto counts = check_exact(fixture);
    CHECK(counts[BodyCoding::Delta] > 300 * 20);
    CHECK(counts[BodyCoding::Keyframe] > 20);
    CHECK(counts[BodyCoding::CatchUp] == 0);
    // Whoever changes groups is known from the one that it left.
    CHECK(counts[BodyCoding::Newcomers] == 0);
}

TEST_CASE("a recording may begin late and miss ticks", "[recorder]") {
    Fixture fixture(2);
    for (int i = 0; i < 3; ++i) fixture.room.join("p", false);
    fixture.run(100, false);
    for (int i = 0; i < 30; ++i) {
        fixture.run(1);
        fixture.run(i % 4, false);
    }
    // Longer than snapshots are held: all begins anew.
    fixture.run(60, false);
    fixture.run(20);
    check_exact(fixture);
}

TEST_CASE("a group that has been empty for two seconds ends, and may begin again", "[recorder]") {
    Fixture fixture(3);
    const PlayerId first = fixture.room.join("p", false);
    fixture.run(10);
    fixture.room.leave(first);
    fixture.run(61);
    auto counts = check_exact(fixture);
    CHECK(counts[BodyCoding::Left] > 0);
    fixture.run(100);
    fixture.room.join("q", false);
    fixture.run(30);
    check_exact(fixture);
}

TEST_CASE("the header says all that a reader needs, with tables and dictionary whole", "[recorder]") {
    RoomResources resources;
    resources.dictionary = tidewire::test::sample_dictionary();
    Fixture fixture(4, resources);
    fixture.room.join("p", false);
    fixture.run(5);
    check_exact(fixture);

    wire::FlightReader reader;
    reader.receive(fixture.file);
    const auto first = reader.poll_record();
    REQUIRE(first);
    const auto& header = std::get<wire::FlightHeader>(first->value());
    CHECK(header.sdk_version == version);
    CHECK(header.schema == replication::describe(fixture.layout.schema()));
    CHECK(fnv1a(as_bytes(header.schema)) == fixture.layout.schema().hash);
    CHECK(header.tick_rate == 30);
    CHECK(header.entities_max == 8192);
    CHECK(header.code_tables.bytes == replication::CodeTables::built_in().bytes());
    CHECK(header.dictionary.id == resources.dictionary->id());
    CHECK(header.dictionary.bytes == resources.dictionary->bytes());
}
