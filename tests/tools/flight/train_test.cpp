// Training: what a room told is told in fewer bytes afterwards, also in another match, and both ends take the result.

#include "tools/flight/training.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "server/room/recorder.h"
#include "tests/scenario/sample_game.h"

using namespace tidewire;
using namespace tidewire::flight;
using tidewire::test::SampleGame;

namespace {

/// A folder that goes with the test.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / "tidewire-train-test-XXXXXX") {
        std::string pattern = path_.string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, ByteSpan bytes) const {
        const std::string path = (path_ / name).string();
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path;
    }

private:
    std::filesystem::path path_;
};

/// A match of the sample game with bots.
Bytes match(std::uint64_t seed, Tick ticks, server::RoomResources resources = {}) {
    SampleGame sample(seed);
    const replication::Layout layout(*sample.game().schema);
    server::Room room(sample.game(), layout, {});
    for (int i = 0; i < 20; ++i) room.join("bot", true);
    server::Recorder recorder(room, std::move(resources));
    Bytes file;
    for (Tick tick = 0; tick < ticks; ++tick) {
        room.tick();
        REQUIRE(recorder.record(file));
    }
    return file;
}

}  // namespace

TEST_CASE("trained tables tell another match in fewer bytes", "[flight][train]") {
    const Folder folder;
    const auto training =
        train({.recordings = {folder.write("a.twfl", match(1, 600)), folder.write("b.twfl", match(2, 600))},
               .dictionary_bytes = std::nullopt});
    REQUIRE(training);
    CHECK(training->ticks == 1200);
    CHECK(training->after.deltas.bodies == training->before.deltas.bodies);
    CHECK(training->after.deltas.bytes < training->before.deltas.bytes * 9 / 10);
    CHECK(training->after.keyframes.bytes < training->before.keyframes.bytes);
    CHECK(training->code_tables.schema_hash() == replication::schema_hash(test::SampleSchema::info()));

    server::RoomResources trained;
    trained.code_tables = training->code_tables;
    const Bytes with = match(7, 300, trained);
    CHECK(with.size() - training->code_tables.bytes().size() < match(7, 300).size() * 9 / 10);
    // And what was made with them can be read again.
    const auto again = train({.recordings = {folder.write("c.twfl", with)}, .dictionary_bytes = std::nullopt});
    REQUIRE(again);
    CHECK(again->ticks == 300);
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
    names(error_of({folder.write("other.twfl", as_bytes("something else"))}), "other.twfl");
    names(error_of({folder.write("short.twfl", match(1, 3))}, 4096), "longer");
    // A file that a crash has cut is used as far as it goes.
    Bytes cut = match(1, 50);
    cut.resize(cut.size() - 5);
    const auto training = train({.recordings = {folder.write("cut.twfl", cut)}, .dictionary_bytes = std::nullopt});
    REQUIRE(training);
    CHECK(training->ticks == 49);
    CHECK(training->cut.size() == 1);
}
