// The command line of tidewire-schemac: exit codes, files, and inputs that are no schema.
#include "tests/tools/schemac/schema_run.h"

#include <catch2/catch.hpp>
#include <fstream>

namespace {

const std::string game =
    "include \"tidewire.fbs\";\nnamespace game;\n/// Here. \\\nstruct Pos (component) {\n  /// C:\\\n  x: float;\n}\n"
    "struct Move (input) { dx: byte; }\n";

}  // namespace

TEST_CASE("a wrong command line exits with 2 and says what is wrong", "[schemac]") {
    const SchemaRun run;
    struct {
        std::vector<std::string> arguments;
        std::string complaint;
    } const cases[] = {
        {{}, "the binary schema is missing"},
        {{"--header", "game.h"}, "the binary schema is missing"},
        {{"a.bfbs", "b.bfbs"}, "one binary schema at a time; there is a.bfbs and b.bfbs"},
        {{"a.bfbs", "--colour"}, "unknown option --colour"},
        {{"a.bfbs", "--header"}, "--header needs a file name"},
        {{"a.bfbs", "--header", ""}, "--header needs a file name"},
        {{"a.bfbs", "--header", "a.h", "--header", "b.h"}, "--header is there twice"},
        {{"a.bfbs", "--header", "a.h", "--depfile", "a.d"}, "--depfile needs --source and --header"},
    };
    for (const auto& [arguments, complaint] : cases) {
        const Finished finished = run.schemac(arguments);
        CHECK(finished.exit_code == 2);
        CHECK(finished.out.empty());
        CHECK(finished.err.substr(0, finished.err.find('\n')) == "tidewire-schemac: " + complaint);
    }
}

TEST_CASE("--help explains the options and is no error", "[schemac]") {
    const Finished finished = SchemaRun().schemac({"--help"});
    CHECK(finished.exit_code == 0);
    CHECK(finished.out.find("--print-canonical") != std::string::npos);
    CHECK(finished.err.empty());
}

TEST_CASE("a file that is no binary schema is refused", "[schemac]") {
    const SchemaRun run;
    CHECK(run.schemac({"none.bfbs"}).err == "none.bfbs: cannot be read\n");
    const std::string content = GENERATE(as<std::string>{}, "", "BFBS", "namespace game;", "12345678BFBS1234567890");
    run.write("game.bfbs", content);
    const Finished finished = run.schemac({"game.bfbs", "--header", "game.h"});
    CHECK(finished.exit_code == 1);
    CHECK(finished.err == "game.bfbs: not a binary schema; make it with flatc --binary --schema\n");
    CHECK_FALSE(run.exists("game.h"));
}

TEST_CASE("every cut and every changed byte of a binary schema ends in an exit code", "[schemac]") {
    const SchemaRun run;
    run.write("game.fbs", game);
    run.flatc();
    const std::string whole = run.read("game.bfbs");
    std::uint64_t state = 7;
    for (int i = 0; i < 60; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        std::string damaged = whole;
        const std::size_t place = (state >> 33) % whole.size();
        if (i % 3 == 0)
            damaged.resize(place);
        else
            damaged[place] = static_cast<char>(state >> 17);
        run.write("game.bfbs", damaged);
        INFO("case " << i << ", byte " << place);
        const Finished finished = run.schemac({"game.bfbs", "--source", "game.fbs", "--print-canonical"});
        CHECK((finished.exit_code == 0 || finished.exit_code == 1));
    }
}

TEST_CASE("a source that the binary schema was not made from is refused", "[schemac]") {
    const SchemaRun run;
    run.write("game.fbs", game);
    run.write("other.fbs", game);
    run.flatc();
    const Finished finished = run.schemac({"game.bfbs", "--source", "other.fbs", "--header", "game.h"});
    CHECK(finished.exit_code == 1);
    CHECK(finished.err == "game.bfbs: the binary schema was not made from other.fbs; compile that file with flatc\n");
}

