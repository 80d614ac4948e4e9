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

const std::string field_attributes = "a field may have angle, interpolate, predict, quantize, quaternion, range, snap";
const std::string struct_attributes = "a struct may have component, input, event, owner_only, predicted, priority";

}  // namespace

TEST_CASE("right attributes give no error", "[schemac]") {
    const std::string field = GENERATE(
        "x: float;", "x: float (quantize: \"0.01\", range: \"-512..512\", interpolate: \"linear\", snap: \"5\");",
        "x: double (range: \" -1 .. 1 \");", "x: float (angle);", "x: float (angle, interpolate: \"hold\");",
        "x: int (interpolate: \"linear\", snap: \"10\", predict: \"linear\");", "x: bool (interpolate: \"hold\");",
        "x: bool (predict: \"static\");", "x: ulong;", "x: long (range: \"-9007199254740991..9007199254740991\");",
        "x: int (predict: \"integral(of: v)\"); v: byte;",
        "x: float (quantize: \"1\", range: \"0..8\", predict: \"integral(of:v)\"); v: byte;",
        "x: float (angle, quantize: \"0.001\");", "x: double (angle, quantize: \"3.1416\");",
        "x: float (angle, quantize: \"0.01\", range: \"0..6.2832\", interpolate: \"angle\");",
        "x: [float:4] (quaternion);", "x: [float:4] (quaternion: \"2\", interpolate: \"hold\", predict: \"delta\");",
        "x: int (predict: \"integral(of: v)\"); v: int (predict: \"integral(of: a)\"); a: int (predict: \"static\");",
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
          Lines{"game.fbs:2: game.Pos.x: quantize \"1\" is for float and double, not for a bool; remove it"});
    CHECK(errors_of_field("x: int (quantize: \"2\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize \"2\" is for float and double, not for an int; remove it"});
}

