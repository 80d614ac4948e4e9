// The command line of tidewire-schemac: exit codes, files, and inputs that are no schema.
#include "tests/tools/schemac/schema_run.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

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
        {{"--check", "a.bfbs"}, "--check needs an older and a newer binary schema, and no more"},
        {{"--check", "a.bfbs", "b.bfbs", "c.bfbs"}, "--check needs an older and a newer binary schema, and no more"},
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
    CHECK(finished.out.find("--check OLD.bfbs NEW.bfbs") != std::string::npos);
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

TEST_CASE("the command --check says whether clients of the older schema are still served", "[schemac]") {
    const SchemaRun run;
    const auto write = [&](const std::string& file, const std::string& more) {
        std::ostringstream text;
        text << game << more;
        run.write("game.fbs", text.str());
        run.flatc();
        run.write(file, run.read("game.bfbs"));
    };
    const std::string chat = "table Chat (event) { text: string; }\n";
    write("old.bfbs", chat);
    write("same.bfbs", "// Another comment.\n" + chat);
    write("new.bfbs",
          "table Chat (event) { text: string; to: uint; }\nstruct Hp (component) { hp: ubyte; }\n"
          "struct Hit (event) { damage: ubyte; }\n");
    for (const std::string newer : {"same.bfbs", "new.bfbs"}) {
        const Finished finished = run.schemac({"--check", "old.bfbs", newer});
        CHECK(finished.exit_code == 0);
        CHECK(finished.out == newer + " only appends to old.bfbs: clients of old.bfbs are still served\n");
        CHECK(finished.err.empty());
    }
    const Finished back = run.schemac({"--check", "new.bfbs", "old.bfbs"});
    CHECK(back.exit_code == 1);
    CHECK(back.out.empty());
    CHECK(back.err ==
          "old.bfbs does not only append to new.bfbs; components keep their place in the order of the text: append new "
          "ones "
          "behind the others\n"
          "new.bfbs: struct game.Hp (component)\n"
          "old.bfbs: (nothing)\n");
    CHECK(run.schemac({"--check", "none.bfbs", "old.bfbs"}).err == "none.bfbs: cannot be read\n");
    CHECK(run.schemac({"--check", "old.bfbs"}).exit_code == 2);
}

TEST_CASE("the command --check shows the first line that differs in both schemas, in the schema's words", "[schemac]") {
    const std::string whole =
        "include \"tidewire.fbs\";\nnamespace game;\n"
        "enum Mode : ubyte { Walk, Run }\n"
        "struct Vec { x: float (quantize: \"0.01\", range: \"-8..8\"); vx: short; }\n"
        "struct Pos (component, predicted) { at: Vec; mode: Mode; sum: int; turn: [float:4] (quaternion: \"9\"); }\n"
        "table Chat (event) { line: string; level: ubyte; }\n"
        "struct Hit (event) { damage: ubyte; }\n"
        "struct Move (input) { dx: byte (range: \"-1..1\"); }\n";
    const SchemaRun run;
    const auto write = [&](const std::string& file, const std::string& text) {
        run.write("game.fbs", text);
        run.flatc();
        run.write(file, run.read("game.bfbs"));
    };
    write("old.bfbs", whole);
    const std::string place = "components keep their place in the order of the text: append new ones behind the others";
    const std::string structure = "a struct never changes: add another ";
    const std::string table = "a table keeps its fields: append new ones behind the others";
    const struct {
        std::string before, after, remedy, older, newer;
    } cases[] = {
        {"-1..1", "-2..2", structure + "input", "game.Move.dx: byte (range: \"-1..1\")",
         "game.Move.dx: byte (range: \"-2..2\")"},
        {"quantize: \"0.01\"", "predict: \"integral(of: vx)\", quantize: \"0.1\"", structure + "component",
         "game.Pos.at.x: float (quantize: \"0.01\", range: \"-8..8\")",
         "game.Pos.at.x: float (quantize: \"0.1\", range: \"-8..8\", predict: \"integral(of: vx)\")"},
        {"Run }", "Run, Fly }", structure + "component", "game.Pos.mode: game.Mode, a ubyte with values 0..1",
         "game.Pos.mode: game.Mode, a ubyte with values 0..2"},
        {"sum: int;", "sum: int (predict: \"linear\");", structure + "component", "game.Pos.sum: int",
         "game.Pos.sum: int (predict: \"linear\")"},
        {"quaternion: \"9\"", "quaternion", structure + "component", "game.Pos.turn[0]: float (quaternion: \"9\")",
         "game.Pos.turn[0]: float (quaternion: \"10\")"},
        {"damage: ubyte", "damage: ushort", structure + "event", "game.Hit.damage: ubyte", "game.Hit.damage: ushort"},
        {"struct Hit (event)", "struct Hurt (event)",
         "events keep their place in the order of the text: append new ones behind the others",
         "struct game.Hit (event)", "struct game.Hurt (event)"},
        {"dx:", "fire: bool; dx:", structure + "input", "game.Move.dx: byte (range: \"-1..1\")",
         "game.Move.fire: bool"},
        {"\"-1..1\");", "\"-1..1\"); dy: byte;", structure + "input", "(nothing)", "game.Move.dy: byte"},
        {", predicted)", ", owner_only)", place, "struct game.Pos (component, predicted)",
         "struct game.Pos (component, owner_only)"},
        {"struct Pos", "struct Hp (component) { hp: ubyte; }\nstruct Pos", place,
         "struct game.Pos (component, predicted)", "struct game.Hp (component)"},
        {"line: string", "line: string (range: \"0..99\")", table, "game.Chat.line: string (range: \"0..1024\")",
         "game.Chat.line: string (range: \"0..99\")"},
        {" level: ubyte;", "", table, "game.Chat.level: ubyte", "(nothing)"},
        {"namespace game", "namespace other", "clients connect to servers of their own game only: write namespace game",
         "namespace game", "namespace other"},
    };
    for (const auto& [before, after, remedy, older, newer] : cases) {
        std::string text = whole;
        const std::size_t at = text.find(before);
        INFO(before);
        REQUIRE(at != std::string::npos);
        write("new.bfbs", text.replace(at, before.size(), after));
        const Finished finished = run.schemac({"--check", "old.bfbs", "new.bfbs"});
        CHECK(finished.exit_code == 1);
        CHECK(finished.err == "new.bfbs does not only append to old.bfbs; " + remedy + "\nold.bfbs: " + older +
                                  "\nnew.bfbs: " + newer + "\n");
    }
}

TEST_CASE("a schema that tools could not read again is refused", "[schemac]") {
    const SchemaRun run;
    std::ostringstream text;
    text << game << "struct " << std::string(260, 'X') << " (component) { x: bool; }\n";
    run.write("game.fbs", text.str());
    run.flatc();
    const Finished finished = run.schemac({"game.bfbs", "--header", "game.h"});
    CHECK(finished.exit_code == 1);
    CHECK(finished.err == "game.bfbs: tools cannot read its description (--print-canonical): line 4: \"game." +
                              std::string(43, 'X') + "\" is no name\n");
    CHECK_FALSE(run.exists("game.h"));
}
