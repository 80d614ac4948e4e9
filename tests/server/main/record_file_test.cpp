// The file of a recording, and a server that writes it: whole records reach the disk, and a disk that fails stops no game.
#include "server/main/record_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sdk/core/wire/flight_reader.h"
#include "tests/support/folder.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::server::RecordFile;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;
using tidewire::test::Folder;

namespace {

std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Runs a server for some ticks. What listen() says.
Result<void> play(const std::string& record_file, int ticks) {
    Server<SampleSchema, SampleRules> server(
        {.address = "127.0.0.1", .port = 0, .tick_rate = 128, .bots = 4, .record_file = record_file});
    int done = 0;
    server.on_tick([&](ServerSim&) {
        if (++done == ticks) server.stop();
    });
    if (auto listening = server.listen(); !listening) return listening;
    return server.run();
}

}  // namespace

TEST_CASE("a record file is made, or emptied, and written to the last byte", "[server][record]") {
    const Folder folder;
    const std::string path = folder / "a.twfl";
    std::ofstream(path) << "what was there before";
    auto file = RecordFile::create(path);
    REQUIRE(file);
    CHECK(content(path) == "");
    REQUIRE(file->write(as_bytes("one ")));
    REQUIRE(file->write(as_bytes("two")));
    CHECK(content(path) == "one two");
    CHECK(file->bytes_written() == 7);
}

TEST_CASE("what cannot be recorded to is an error that names file and reason", "[server][record]") {
    using Catch::Matchers::Contains;
    const Folder folder;
    const auto missing = RecordFile::create(folder / "no/such/folder");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().blame == Blame::Machine);
    CHECK_THAT(missing.error().message, Contains("no/such/folder") && Contains("No such file"));

    // A pipe without a reader would keep the game waiting.
    const std::string pipe = folder / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_FALSE(RecordFile::create(pipe));

    auto full = RecordFile::create("/dev/full");
    REQUIRE(full);
    const auto written = full->write(as_bytes("x"));
    REQUIRE_FALSE(written);
    CHECK_THAT(written.error().message, Contains("No space left"));
}

TEST_CASE("a server keeps every tick in its record file", "[server][record]") {
    const Folder folder;
    const std::string path = folder / "a.twfl";
    REQUIRE(play(path, 20));
    const std::string text = content(path);
    wire::FlightReader reader;
    reader.receive(as_bytes(text));
    reader.receive_end();
    Tick tick = 0;
    for (;;) {
        const auto record = reader.poll_record();
        REQUIRE(record);
        if (!*record) break;
        if (const auto* message = std::get_if<wire::TickMessage>(&**record)) CHECK(message->tick == ++tick);
    }
    CHECK_FALSE(reader.cut());
    CHECK(tick >= 20);
}

TEST_CASE("a disk that is full ends the recording and not the game", "[server][record]") {
    CHECK(play("/dev/full", 20));
}

TEST_CASE("a server that cannot listen empties no recording", "[server][record]") {
    const Folder folder;
    const std::string path = folder / "a.twfl";
    std::ofstream(path) << "kept";
    Server<SampleSchema, SampleRules> first({.address = "127.0.0.1", .port = 0});
    REQUIRE(first.listen());
    Server<SampleSchema, SampleRules> second({.address = "127.0.0.1", .port = first.port(), .record_file = path});
    CHECK_FALSE(second.listen());
    CHECK(content(path) == "kept");
    CHECK_FALSE(play(folder / "no/such/folder", 1));
}