TEST_CASE("a step needs a range that it divides into 32 bits", "[schemac]") {
    CHECK(errors_of_field("x: float (quantize: \"0.1\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize \"0.1\" needs a range; write for example range: \"-512..512\""});
    CHECK(errors_of_field("x: double (quantize: \"0.001\", range: \"0..2147484\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..2147484\" does not fit 2147483647 steps of quantize \"0.001\"; "
                "write a larger step or a smaller range"});
    CHECK(errors_of_field("x: double (quantize: \"1\", range: \"3000000000..3000000010\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"3000000000..3000000010\" does not fit 2147483647 steps of quantize "
                "\"1\"; write a larger step or a smaller range"});
    CHECK(errors_of_field("x: float (quantize: \"4\", range: \"0..3\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..3\" is smaller than one step of quantize \"4\"; write a smaller "
                "step or a larger range"});
    CHECK(errors_of_field("x: float (quantize: \"1\", range: \"0..8388609\");") ==
          Lines{"game.fbs:2: game.Pos.x: a float cannot tell steps of quantize \"1\" apart at 8388609; write a larger "
                "step, a smaller "
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
          Lines{"game.fbs:2: game.Pos.x: range \"5..5\" holds one value only; widen it, or leave the field out"});
    CHECK(errors_of_field("x: byte (range: \"-129..0\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"-129..0\" is beyond what a byte holds, -128..127; write a smaller "
                "range or a wider type"});
    CHECK(errors_of_field("x: uint (range: \"0..4294967296\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..4294967296\" is beyond what a uint holds, 0..4294967295; write a "
                "smaller range or a wider type"});
    CHECK(errors_of_field("x: float (range: \"0..1e39\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..1e39\" is beyond what a float holds, "
                "-3.4028234663852886e+38..3.4028234663852886e+38; write a smaller range or a wider type"});
    CHECK(errors_of_field("x: byte (range: \"0.5..2\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0.5..2\" of a byte needs whole numbers; write range: \"0..2\""});
    CHECK(errors_of_field("x: long (range: \"0..9007199254740992\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..9007199254740992\" is not exact beyond 9007199254740991; leave "
                "it out"});
    CHECK(errors_of_field("x: bool (range: \"0..1\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"0..1\" is for numbers, not for a bool; remove it"});
}

TEST_CASE("one mistake in a range is one error, with a step as well", "[schemac]") {
    CHECK(errors_of_field("x: float (quantize: \"0.1\", range: \"2..1\");").size() == 1);
}

TEST_CASE("interpolation has three kinds, each for its types", "[schemac]") {
    CHECK(errors_of_field("x: float (interpolate: \"cubic\");") ==
          Lines{"game.fbs:2: game.Pos.x: interpolate \"cubic\" is not one of \"hold\", \"linear\", \"angle\""});
    CHECK(errors_of_field("x: bool (interpolate: \"linear\");") ==
          Lines{"game.fbs:2: game.Pos.x: interpolate \"linear\" is for numbers, not for a bool; write \"hold\""});
    CHECK(
        errors_of_field("x: short (interpolate: \"angle\");") ==
        Lines{
            "game.fbs:2: game.Pos.x: interpolate \"angle\" is for float and double, not for a short; write \"hold\""});
    CHECK(errors_of_field("x: int (angle);") ==
          Lines{"game.fbs:2: game.Pos.x: angle is for float and double, not for an int; remove it"});
    CHECK(errors_of_field("x: float (angle, interpolate: \"linear\");") ==
          Lines{"game.fbs:2: game.Pos.x: angle and interpolate \"linear\" contradict each other, for an angle turns "
                "along the shorter arc; remove one of them"});
    CHECK(errors_of("enum Mode : ubyte { A }\nstruct Pos (component) { x: Mode (interpolate: \"linear\"); }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.x: interpolate \"linear\" is for numbers, not for a game.Mode; write \"hold\""});
}

TEST_CASE("a snap is a distance of a field that moves", "[schemac]") {
    CHECK(errors_of_field("x: float (interpolate: \"linear\", snap: \"-5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap \"-5\" is not a distance; write a positive number such as snap: \"5\""});
    CHECK(errors_of_field("x: float (snap: \"5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap \"5\" needs a field that moves; add interpolate: \"linear\""});
    CHECK(errors_of_field("x: bool (snap: \"5\");") ==
          Lines{"game.fbs:2: game.Pos.x: snap \"5\" is for numbers, not for a bool; remove it"});
}

TEST_CASE("a prediction names a way that exists and a field that it can use", "[schemac]") {
    CHECK(
        errors_of_field("x: float (predict: \"magic\");") ==
        Lines{"game.fbs:2: game.Pos.x: predict \"magic\" is not one of \"delta\", \"linear\", \"integral(of: FIELD)\", "
              "\"static\""});
    CHECK(errors_of_field("x: bool (predict: \"linear\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"linear\" is for numbers, not for a bool; write \"delta\" or "
                "\"static\""});
    CHECK(errors_of_field("x: float (predict: \"integral(of: vx)\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: vx)\" names no field of game.Pos; write the field that "
                "holds its rate"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: x)\");") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: x)\" names the field itself; write the field that "
                "holds its rate"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: b)\"); b: bool;") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: b)\" names a field that is no number; write the field "
                "that holds its rate"});
    CHECK(errors_of_field("x: float (predict: \"integral(of: v)\"); v: [float:2];") ==
          Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: v)\" names a field of another array length; a rate has "
                "one number for each of the field's"});
}

TEST_CASE("an attribute where it means nothing is refused", "[schemac]") {
    CHECK(errors_of_field("x: float (priority: 3);") ==
          Lines{"game.fbs:2: game.Pos.x: priority \"3\" has no meaning on a field; " + field_attributes});
    CHECK(errors_of("attribute \"mine\"; struct Pos (component) {\n x: float (mine);\n}\nstruct Move (input) { dx: "
                    "byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.x: mine has no meaning on a field; " + field_attributes});
    CHECK(errors_of_struct("(component, quantize: \"1\")") ==
          Lines{"game.fbs:3: game.Pos: quantize \"1\" has no meaning on a struct; " + struct_attributes});
    CHECK(errors_of("enum Mode : ubyte (angle) { A }\nstruct Pos (component) { x: float; }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:2: game.Mode: angle has no meaning on an enum; an enum may have bit_flags"});
    CHECK(errors_of("struct Vec { x: float; }\nstruct Pos (component) { at: Vec (quantize: \"1\"); }\n"
                    "struct Move (input) { dx: byte; }\n") ==
          Lines{"game.fbs:3: game.Pos.at: quantize \"1\" belongs on the fields of game.Vec; move it there"});
    CHECK(
        errors_of("struct Pos (component) { x: float; }\nstruct Move (input) { dx: byte (predict: \"linear\"); }\n") ==
        Lines{"game.fbs:3: game.Move.dx: predict \"linear\" is for state, and an input is sent as it is; remove it"});
}

