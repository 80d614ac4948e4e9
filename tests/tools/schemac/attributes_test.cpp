// Every way to write an attribute wrong has its line, its name and its remedy.
#include "tests/tools/schemac/schema_run.h"

#include <catch2/catch.hpp>

namespace {

/// The errors of a schema with one component of one field (line 2), and an input (line 3).
std::vector<std::string> errors_of_field(const std::string& field) {
    return errors_of("struct Pos (component) { " + field + " }\nstruct Move (input) { dx: byte; }\n");
}

/// The errors of a struct with these attributes, between a right component and a right input.
std::vector<std::string> errors_of_struct(const std::string& attributes) {
    return errors_of("struct Right (component) { x: float; }\nstruct Pos " + attributes +
                     " { x: float; }\nstruct Move (input) { dx: byte; }\n");
}

using Lines = std::vector<std::string>;

const std::string field_attributes = "a field may have angle, interpolate, predict, quantize, range, snap";
const std::string struct_attributes = "a struct may have component, input, owner_only, predicted, priority";

}  // namespace

TEST_CASE("right attributes give no error", "[schemac]") {
    const std::string field = GENERATE(
        "x: float;", "x: float (quantize: \"0.01\", range: \"-512..512\", interpolate: \"linear\", snap: \"5\");",
        "x: double (range: \" -1 .. 1 \");", "x: float (angle);", "x: float (angle, interpolate: \"hold\");",
        "x: int (interpolate: \"linear\", snap: \"10\", predict: \"linear\");", "x: bool (interpolate: \"hold\");",
        "x: bool (predict: \"static\");", "x: ulong;", "x: long (range: \"-9007199254740991..9007199254740991\");",
        "x: float (predict: \"integral(of: v)\"); v: float;", "x: float (predict: \"integral(of:v)\"); v: byte;",
        "x: [float:3] (quantize: \"0.5\", range: \"0..8\");", "x: float (quantize: 1, range: \"-8388608..8388608\");",
        "x: double (quantize: \"0.001\", range: \"-1000000..1000000\");");
    INFO(field);
    CHECK(errors_of_field(field) == Lines{});
}

TEST_CASE("a step that is no positive number is refused", "[schemac]") {
    const std::string value = GENERATE("0", "-1", "", "fine", "0.1m", "nan", "inf", "1e999", "0,1");
    CHECK(errors_of_field("x: float (quantize: \"" + value + "\", range: \"0..1\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize \"" + value +
                "\" is not a step; write a positive number such as quantize: \"0.01\""});
}

TEST_CASE("a step is for float and double only", "[schemac]") {
    CHECK(errors_of_field("x: bool (quantize: \"1\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize is for float and double, not for a bool"});
    CHECK(errors_of_field("x: int (quantize: \"2\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize is for float and double, not for an int"});
}

TEST_CASE("a step needs a range that it divides into 32 bits", "[schemac]") {
    CHECK(errors_of_field("x: float (quantize: \"0.1\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize needs a range; write for example range: \"-512..512\""});
    CHECK(
        errors_of_field("x: double (quantize: \"0.001\", range: \"0..2147484\");") ==
        Lines{"game.fbs:2: game.Pos.x: range 0..2147484 does not fit 2147483647 steps of 0.001; write a larger step or "
              "a smaller range"});
    CHECK(
        errors_of_field("x: double (quantize: \"1\", range: \"3000000000..3000000010\");") ==
        Lines{"game.fbs:2: game.Pos.x: range 3000000000..3000000010 does not fit 2147483647 steps of 1; write a larger "
              "step or a smaller range"});
    CHECK(errors_of_field("x: float (quantize: \"4\", range: \"0..3\");") ==
          Lines{"game.fbs:2: game.Pos.x: range 0..3 is smaller than one step of 4"});
    CHECK(
        errors_of_field("x: float (quantize: \"1\", range: \"0..8388609\");") ==
        Lines{"game.fbs:2: game.Pos.x: a float cannot tell steps of 1 apart at 8388609; write a larger step, a smaller "
              "range, or double"});
}

TEST_CASE("a range is two numbers", "[schemac]") {
    const std::string value = GENERATE("5", "a..b", "..", "1..", "..1", "1...2..3", "0..inf");
    CHECK(errors_of_field("x: float (range: \"" + value + "\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"" + value +
                "\" is not a range; write two numbers such as range: \"-512..512\""});
}

