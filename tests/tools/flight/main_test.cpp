// The command line of tidewire-flight: verbs, exit codes, and what it writes over.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server/room/recorder.h"
#include "tests/tools/program.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using tidewire::sim::SampleGame;
using tidewire::test::Folder;

namespace {

Finished flight(const Folder& folder, const std::vector<std::string>& arguments) {
    return run_program(folder, TIDEWIRE_FLIGHT, arguments);
}

void write_recording(const Folder& folder, const std::string& name) {
    const SampleGame sample(1);
    const Game game = sample.game();
    const replication::Layout layout(*game.schema);
    server::Room room(game, layout, {});
    for (int i = 0; i < 4; ++i) room.join("bot", true);
    server::Recorder recorder(room, {});
    Bytes file;
    for (int tick = 0; tick < 60; ++tick) {
        room.tick();
        REQUIRE(recorder.record(file));
    }
    folder.write(name, file);
}

}  // namespace

TEST_CASE("a wrong command line exits with 2 and says what would be right", "[flight][main]") {
    const Folder folder;
    const struct {
        std::vector<std::string> arguments;
        std::string complaint;
    } cases[] = {
        {{}, "what is to be done? Say train or inspect; see --help"},
        {{"bogus"}, "\"bogus\" is none of its verbs; say train or inspect; see --help"},
        {{"train", "a.twfl"}, "train needs --code-tables OUT; see --help"},
    };
    for (const auto& [arguments, complaint] : cases) {
        const Finished finished = flight(folder, arguments);
        CHECK(finished.exit_code == 2);
        CHECK(finished.out.empty());
        CHECK(finished.err == "tidewire-flight: " + complaint + "\n");
    }
    CHECK(flight(folder, {"--colour"}).exit_code == 2);
    CHECK(flight(folder, {"train"}).exit_code == 2);
    CHECK(flight(folder, {"inspect", "a.twfl", "b.twfl"}).exit_code == 2);
    CHECK(flight(folder, {"train", "a.twfl", "--code-tables", "a.twct", "--dictionary-bytes", "1"}).exit_code == 2);
    CHECK(flight(folder, {"--help"}).exit_code == 0);
}

TEST_CASE("what fails for another reason exits with 1", "[flight][main]") {
    const Folder folder;
    CHECK(flight(folder, {"inspect", "none.twfl"}).exit_code == 1);
    CHECK(flight(folder, {"train", "none.twfl", "--code-tables", "a.twct"}).exit_code == 1);
    write_recording(folder, "a.twfl");
    const Finished nowhere = flight(folder, {"train", "a.twfl", "--code-tables", "nowhere/a.twct"});
    CHECK(nowhere.exit_code == 1);
    CHECK(nowhere.err == "tidewire-flight: \"nowhere/a.twct\" cannot be written\n");
}

TEST_CASE("train writes over nothing that it reads, and nothing twice", "[flight][main]") {
    const Folder folder;
    write_recording(folder, "a.twfl");
    write_recording(folder, "b.twfl");
    const std::string before = folder.read("a.twfl");
    const struct {
        std::vector<std::string> arguments;
        std::string named;
    } cases[] = {
        {{"train", "a.twfl", "--code-tables", "a.twfl"}, "a.twfl"},
        {{"train", "a.twfl", "--code-tables", "./a.twfl"}, "./a.twfl"},
        {{"train", "a.twfl", "--code-tables", "a.twct", "--dictionary", "a.twfl"}, "a.twfl"},
        {{"train", "a.twfl", "--code-tables", "a.twct", "--dictionary", "a.twct"}, "a.twct"},
        {{"train", "a.twfl", "--verify", "b.twfl", "--code-tables", "b.twfl"}, "b.twfl"},
    };
    for (const auto& [arguments, named] : cases) {
        const Finished finished = flight(folder, arguments);
        CHECK(finished.exit_code == 2);
        CHECK(finished.err == "tidewire-flight: \"" + named +
                                  "\" is named twice; give each output a file of its own, beside the recordings; see "
                                  "--help\n");
        CHECK(folder.read("a.twfl") == before);
        CHECK(folder.read("b.twfl") == before);
        CHECK_FALSE(folder.has("a.twct"));
    }
}

TEST_CASE("train says what its figures were measured of", "[flight][main]") {
    const Folder folder;
    write_recording(folder, "a.twfl");
    write_recording(folder, "b.twfl");
    const Finished alone = flight(folder, {"train", "a.twfl", "--code-tables", "a.twct"});
    CHECK(alone.exit_code == 0);
    CHECK(alone.out.find("\"of_what_was_learnt_from\": {\n    \"ticks\": 60,") != std::string::npos);
    CHECK(alone.out.find("\"of_what_was_not\": \"unknown: give --verify a recording of another match\"") !=
          std::string::npos);
    const Finished both = flight(folder, {"train", "a.twfl", "--verify", "b.twfl", "--code-tables", "a.twct"});
    CHECK(both.exit_code == 0);
    CHECK(both.out.find("\"of_what_was_not\": {\n    \"ticks\": 60,") != std::string::npos);
}