TEST_CASE("an alignment beyond what storage has is refused", "[schemac]") {
    CHECK(errors_of_struct("(component, force_align: 32)") ==
          Lines{"game.fbs:3: game.Pos: force_align \"32\" is more than 16; write 16 or remove it"});
}

TEST_CASE("an angle on a grid goes round the circle in whole steps", "[schemac]") {
    CHECK(errors_of_field("x: float (angle, quantize: \"0.001\", range: \"-4..4\");") ==
          Lines{"game.fbs:2: game.Pos.x: range \"-4..4\" of an angle is wider than a turn; write range: "
                "\"-3.141592653589793..3.141592653589793\" or leave it out"});
    CHECK(errors_of_field("x: float (angle, range: \"0..7\");").size() == 1);
    CHECK(errors_of_field("x: float (angle, quantize: \"5\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize \"5\" makes 1 steps of a turn; 2 to 16777216 are possible, such as "
                "quantize: \"0.001\""});
    CHECK(errors_of_field("x: double (angle, quantize: \"0.0000001\");") ==
          Lines{"game.fbs:2: game.Pos.x: quantize \"0.0000001\" makes 62831853 steps of a turn; 2 to 16777216 are "
                "possible, such as quantize: \"0.001\""});
}

TEST_CASE("a quaternion is four floats and nothing else", "[schemac]") {
    const std::string place = "game.fbs:2: game.Pos.x: ";
    CHECK(errors_of_field("x: float (quaternion);") ==
          Lines{place + "quaternion is for [float:4] (x, y, z, w), not for a float"});
    CHECK(errors_of_field("x: [double:4] (quaternion: \"9\");") ==
          Lines{place + "quaternion \"9\" is for [float:4] (x, y, z, w), not for [double:4]"});
    CHECK(errors_of_field("x: [float:3] (quaternion);") ==
          Lines{place + "quaternion is for [float:4] (x, y, z, w), not for [float:3]"});
    const std::string bits = GENERATE("1", "16", "9.5", "many", "-1");
    CHECK(errors_of_field("x: [float:4] (quaternion: \"" + bits + "\");") ==
          Lines{place + "quaternion \"" + bits +
                "\" is not a whole number of bits from 2 to 15; write for example quaternion: \"10\""});
    const std::pair<std::string, std::string> others[] = {{"range: \"-1..1\"", "range \"-1..1\""},
                                                          {"angle", "angle"},
                                                          {"snap: \"1\"", "snap \"1\""},
                                                          {"predict: \"linear\"", "predict \"linear\""}};
    for (const auto& [written, said] : others)
        CHECK(errors_of_field("x: [float:4] (quaternion, " + written + ");") ==
              Lines{place + "quaternion and " + said + " exclude each other; remove one of them"});
    CHECK(errors_of_field("x: [float:4] (quaternion, interpolate: \"linear\");") ==
          Lines{place + "quaternion and interpolate \"linear\" contradict each other, for a quaternion turns along the "
                        "shorter arc; remove one of them"});
}

TEST_CASE("an integral and its rate both have steps", "[schemac]") {
    CHECK(
        errors_of_field("x: float (predict: \"integral(of: v)\"); v: int;") ==
        Lines{
            "game.fbs:2: game.Pos.x: predict \"integral(of: v)\" needs a field with steps; add quantize: \"0.01\" and "
            "a range"});
    CHECK(
        errors_of_field("x: int (predict: \"integral(of: v)\"); v: float;") ==
        Lines{
            "game.fbs:2: game.Pos.x: predict \"integral(of: v)\" needs a rate with steps; add quantize: \"0.01\" and a "
            "range to v"});
}

