// What a table may be and hold, and what is said of everything else.
#include <catch2/catch.hpp>

#include "tests/tools/schemac/schema_run.h"

namespace {

using Lines = std::vector<std::string>;

const std::string rest = "struct Pos (component) { x: float; }\nstruct Move (input) { dx: byte; }\n";

/// The errors of an event with this field, in line 2.
Lines errors_of_field(const std::string& field, const std::string& before = "") {
    return errors_of(before + "table Chat (event) { " + field + " }\n" + rest);
}

Lines errors_of_table(const std::string& attributes) {
    return errors_of("table Chat " + attributes + " { text: string; }\n" + rest);
}

const std::string place = "game.fbs:2: game.Chat.x: ";
const std::string possible = "; its fields are numbers, bools, enums, string and [ubyte]";

}  // namespace

TEST_CASE("right tables give no error", "[schemac]") {
    const std::string field = GENERATE(
        "x: string;", "x: string (range: \"0..32\");", "x: [ubyte] (range: \"0..16379\");", "x: [byte];",
        "x: bool = true;", "x: int = 7 (range: \"1..9\");", "x: float (range: \"-0.5..0.5\");",
        "x: ubyte (range: \"3..9\");", "x: string (id: 1); y: int (id: 0);", "x: ulong;", "x: double = -1.5;", "");
    INFO(field);
    CHECK(errors_of_field(field) == Lines{});
    CHECK(errors_of_field("x: M = B;", "enum M : byte { A, B } ") == Lines{});
}

TEST_CASE("a table is rare state or a message, with the flags of a component", "[schemac]") {
    CHECK(errors_of_table("(component, owner_only, priority: \"255\")") == Lines{});
    const auto said = [](const std::string& attributes) {
        const Lines lines = errors_of_table(attributes);
        REQUIRE(lines.size() == 1);
        const std::string opening = "game.fbs:2: game.Chat: ";
        CHECK(lines[0].rfind(opening, 0) == 0);
        return lines[0].substr(opening.size());
    };
    CHECK(said("") == "a table is rare state or a message; mark it as (component) or (event)");
    CHECK(said("(component, event)") == "a table is a component or an event, not both; remove one of the attributes");
    CHECK(said("(input)") == "input is for structs of numbers; write a struct");
    CHECK(said("(component, predicted)") == "predicted is for structs of numbers; write a struct or remove it");
    CHECK(said("(event, owner_only)") == "owner_only is for components only; remove it");
    CHECK(said("(event, priority: 3)") == "priority \"3\" is for components only; remove it");
    CHECK(said("(component, priority: 0)") ==
          "priority \"0\" is not a whole number from 1 to 255; write for example priority: \"3\"");
    CHECK(said("(component, snap: 3)") ==
          "snap \"3\" has no meaning on a table; a table may have component, event, owner_only, priority");
    CHECK(errors_of_field("class: int;") ==
          Lines{"game.fbs:2: game.Chat.class: \"class\" is a word of C++; choose another name"});
}

TEST_CASE("what a table cannot hold is refused by name, with what it can", "[schemac]") {
    CHECK(errors_of_field("x: [int];") == Lines{place + "a table cannot hold a vector of int" + possible});
    CHECK(errors_of_field("x: [string];") == Lines{place + "a table cannot hold a vector of string" + possible});
    CHECK(errors_of_field("x: int = null;") ==
          Lines{place + "a table cannot hold a number that may be null" + possible});
    CHECK(errors_of_field("x: V;", "struct V { x: int; } ") ==
          Lines{place + "a table cannot hold the struct game.V" + possible});
    CHECK(errors_of_field("x: [V];", "struct V { x: int; } ") ==
          Lines{place + "a table cannot hold a vector of the struct game.V" + possible});
    CHECK(errors_of_field("x: [M];", "enum M : ubyte { A } ") ==
          Lines{place + "a table cannot hold a vector of game.M" + possible});
    CHECK(errors_of_field("x: T;", "table T (event) { x: int; } ") ==
          Lines{place + "a table cannot hold the table game.T" + possible});
    CHECK(errors_of_field("x: U;", "table T (event) { x: int; } union U { T } ") ==
          Lines{place + "a table cannot hold the union game.U" + possible});
}

