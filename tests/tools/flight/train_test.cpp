// Training: what a room told is told in fewer bytes afterwards, also in another match, and both ends take the result.

#include "tools/flight/training.h"

#include <catch2/catch.hpp>
#include <string>

#include "sdk/core/wire/flight_writer.h"
#include "server/room/recorder.h"
#include "tests/server/room/walkers.h"
#include "tests/support/folder.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::flight;
using tidewire::test::Folder;
using tidewire::test::Walkers;

namespace {

Bytes record(const Game& game, Tick ticks, server::RoomResources resources) {
    const replication::Layout layout(*game.schema);
    server::Room room(game, layout, {});
    for (int i = 0; i < 20; ++i) room.join("bot", true);
    server::Recorder recorder(room, std::move(resources));
    Bytes file;
    for (Tick tick = 0; tick < ticks; ++tick) {
        room.tick();
        REQUIRE(recorder.record(file));
    }
    return file;
}

/// A match of the sample game with bots.
Bytes match(std::uint64_t seed, Tick ticks, server::RoomResources resources = {}) {
    const SampleGame sample(seed);
    return record(sample.game(), ticks, std::move(resources));
}

/// Of the game with many groups: entities change cells, and some components are told to their owners only.
Bytes walk(std::uint64_t seed, Tick ticks, server::RoomResources resources = {}) {
    const Walkers walkers(seed);
    return record(walkers.game(), ticks, std::move(resources));
}

/// The bytes of all deltas of a recording.
std::uint64_t delta_bytes(const std::string& path) {
    auto replay = Replay::open(path);
    REQUIRE(replay);
    std::uint64_t bytes = 0;
    for (;;) {
        const auto more = replay->next();
        REQUIRE(more);
        if (!*more) return bytes;
        for (const RecordedBody& body : replay->bodies())
            if (body.coding == wire::BodyCoding::Delta) bytes += body.bytes;
    }
}

struct NoRules {
    void operator()(Sim&, Entity, const ::test::Steer&) const {}
};

}  // namespace

TEST_CASE("trained tables tell another match in fewer bytes", "[flight][train]") {
    const Folder folder;
    const auto training =
        train({.recordings = {folder.write("a.twfl", match(1, 600)), folder.write("b.twfl", match(2, 600))},
               .dictionary_bytes = std::nullopt});
    REQUIRE(training);
    CHECK(training->seen.ticks == 1200);
    CHECK(training->seen.after.deltas.bodies == training->seen.before.deltas.bodies);
    CHECK(training->seen.after.deltas.bytes < training->seen.before.deltas.bytes * 9 / 10);
    CHECK(training->seen.after.keyframes.bytes < training->seen.before.keyframes.bytes);
    CHECK(training->code_tables.schema_hash() == replication::schema_hash(SampleSchema::info()));

    server::RoomResources trained;
    trained.code_tables = training->code_tables;
    const Bytes with = match(7, 300, trained);
    CHECK(with.size() - training->code_tables.bytes().size() < match(7, 300).size() * 9 / 10);
    // And what was made with them can be read again.
    const auto again = train({.recordings = {folder.write("c.twfl", with)}, .dictionary_bytes = std::nullopt});
    REQUIRE(again);
    CHECK(again->seen.ticks == 300);
}

TEST_CASE("what was not learnt from is measured apart", "[flight][train]") {
    const Folder folder;
    const std::string learnt = folder.write("a.twfl", walk(1, 300));
    const std::string other = folder.write("b.twfl", walk(2, 200));
    const auto training = train({.recordings = {learnt}, .verify = {other}});
    REQUIRE(training);
    REQUIRE(training->unseen);
    CHECK(training->unseen->ticks == 200);
    CHECK(training->unseen->before.deltas.bytes == delta_bytes(other));
    CHECK(training->unseen->after.deltas.bodies == training->unseen->before.deltas.bodies);
    CHECK(training->unseen->after.deltas.bytes < training->unseen->before.deltas.bytes);
    // The tables are those of the first alone.
    const auto alone = train({.recordings = {learnt}});
    REQUIRE(alone);
    CHECK_FALSE(alone->unseen);
    CHECK(alone->code_tables.id() == training->code_tables.id());
    const auto stranger = train({.recordings = {learnt}, .verify = {folder.write("c.twfl", match(1, 5))}});
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error().message.find("different schemas") != std::string::npos);
}

TEST_CASE("a room of many groups is encoded again to the very bytes that were recorded", "[flight][train]") {
    const Folder folder;
    const std::string path = folder.write("a.twfl", walk(1, 300));
    const auto training = train({.recordings = {path}, .dictionary_bytes = std::nullopt});
    REQUIRE(training);
    // With the recording's own tables every delta comes out as it was.
    CHECK(training->seen.before.deltas.bytes == delta_bytes(path));
    CHECK(training->seen.before.deltas.bodies > 300 * 20);
    CHECK(training->seen.before.catch_ups.bodies > 1000);
    CHECK(training->seen.before.keyframes.bodies > 100);
    CHECK(training->seen.before.newcomers.bodies > 50);
    CHECK(training->seen.after.deltas.bytes < training->seen.before.deltas.bytes);
    CHECK(training->seen.after.newcomers.bytes < training->seen.before.newcomers.bytes);

    server::RoomResources trained;
    trained.code_tables = training->code_tables;
    const std::string plain = folder.write("plain.twfl", walk(9, 200));
    const std::string small = folder.write("small.twfl", walk(9, 200, trained));
    CHECK(delta_bytes(small) < delta_bytes(plain));
}