TEST_CASE("what is predicted has steps of 32 bits", "[schemac]") {
    const std::string place = "game.fbs:2: game.Pos.x: ";
    for (const std::string type : {"float", "double"})
        CHECK(errors_of_field("x: " + type + " (predict: \"linear\");") ==
              Lines{place + "predict \"linear\" needs a field with steps; add quantize: \"0.01\" and a range"});
    CHECK(errors_of_field("x: long (predict: \"linear\");") ==
          Lines{place +
                "predict \"linear\" needs a field of 32 bits, not a long; write int, or double with quantize and a "
                "range"});
    CHECK(errors_of_field("x: ulong (predict: \"integral(of: v)\"); v: int;") ==
          Lines{place + "predict \"integral(of: v)\" needs a field of 32 bits, not a ulong; write uint, or double with "
                        "quantize and a range"});
    CHECK(errors_of_field("x: int (predict: \"integral(of: v)\"); v: long (range: \"0..9\");") ==
          Lines{place + "predict \"integral(of: v)\" needs a rate of 32 bits, not a long; write int, or double with "
                        "quantize and a range"});
}

TEST_CASE("an angle may have a rate, and is none", "[schemac]") {
    CHECK(errors_of_field("x: float (angle, quantize: \"0.01\", predict: \"integral(of: v)\"); v: byte;") == Lines{});
    CHECK(errors_of_field("x: float (angle, quantize: \"0.01\", predict: \"linear\");") == Lines{});
    CHECK(
        errors_of_field("x: int (predict: \"integral(of: v)\"); v: float (angle, quantize: \"0.01\");") ==
        Lines{
            "game.fbs:2: game.Pos.x: predict \"integral(of: v)\" names an angle, which jumps where a turn ends; write "
            "the field that holds its rate"});
}

TEST_CASE("integrals never lead back to where they began", "[schemac]") {
    CHECK(
        errors_of_field("x: int (predict: \"integral(of: y)\"); y: int (predict: \"integral(of: x)\");") ==
        Lines{"game.fbs:2: game.Pos.x: predict \"integral(of: y)\" leads back to the field itself (x → y → x); predict "
              "one of them \"delta\" or \"linear\"",
              "game.fbs:2: game.Pos.y: predict \"integral(of: x)\" leads back to the field itself (y → x → y); predict "
              "one of them \"delta\" or \"linear\""});
}

TEST_CASE("an input may have what changes how it is sent, and not what is drawn", "[schemac]") {
    const auto errors = [](const std::string& field) {
        return errors_of("struct Pos (component) { x: float; }\nstruct Move (input) { " + field + " }\n");
    };
    CHECK(errors("aim: float (angle, quantize: \"0.01\"); head: [float:4] (quaternion);") == Lines{});
    CHECK(
        errors("aim: float (angle, interpolate: \"angle\");") ==
        Lines{
            "game.fbs:3: game.Move.aim: interpolate \"angle\" is for state, and an input is sent as it is; remove it"});
}

TEST_CASE("an event that is a struct is sent as an input is", "[schemac]") {
    const auto errors = [](const std::string& field) {
        return errors_of("struct Pos (component) { x: float; }\nstruct Hit (event) { " + field +
                         " }\nstruct Move (input) { x: byte; }\n");
    };
    CHECK(errors("x: float (quantize: \"0.01\", range: \"-8..8\"); aim: float (angle, quantize: \"0.01\");") ==
          Lines{});
    CHECK(errors("x: float (snap: \"3\");") ==
          Lines{"game.fbs:3: game.Hit.x: snap \"3\" is for state, and an event is sent as it is; remove it"});
    CHECK(errors("x: int (predict: \"linear\");") ==
          Lines{"game.fbs:3: game.Hit.x: predict \"linear\" is for state, and an event is sent as it is; remove it"});
    CHECK(errors("x: int (range: \"9..3\");").size() == 1);
    CHECK(errors("x: [ubyte:1638];") == Lines{});
    CHECK(errors("x: [ubyte:1639];") ==
          Lines{"game.fbs:3: game.Hit: an event holds at most 1638 numbers; this one has 1639: write a table with "
                "[ubyte]"});
}