TEST_CASE("a range is in order, and within the type", "[schemac]") {
    CHECK(errors_of_field("x: float (range: \"5..-0.5\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"5..-0.5\" is reversed; write range: \"-0.5..5\""});
    CHECK(errors_of_field("x: float (range: \"5..5\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"5..5\" holds one value only"});
    CHECK(errors_of_field("x: byte (range: \"-129..0\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"-129..0\" is beyond what a byte holds, -128..127"});
    CHECK(errors_of_field("x: uint (range: \"0..4294967296\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..4294967296\" is beyond what a uint holds, 0..4294967295"});
    CHECK(errors_of_field("x: float (range: \"0..1e39\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..1e39\" is beyond what a float holds, "
                "-3.4028234663852886e+38..3.4028234663852886e+38"});
    CHECK(errors_of_field("x: byte (range: \"0.5..2\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0.5..2\" of a byte needs whole numbers"});
    CHECK(errors_of_field("x: long (range: \"0..9007199254740992\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..9007199254740992\" is not exact beyond 9007199254740991; leave "
                "it out"});
    CHECK(errors_of_field("x: bool (range: \"0..1\");") ==
          Lines{"game.fbs:2: game.Pos.x: range is for numbers, not for a bool"});
}

TEST_CASE("one mistake in a range is one error, with a step as well", "[schemac]") {
    CHECK(errors_of_field("x: float (quantize: \"0.1\", range: \"2..1\");").size() == 1);
}

TEST_CASE("interpolation has three kinds, each for its types", "[schemac]") {
    CHECK(errors_of_field("x: float (interpolate: \"cubic\");") ==
          Lines{"game.fbs:2: game.Pos.x: interpolate \"cubic\" is not one of \"hold\", \"linear\", \"angle\""});
    CHECK(errors_of_field("x: bool (interpolate: \"linear\");") ==
          Lines{"game.fbs:2: game.Pos.x: interpolate \"linear\" is for numbers, not for a bool"});
    CHECK(errors_of_field("x: short (interpolate: \"angle\");") ==
          Lines{"game.fbs:2: game.Pos.x: interpolate \"angle\" is for float and double, not for a short"});
    CHECK(errors_of_field("x: int (angle);") ==
          Lines{"game.fbs:2: game.Pos.x: angle is for float and double, not for an int"});
    CHECK(
        errors_of_field("x: float (angle, interpolate: \"linear\");") ==
        Lines{
            "game.fbs:2: game.Pos.x: angle and interpolate \"linear\" contradict each other; an angle turns along the "
            "shorter arc"});
    CHECK(errors_of("enum Mode : ubyte { A }\nstruct Pos (component) { x: Mode (interpolate: \"linear\"); }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.x: interpolate \"linear\" is for numbers, not for a game.Mode"});
}

TEST_CASE("a snap is a distance of a field that moves", "[schemac]") {
    CHECK(errors_of_field("x: float (interpolate: \"linear\", snap: \"-5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap \"-5\" is not a distance; write a positive number such as snap: \"5\""});
    CHECK(errors_of_field("x: float (snap: \"5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap needs a field that moves; add interpolate: \"linear\""});
    CHECK(errors_of_field("x: bool (snap: \"5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap is for numbers, not for a bool"});
}

TEST_CASE("a prediction names a way that exists and a field that it can use", "[schemac]") {
    CHECK(
        errors_of_field("x: float (predict: \"magic\");") ==
        Lines{"game.fbs:2: game.Pos.x: predict \"magic\" is not one of \"delta\", \"linear\", \"integral(of: FIELD)\", "
              "\"static\""});
    CHECK(errors_of_field("x: bool (predict: \"linear\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"linear\" is for numbers, not for a bool"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: vx)\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: vx)\" names no field of game.Pos"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: x)\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: x)\" names the field itself"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: b)\"); b: bool;") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: b)\" names a field that is no number"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: v)\"); v: [float:2];") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: v)\" names a field of another array length"});
}

TEST_CASE("an attribute where it means nothing is refused", "[schemac]") {
    CHECK(errors_of_field("x: float (priority: 3);") ==
          Lines{"game.fbs:2: game.Pos.x: attribute \"priority\" has no meaning on a field; " + field_attributes});
    CHECK(errors_of("attribute \"mine\"; struct Pos (component) {\n x: float (mine);\n}\nstruct Move (input) { dx: "
                    "byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.x: attribute \"mine\" has no meaning on a field; " + field_attributes});
    CHECK(errors_of_struct("(component, quantize: \"1\")") ==
          Lines{"game.fbs:3: game.Pos: attribute \"quantize\" has no meaning on a struct; " + struct_attributes});
    CHECK(errors_of("enum Mode : ubyte (angle) { A }\nstruct Pos (component) { x: float; }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:2: game.Mode: attribute \"angle\" has no meaning on an enum"});
    CHECK(errors_of("struct Vec { x: float; }\nstruct Pos (component) { at: Vec (quantize: \"1\"); }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.at: quantize belongs on the fields of game.Vec"});
    CHECK(
        errors_of("struct Pos (component) { x: float; }\nstruct Move (input) { dx: byte (predict: \"linear\"); }\n") ==
        Lines{"game.fbs:3: game.Move.dx: predict is for state; an input is sent as it is"});
}

