// The hash changes with what two programs must agree on, and with nothing else.
#include "tests/tools/schemac/schema_run.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/hash.h"

namespace {

const std::string game =
    "enum Mode : ubyte { Walk, Run }\n"
    "struct Vec { x: float (quantize: \"0.01\", range: \"-8..8\"); y: float; }\n"
    "struct Pos (component, predicted) { at: Vec; mode: Mode; hp: [ubyte:2]; rate: short; sum: int; }\n"
    "struct Own (component) { gold: int; }\n"
    "table Rare (component) { text: string; level: ubyte; }\n"
    "table Chat (event) { line: string; }\n"
    "struct Hit (event) { at: Vec; damage: ubyte (range: \"1..100\"); }\n"
    "struct Move (input) { dx: byte (range: \"-1..1\"); }\n";

std::string with(const std::string& before, const std::string& after) {
    std::string text = game;
    const std::size_t place = text.find(before);
    REQUIRE(place != std::string::npos);
    return text.replace(place, before.size(), after);
}

}  // namespace

TEST_CASE("the canonical text says all that the wire depends on", "[schemac]") {
    const Canonical canonical = canonical_of(game);
    CHECK(canonical.text ==
          "tidewire schema 2 game\n"
          "component game.Pos predicted\n"
          "  at.x: float -8..8 step 0.01\n"
          "  at.y: float -3.4028234663852886e+38..3.4028234663852886e+38\n"
          "  mode: ubyte 0..1\n"
          "  hp[0]: ubyte 0..255\n"
          "  hp[1]: ubyte 0..255\n"
          "  rate: short -32768..32767\n"
          "  sum: int -2147483648..2147483647\n"
          "component game.Own\n"
          "  gold: int -2147483648..2147483647\n"
          "component table game.Rare\n"
          "  0 text: text 0..1024\n"
          "  1 level: ubyte 0..255\n"
          "input game.Move\n"
          "  dx: byte -1..1\n"
          "event table game.Chat\n"
          "  0 line: text 0..1024\n"
          "event game.Hit\n"
          "  at.x: float -8..8 step 0.01\n"
          "  at.y: float -3.4028234663852886e+38..3.4028234663852886e+38\n"
          "  damage: ubyte 1..100\n");
    char hash[24];
    std::snprintf(hash, sizeof hash, "0x%016llx",
                  static_cast<unsigned long long>(tidewire::fnv1a(tidewire::as_bytes(canonical.text))));
    CHECK(canonical.hash == hash);
}

TEST_CASE("white space, comments, drawing and spelling leave the hash as it is", "[schemac]") {
    const std::string changed = GENERATE(
        with("enum", "// a comment\n\n/* and more */ enum"), with("struct Pos", "/// What it is.\nstruct\n\tPos"),
        with("\"0.01\"", "\"0.010\""), with("\"-8..8\"", "\" -8.0 .. 8 \""), with("gold: int", "gold: int32"),
        with("gold: int", "gold: int (range: \"-2147483648..2147483647\")"),
        with("gold: int", "gold: int (interpolate: \"linear\", snap: \"3\")"), with("y: float", "y: float (angle)"),
        with("(component, predicted)", "(predicted, component, priority: 9)"),
        with("gold: int", "gold: int (predict: \"delta\")"), with("Walk, Run", "Walk = 0, Run = 1"),
        with("Walk, Run", "March, Run"), with("(component) { text", "(component, priority: 3) { text"),
        with("level: ubyte", "level: ubyte = 7"), with("line: string", "line: string (range: \"0..1024\")"));
    INFO(changed);
    CHECK(canonical_of(changed).hash == canonical_of(game).hash);
}

TEST_CASE("whatever the wire depends on changes the hash", "[schemac]") {
    const std::string changed = GENERATE(
        with("\"0.01\"", "\"0.02\""), with("-8..8", "-8..9"), with("gold: int", "gold: uint"),
        with("gold: int", "silver: int"), with("component, predicted", "component"),
        with("component, predicted", "component, predicted, owner_only"), with("[ubyte:2]", "[ubyte:3]"),
        with("Walk, Run", "Walk, Run, Swim"), with("Mode : ubyte", "Mode : ushort"),
        with("Mode : ubyte", "Mode : ubyte (bit_flags)"), with("y: float", "y: float (angle, quantize: \"0.1\")"),
        with("rate: short; sum: int;", "sum: int; rate: short;"), with("sum: int", "sum: int (predict: \"linear\")"),
        with("sum: int", "sum: int (predict: \"static\")"),
        with("sum: int", "sum: int (predict: \"integral(of: rate)\")"),
        with("struct Own", "struct New (component) { x: int; }\nstruct Own"),
        with("struct Move (input)", "struct Go (input)"), with("enum", "namespace gamer;\nenum"),
        with("level: ubyte", "level: ubyte (range: \"0..9\")"), with("text: string", "text: [ubyte]"),
        with("line: string", "line: string (range: \"0..9\")"), with("line: string;", "line: string; to: uint;"),
        with("table Chat", "table Shout"), with("1..100", "0..100"), with("struct Hit (event)", "struct Hurt (event)"),
        with("table Rare (component)", "table Rare (component, owner_only)"), with("y: float", "y: double"),
        with("mode: Mode", "mode: ubyte"));
    INFO(changed);
    CHECK(canonical_of(changed).hash != canonical_of(game).hash);
}

TEST_CASE("a table's fields stand by id, wherever the text has them", "[schemac]") {
    CHECK(canonical_of(with("text: string; level: ubyte;", "level: ubyte (id: 1); text: string (id: 0);")).text ==
          canonical_of(game).text);
}

TEST_CASE("structs and tables share one list in declaration order", "[schemac]") {
    const std::string text = canonical_of(
                                 "table B (component) { x: int; } struct A (component) { x: int; } "
                                 "table C (component) { x: int; } struct M (input) { x: int; }")
                                 .text;
    CHECK(text.find("game.B") < text.find("game.A"));
    CHECK(text.find("game.A") < text.find("game.C"));
}

TEST_CASE("the order of declarations counts, not that of names", "[schemac]") {
    const Canonical one =
        canonical_of("struct B (component) { x: int; } struct A (component) { x: int; } struct C (input) { x: int; }");
    const Canonical other =
        canonical_of("struct A (component) { x: int; } struct B (component) { x: int; } struct C (input) { x: int; }");
    CHECK(one.text.find("game.B") < one.text.find("game.A"));
    CHECK(other.text.find("game.A") < other.text.find("game.B"));
    CHECK(one.hash != other.hash);
}