TEST_CASE("a dictionary is trained from keyframes, and packs those of another match", "[flight][train]") {
    const Folder folder;
    const auto training = train({.recordings = {folder.write("a.twfl", walk(1, 1200))}, .dictionary_bytes = 4096});
    INFO((training ? std::string() : training.error().message));
    REQUIRE(training);
    REQUIRE(training->dictionary);
    CHECK(training->dictionary->bytes().size() <= 4096);

    server::RoomResources trained;
    trained.code_tables = training->code_tables;
    trained.dictionary = training->dictionary;
    const auto again = train({.recordings = {folder.write("b.twfl", walk(2, 100, trained))}});
    INFO((again ? std::string() : again.error().message));
    CHECK(again);
}

TEST_CASE("servers and clients take what was trained: shipped with the client, or sent to it", "[flight][train]") {
    using namespace std::chrono_literals;
    const Folder folder;
    const auto training = train({.recordings = {folder.write("a.twfl", walk(1, 1200))}, .dictionary_bytes = 4096});
    REQUIRE(training);
    const std::string tables = folder.write("a.twct", training->code_tables.bytes());
    const std::string dictionary = folder.write("a.dict", training->dictionary->bytes());

    Server<::test::Schema, NoRules> by_file(
        {.address = "127.0.0.1", .port = 0, .code_tables_file = tables, .dictionary_file = dictionary});
    const auto listening = by_file.listen();
    INFO((listening ? std::string() : listening.error().message));
    CHECK(listening);

    server::RoomResources trained;
    trained.code_tables = training->code_tables;
    trained.dictionary = training->dictionary;
    const Walkers walkers(5);
    VirtualServer server(walkers.game(), {.bots = 10}, 1, trained);
    VirtualClient& shipped = server.connect(
        {}, {.code_tables = {training->code_tables.bytes()}, .dictionaries = {training->dictionary->bytes()}});
    VirtualClient& sent = server.connect();
    server.run_for(5s);
    for (VirtualClient* client : {&shipped, &sent}) {
        CHECK(client->closed() == nullptr);
        CHECK(client->session().counters().ticks > 100);
        CHECK(client->session().counters().desyncs == 0);
    }
    // The one was spared the files.
    CHECK(sent.session().counters().bytes_received >
          shipped.session().counters().bytes_received + training->code_tables.bytes().size() / 2);
}

TEST_CASE("what cannot be trained from is named", "[flight][train]") {
    const Folder folder;
    const auto error_of = [](std::vector<std::string> recordings, std::optional<std::size_t> dictionary = {}) {
        const auto training = train({.recordings = std::move(recordings), .dictionary_bytes = dictionary});
        return training ? std::string("none") : training.error().message;
    };
    const auto names = [](const std::string& sentence, const std::string& word) {
        CAPTURE(sentence, word);
        CHECK(sentence.find(word) != std::string::npos);
    };
    names(error_of({"/nowhere/a.twfl"}), "/nowhere/a.twfl");
    names(error_of({folder.write("other.twfl", "something else")}), "other.twfl");
    names(error_of({folder.write("short.twfl", match(1, 3))}, 4096), "longer");
    names(error_of({folder.write("empty.twfl", "")}), "empty.twfl");
    const std::string sample = folder.write("sample.twfl", match(1, 5));
    const std::string walkers = folder.write("walkers.twfl", walk(1, 5));
    names(error_of({sample, walkers}), "sample.twfl");
    names(error_of({sample, walkers}), "walkers.twfl");
    names(error_of({sample, walkers}), "different schemas");
    Bytes no_ticks = match(1, 1);
    wire::FlightReader reader;
    reader.receive(no_ticks);
    REQUIRE(reader.poll_record());
    no_ticks.resize(reader.bytes_read());
    names(error_of({folder.write("no_ticks.twfl", no_ticks)}), "no_ticks.twfl");
    Bytes damaged = match(1, 60);
    damaged[damaged.size() / 2] ^= std::byte{0x55};
    names(error_of({folder.write("damaged.twfl", damaged)}), "damaged.twfl");
    Bytes wide;
    std::string schema = "tidewire schema 2 wide\ncomponent wide.Wide\n";
    for (int i = 0; i < 5000; ++i) schema += "  f" + std::to_string(i) + ": bool 0..1\n";
    wire::append_flight_header(wide, {.sdk_version = "1", .schema = schema, .tick_rate = 30, .entities_max = 65'536});
    names(error_of({folder.write("wide.twfl", wide)}), "could take more than 1024 MiB");
    // A file that a crash has cut is used as far as it goes.
    Bytes cut = match(1, 50);
    cut.resize(cut.size() - 5);
    const auto training = train({.recordings = {folder.write("cut.twfl", cut)}, .dictionary_bytes = std::nullopt});
    REQUIRE(training);
    CHECK(training->seen.ticks == 49);
    CHECK(training->cut.size() == 1);
}