TEST_CASE("a duplicate attribute is found in the text", "[schemac]") {
    CHECK(errors_of_field("x: float (range: \"0..1\", // range\n range: \"0..2\");") ==
          Lines{"game.fbs:2: game.Pos.x: attribute \"range\" is there twice; keep one of them"});
    CHECK(errors_of_struct("(component, /* priority */ priority: 2, priority: 3)") ==
          Lines{"game.fbs:3: game.Pos: attribute \"priority\" is there twice; keep one of them"});
}

TEST_CASE("a struct is one thing, and its flags are for components", "[schemac]") {
    CHECK(errors_of_struct("(event)") == Lines{});
    const std::string two = GENERATE("(component, input)", "(component, event)", "(event, input)");
    CHECK(
        errors_of_struct(two) ==
        Lines{"game.fbs:3: game.Pos: a struct is a component, an input or an event, and one of them alone; remove the "
              "other attributes"});
    const std::string flag = GENERATE("predicted", "owner_only");
    CHECK(errors_of_struct("(" + flag + ")") ==
          Lines{"game.fbs:3: game.Pos: " + flag + " is for components only; add component or remove it"});
    const std::string message = GENERATE("input", "event");
    CHECK(errors_of_struct("(" + message + ", " + flag + ")") ==
          Lines{"game.fbs:3: game.Pos: " + flag + " is for components only; remove it"});
}

TEST_CASE("what is said by its name alone takes no value", "[schemac]") {
    const std::string flag = GENERATE("owner_only", "predicted");
    CHECK(errors_of_struct("(component, " + flag + ": \"false\")") ==
          Lines{"game.fbs:3: game.Pos: " + flag + " takes no value, not \"false\"; write " + flag +
                " alone, or remove it"});
    CHECK(errors_of_struct("(component: \"5\")") ==
          Lines{"game.fbs:3: game.Pos: component takes no value, not \"5\"; write component alone, or remove it"});
    CHECK(
        errors_of_field("x: float (angle: \"degrees\");") ==
        Lines{
            "game.fbs:2: game.Pos.x: angle takes no value, not \"degrees\"; write angle alone: angles are in radians"});
}

TEST_CASE("a priority is a whole number from 1 to 255", "[schemac]") {
    const std::string value = GENERATE("0", "256", "1.5", "high", "-1", "1e99");
    CHECK(errors_of_struct("(component, priority: \"" + value + "\")") ==
          Lines{"game.fbs:3: game.Pos: priority \"" + value +
                "\" is not a whole number from 1 to 255; write for example priority: \"3\""});
}

TEST_CASE("the highest priority is 255", "[schemac]") {
    CHECK(errors_of_struct("(component, priority: 255)") == Lines{});
}

TEST_CASE("a schema has state and input, in one namespace", "[schemac]") {
    CHECK(errors_of("struct Pos { x: float; }\n") ==
          Lines{"game.fbs: there is no state; mark at least one struct as (component)",
                "game.fbs: there is no input; mark at least one struct as (input)"});
    CHECK(errors_of("struct Pos (component) { x: float; }\nnamespace other;\nstruct Move (input) { x: float; }\n") ==
          Lines{"game.fbs:4: other.Move: components, inputs and events share one namespace; the first of them, "
                "game.Pos, is in game: move it there"});
    CHECK(errors_of("namespace ;\nstruct Pos (component) { x: float; }\nstruct Move (input) { x: float; }\n") ==
          Lines{"game.fbs:3: Pos: components, inputs and events need a namespace; write namespace game; above them",
                "game.fbs:4: Move: components, inputs and events need a namespace; write namespace game; above them"});
}

TEST_CASE("a component is no larger than its description can say", "[schemac]") {
    CHECK(errors_of_field("x: [uint:16384];") == Lines{"game.fbs:2: game.Pos: a component, input or event holds at "
                                                       "most 65535 bytes; this one has 65536: split it"});
    CHECK(errors_of_field("x: [ubyte:32768];") == Lines{"game.fbs:2: game.Pos: a component, input or event holds at "
                                                        "most 32767 numbers; this one has 32768: split it"});
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
            "game.fbs:4: game.Zed.b: range \"0..1\" is for numbers, not for a bool; remove it",
            "game.fbs:7: game.Alpha.c: range \"1..0\" is reversed; write range: \"0..1\""});
}