TEST_CASE("the header is written whole and each time", "[schemac]") {
    const SchemaRun run;
    run.write("game.fbs", game);
    run.flatc();
    run.write("game.h", "old");
    REQUIRE(run.schemac({"game.bfbs", "--source", "game.fbs", "--header", "game.h"}).exit_code == 0);
    const std::string header = run.read("game.h");
    CHECK(header.rfind("// Made by tidewire-schemac from game.fbs. Do not edit.\n#pragma once\n", 0) == 0);
    CHECK_FALSE(run.exists("game.h.part"));

    const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
    std::filesystem::last_write_time(run.directory() / "game.h", long_ago);
    REQUIRE(run.schemac({"game.bfbs", "--source", "game.fbs", "--header", "game.h"}).exit_code == 0);
    CHECK(std::filesystem::last_write_time(run.directory() / "game.h") > long_ago);
    CHECK(run.read("game.h") == header);

    const Finished nowhere = run.schemac({"game.bfbs", "--header", "no/such/game.h"});
    CHECK(nowhere.exit_code == 1);
    CHECK(nowhere.err == "no/such/game.h: cannot be written\n");
}

TEST_CASE("a schema's comments come along, and cannot end a line of C++ early", "[schemac]") {
    const SchemaRun run;
    run.write("game.fbs", game);
    run.flatc();
    REQUIRE(run.schemac({"game.bfbs", "--header", "game.h"}).exit_code == 0);
    CHECK(run.read("game.h").find("/// Here. \nstruct Pos {\n    /// C:\n    float x = 0;\n") != std::string::npos);
}

TEST_CASE("errors in an included file name that file and its line", "[schemac]") {
    const SchemaRun run;
    run.write("parts/vec.fbs",
              "include \"tidewire.fbs\";\nnamespace game;\nstruct Vec {\n  x: float (range: \"2..1\");\n}\n");
    run.write(
        "game.fbs",
        "include \"tidewire.fbs\";\ninclude \"parts/vec.fbs\";\nnamespace game;\nstruct Pos (component) { at: Vec; }\n"
        "struct Move (input) { dx: byte; }\n");
    run.flatc();
    CHECK(run.schemac({"game.bfbs", "--source", "game.fbs"}).err ==
          "parts/vec.fbs:4: game.Vec.x: range \"2..1\" is reversed; write range: \"1..2\"\n");
}

TEST_CASE("the dependency file lists every schema that was read", "[schemac]") {
    const SchemaRun run;
    run.write("parts/vec.fbs", "namespace game;\nstruct Vec { x: float; }\n");
    run.write(
        "game.fbs",
        "include \"tidewire.fbs\";\ninclude \"parts/vec.fbs\";\nnamespace game;\nstruct Pos (component) { at: Vec; }\n"
        "struct Move (input) { dx: byte; }\n");
    run.flatc();
    REQUIRE(run.schemac({"game.bfbs", "--source", "game.fbs", "--header", "game.h", "--depfile", "game.d"}).exit_code ==
            0);
    const std::string dependencies = run.read("game.d");
    CHECK(dependencies.rfind("game.h: game.fbs", 0) == 0);
    CHECK(dependencies.find(" parts/vec.fbs") != std::string::npos);
    CHECK(dependencies.find("tidewire.fbs") != std::string::npos);
}

TEST_CASE("owner_only warns that every client is told, and compiles", "[schemac]") {
    const SchemaRun run;
    run.write("game.fbs",
              "include \"tidewire.fbs\"; namespace game;\n"
              "struct Hand (component, owner_only) { card: ubyte; }\n"
              "struct Move (input) { dx: byte; }\n");
    run.flatc();
    const Finished finished = run.schemac({"game.bfbs", "--source", "game.fbs", "--header", "game.h"});
    CHECK(finished.exit_code == 0);
    CHECK(finished.err ==
          "game.fbs:2: game.Hand: warning: owner_only is not kept by this version: every client is told; keep what "
          "must stay private out of the schema\n");
    CHECK(run.exists("game.h"));
}