TEST_CASE("a field of a table has an id and a range, and no other attribute", "[schemac]") {
    CHECK(errors_of_field("x: float (quantize: \"0.1\");") ==
          Lines{place + "quantize \"0.1\" has no meaning in a table; a field of a table may have id and range"});
    CHECK(errors_of_field("x: float (angle);") ==
          Lines{place + "angle has no meaning in a table; a field of a table may have id and range"});
    CHECK(errors_of_field("x: int (key);") ==
          Lines{place + "key has no meaning in a table; a field of a table may have id and range"});
    CHECK(
        errors_of_field("x: int (deprecated);") ==
        Lines{place + "deprecated would leave a hole that older clients still fill; keep the field and do not use it"});
    CHECK(errors_of_field("x: string (required);") ==
          Lines{place +
                "required has no meaning here, where every field has a value: empty when nothing sets it; remove "
                "it"});
    CHECK(errors_of_field("x: int (range: \"0..1\", range: \"0..2\");") ==
          Lines{place + "attribute \"range\" is there twice; keep one of them"});
}

TEST_CASE("the range of a text is its length in bytes", "[schemac]") {
    const std::string value = GENERATE("5", "a..b", "-1..5", "0..1.5");
    CHECK(errors_of_field("x: string (range: \"" + value + "\");") ==
          Lines{place + "range \"" + value +
                "\" is not a range of lengths in bytes; write two whole numbers such as range: \"0..32\""});
    CHECK(errors_of_field("x: [ubyte] (range: \"9..3\");") ==
          Lines{place + "range \"9..3\" is reversed; write range: \"3..9\""});
    CHECK(errors_of_field("x: string (range: \"0..16380\");") ==
          Lines{place + "range \"0..16380\" is beyond the 16379 bytes of a field that a record of 16 KiB has room for; "
                        "write range: \"0..16379\""});
    CHECK(errors_of_field("x: [ubyte] (range: \"70000..80000\");") ==
          Lines{place + "range \"70000..80000\" is beyond the 16379 bytes of a field that a record of 16 KiB has room "
                        "for; write range: \"0..16379\""});
    CHECK(errors_of_field("x: string (range: \"16..20\");") ==
          Lines{place + "range \"16..20\" has a least length, and a field is empty until something sets it; write "
                        "range: \"0..20\""});
    CHECK(errors_of_field("x: string (range: \"0..0\");") ==
          Lines{place + "range \"0..0\" holds nothing; widen it, or leave the field out"});
}

TEST_CASE("the range of a number in a table is one of its type, and its default lies within", "[schemac]") {
    CHECK(errors_of_field("x: byte (range: \"0..200\");") ==
          Lines{place +
                "range \"0..200\" is beyond what a byte holds, -128..127; write a smaller range or a wider type"});
    CHECK(errors_of_field("x: bool (range: \"0..1\");") ==
          Lines{place + "range \"0..1\" is for numbers, strings and [ubyte], not for a bool; remove it"});
    CHECK(errors_of_field("x: int = 12 (range: \"1..9\");") ==
          Lines{place + "the default 12 is outside the range 1..9; write one within it"});
    CHECK(errors_of_field("x: float = inf;").size() == 1);
}

TEST_CASE("a table holds no more fields than its description can say", "[schemac]") {
    std::string fields;
    for (int i = 0; i < 1025; ++i) fields += "f" + std::to_string(i) + ": bool; ";
    CHECK(errors_of_field(fields) ==
          Lines{"game.fbs:2: game.Chat: a table holds at most 1024 fields; this one has 1025: split it"});
}