TEST_CASE("what this version cannot send is refused, not ignored", "[schemac]") {
    CHECK(
        errors_of_field("x: float (quaternion);") ==
        Lines{
            "game.fbs:2: game.Pos.x: quaternion is not supported by this version; send its four numbers with quantize "
            "and range"});
    const std::string rest = "struct Pos (component) { x: float; }\nstruct Move (input) { dx: byte; }\n";
    CHECK(errors_of("table Chat (event) { text: string; }\n" + rest) ==
          Lines{"game.fbs:2: game.Chat: events are not supported by this version; remove the table"});
    CHECK(
        errors_of("table Chat { text: string; }\n" + rest) ==
        Lines{"game.fbs:2: game.Chat: a table holds no state; write a struct, as (component), (input) or part of one"});
    CHECK(errors_of_struct("(component, force_align: 32)") ==
          Lines{"game.fbs:3: game.Pos: an alignment above 16 is not supported; remove force_align"});
}

TEST_CASE("a duplicate attribute is found in the text", "[schemac]") {
    CHECK(errors_of_field("x: float (range: \"0..1\", // range\n range: \"0..2\");") ==
          Lines{"game.fbs:2: game.Pos.x: attribute \"range\" is there twice"});
    CHECK(errors_of_struct("(component, /* priority */ priority: 2, priority: 3)") ==
          Lines{"game.fbs:3: game.Pos: attribute \"priority\" is there twice"});
}

TEST_CASE("a struct is one thing, and its flags are for components", "[schemac]") {
    CHECK(errors_of_struct("(component, input)") ==
          Lines{"game.fbs:3: game.Pos: a struct is a component or an input, not both; remove one of the attributes"});
    const std::string flag = GENERATE("predicted", "owner_only");
    CHECK(errors_of_struct("(" + flag + ")") ==
          Lines{"game.fbs:3: game.Pos: " + flag + " is for components only; add component or remove it"});
    CHECK(errors_of_struct("(input, " + flag + ")") ==
          Lines{"game.fbs:3: game.Pos: " + flag + " is for components only; add component or remove it"});
}

TEST_CASE("a priority is a whole number from 1 to 255", "[schemac]") {
    const std::string value = GENERATE("0", "256", "1.5", "high", "-1", "1e99");
    CHECK(errors_of_struct("(component, priority: \"" + value + "\")") ==
          Lines{"game.fbs:3: game.Pos: priority \"" + value + "\" is not a whole number from 1 to 255"});
}

TEST_CASE("the highest priority is 255", "[schemac]") {
    CHECK(errors_of_struct("(component, priority: 255)") == Lines{});
}

TEST_CASE("a schema has state and input, in one namespace", "[schemac]") {
    CHECK(errors_of("struct Pos { x: float; }\n") ==
          Lines{"game.fbs: there is no state; mark at least one struct as (component)",
                "game.fbs: there is no input; mark at least one struct as (input)"});
    CHECK(errors_of("struct Pos (component) { x: float; }\nnamespace other;\nstruct Move (input) { x: float; }\n") ==
          Lines{"game.fbs:4: other.Move: components and inputs share one namespace; the first of them, game.Pos, is in "
                "game"});
    CHECK(errors_of("namespace ;\nstruct Pos (component) { x: float; }\nstruct Move (input) { x: float; }\n") ==
          Lines{"game.fbs:3: Pos: components and inputs need a namespace; write namespace game; above them",
                "game.fbs:4: Move: components and inputs need a namespace; write namespace game; above them"});
}

TEST_CASE("a component is no larger than its description can say", "[schemac]") {
    CHECK(errors_of_field("x: [uint:16384];") ==
          Lines{"game.fbs:2: game.Pos: a component or input holds at most 65535 bytes; this one has 65536"});
    CHECK(errors_of_field("x: [ubyte:32768];") ==
          Lines{"game.fbs:2: game.Pos: a component or input holds at most 32767 numbers; this one has 32768"});
}

TEST_CASE("names that C++ needs are refused", "[schemac]") {
    CHECK(errors_of_field("class: float;") ==
          Lines{"game.fbs:2: game.Pos.class: \"class\" is a word of C++; choose another name"});
    CHECK(errors_of("struct Schema (component) { x: float; }\nstruct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:2: game.Schema: \"Schema\" is a type of the generated header; choose another name"});
    CHECK(errors_of("namespace std;\nstruct Pos (component) { x: float; }\nstruct Move (input) { dx: byte; }\n")[0] ==
          "game.fbs:3: std.Pos: the namespace \"std\" is not a game's; choose another name");
}

TEST_CASE("all errors come in one run, in the order of the text", "[schemac]") {
    CHECK(
        errors_of("struct Zed (component) {\n  a: float (quantize: \"x\", range: \"0..1\");\n  b: bool (range: "
                  "\"0..1\");\n}\n"
                  "struct Alpha (component) {\n  c: float (range: \"1..0\");\n}\n") ==
        Lines{
            "game.fbs: there is no input; mark at least one struct as (input)",
            "game.fbs:3: game.Zed.a: quantize \"x\" is not a step; write a positive number such as quantize: \"0.01\"",
            "game.fbs:4: game.Zed.b: range is for numbers, not for a bool",
            "game.fbs:7: game.Alpha.c: range \"1..0\" is reversed; write range: \"0..1\""});
}
