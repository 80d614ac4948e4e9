// A schema's text says all that the wire depends on, reads back as the same schema, and trusts nobody.
#include "sdk/core/replication/schema_description.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <clocale>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "sdk/core/base/hash.h"
#include "sdk/core/base/random.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

const std::string game =
    "tidewire schema 2 game\n"
    "component game.Pos predicted owner_only\n"
    "  x: float -512..512 step 0.01 integral(of: velocity.x)\n"
    "  velocity.x: float -8..8 step 0.25 linear\n"
    "  heading: float -3.141592653589793..3.141592653589793 step 0.001 angle\n"
    "  turn[0]: float -1..1 quaternion 9\n"
    "  turn[1]: float -1..1 quaternion 9\n"
    "  turn[2]: float -1..1 quaternion 9\n"
    "  turn[3]: float -1..1 quaternion 9\n"
    "  kind: ubyte 0..7 static\n"
    "  exact: float -3.4028234663852886e+38..3.4028234663852886e+38\n"
    "  big: long -9.223372036854776e+18..9.223372036854776e+18\n"
    "component table game.Profile owner_only\n"
    "  0 title: text 0..32\n"
    "  1 icon: bytes 0..1024\n"
    "  2 level: short -3..99\n"
    "input game.Move\n"
    "  dx: byte -1..1\n"
    "event table game.Chat\n"
    "  0 line: text 0..200\n"
    "event game.Hit\n"
    "  damage: ubyte 1..100\n";

std::string with(const std::string& before, const std::string& after) {
    std::string text = game;
    const std::size_t place = text.find(before);
    REQUIRE(place != std::string::npos);
    return text.replace(place, before.size(), after);
}

template <class... Parts>
std::string line(const Parts&... parts) {
    std::ostringstream text;
    (text << ... << parts) << '\n';
    return text.str();
}

std::string error_of(const std::string& text, const DescriptionLimits& limits = {}) {
    const auto parsed = parse_description(text, limits);
    if (parsed) return "none";
    CHECK(parsed.error().blame == Blame::Caller);
    return parsed.error().message;
}

}  // namespace

TEST_CASE("a description reads back as the schema that it was written of", "[replication][description]") {
    const SchemaInfo& schema = sample::schema();
    const std::string text = describe(schema);
    CHECK(text ==
          "tidewire schema 2 sample\n"
          "component sample.Pos predicted\n"
          "  x: float -512..512 step 0.01\n"
          "  y: float -512..512 step 0.01\n"
          "component sample.Status\n"
          "  health: short -10..100\n"
          "  flags: uint 0..4294967295\n"
          "  armed: bool 0..1\n"
          "component sample.Exact\n"
          "  id: long -9.223372036854776e+18..9.223372036854776e+18\n"
          "  mask: ulong 0..1.8446744073709552e+19\n"
          "  precise: double -1000000000..1000000000\n"
          "  raw: float -inf..inf\n"
          "  step: double -1000..1000 step 0.015625\n"
          "  small: ubyte 0..200\n"
          "  wide: int -2147483648..2147483647\n"
          "  tilt: byte -128..127\n"
          "  port: ushort 0..65535\n"
          "component sample.Body\n"
          "  px: float -512..512 step 0.01 integral(of: vx)\n"
          "  vx: float -40..40 step 0.05\n"
          "  heading: float -3.141592653589793..3.141592653589793 step 0.0015339807878856412 angle\n"
          "  spin: double -3.141592653589793..3.141592653589793 step 0.1 angle\n"
          "  rotation[0]: float -1..1 quaternion 9\n"
          "  rotation[1]: float -1..1 quaternion 9\n"
          "  rotation[2]: float -1..1 quaternion 9\n"
          "  rotation[3]: float -1..1 quaternion 9\n"
          "component table sample.Name\n"
          "  0 text: text 0..24\n"
          "  1 level: int -100..100\n"
          "  2 badges: ulong 0..1.8446744073709552e+19\n"
          "  3 ratio: float -0.3..0.3\n"
          "  4 exact: double -1000000000..1000000000\n"
          "  5 hidden: bool 0..1\n"
          "  6 lives: ushort 3..9\n"
          "  7 items: bytes 0..40\n"
          "input sample.Move\n"
          "  dx: byte -1..1\n"
          "  aim: float -3.2..3.2 step 0.001\n");
    const auto parsed = parse_description(text);
    REQUIRE(parsed);
    CHECK(describe(parsed->info()) == text);
    CHECK(parsed->info().hash == schema_hash(schema));
    CHECK(parsed->info().hash == fnv1a(as_bytes(text)));
}

TEST_CASE("the description in the document is one, and has the hash that stands above it", "[replication][protocol]") {
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    const std::string text{std::istreambuf_iterator<char>(document), {}};
    const std::string opening = "```text\n";
    const std::size_t begin = text.find(opening + "tidewire schema 2 hello\n");
    REQUIRE(begin != std::string::npos);
    const std::size_t end = text.find("```", begin + opening.size());
    const auto parsed = parse_description(text.substr(begin + opening.size(), end - begin - opening.size()));
    REQUIRE(parsed);
    CHECK(parsed->info().hash == 0x80dd04b15e3e3a87);
    CHECK(text.find("with the hash 0x80dd04b15e3e3a87") < begin);
}

TEST_CASE("every property of a field comes back from its line", "[replication][description]") {
    const auto parsed = parse_description(game);
    REQUIRE(parsed);
    const SchemaInfo& schema = parsed->info();
    CHECK(std::string(schema.name) == "game");
    REQUIRE(schema.components.size() == 2);
    const StructInfo& pos = schema.components[0];
    CHECK(std::string(pos.name) == "game.Pos");
    CHECK(pos.predicted);
    CHECK(pos.owner_only);
    CHECK_FALSE(pos.is_table);
    REQUIRE(pos.fields.size() == 10);
    CHECK(pos.fields[0].prediction == Prediction::Integral);
    CHECK(pos.fields[0].integral_of == 1);
    CHECK(pos.fields[0].quantum == 0.01);
    CHECK(pos.fields[0].min == -512);
    CHECK(pos.fields[1].prediction == Prediction::Linear);
    CHECK(pos.fields[2].angle);
    CHECK(pos.fields[2].max == 3.141592653589793);
    CHECK(pos.fields[2].interpolation == Interpolation::Angle);
    CHECK(pos.fields[6].quaternion_bits == 9);
    CHECK(pos.fields[6].interpolation == Interpolation::Quaternion);
    CHECK(pos.fields[7].prediction == Prediction::Static);
    CHECK(pos.fields[9].max == 0x1p63);
    const StructInfo& profile = schema.components[1];
    CHECK(profile.is_table);
    REQUIRE(profile.record.size() == 3);
    CHECK(profile.record[0].type == RecordType::Text);
    CHECK(profile.record[1].type == RecordType::Bytes);
    CHECK(profile.record[2].scalar == Scalar::Int16);
    CHECK(profile.record[2].id == 2);
    CHECK(profile.record[2].min == -3);
    REQUIRE(schema.events.size() == 2);
    CHECK(std::string(schema.events[0].name) == "game.Chat");
    CHECK_FALSE(schema.events[1].is_table);
    CHECK(schema.events[1].fields[0].max == 100);
}

TEST_CASE("fields of a read schema lie one after another, each aligned", "[replication][description]") {
    const auto parsed = parse_description(
        "tidewire schema 2 a\ncomponent a.A\n  a: ubyte 0..255\n  b: double 0..1\n"
        "  c: bool 0..1\n  d: ushort 0..9\n");
    REQUIRE(parsed);
    const StructInfo& info = parsed->info().components[0];
    CHECK(info.fields[0].offset == 0);
    CHECK(info.fields[1].offset == 8);
    CHECK(info.fields[2].offset == 16);
    CHECK(info.fields[3].offset == 18);
    CHECK(info.size == 24);
    CHECK(info.alignment == 8);
}

TEST_CASE("a table of a read schema can be made, assigned and destroyed", "[replication][description]") {
    const std::size_t count = GENERATE(as<std::size_t>{}, 1, 2, 3, 64, 65, 1024);
    std::string text = "tidewire schema 2 a\nevent table a.A\n";
    for (std::size_t i = 0; i < count; ++i) text += line("  ", i, " f", i, i % 2 == 0 ? ": text 0..99" : ": int 0..99");
    const auto parsed = parse_description(text);
    REQUIRE(parsed);
    const StructInfo& info = parsed->info().events[0];
    REQUIRE(info.lifecycle.construct != nullptr);
    std::vector<std::uint64_t> one(info.size / 8);
    std::vector<std::uint64_t> other(info.size / 8);
    info.lifecycle.construct(one.data());
    info.lifecycle.construct(other.data());
    const auto text_in = [&](std::vector<std::uint64_t>& aggregate) -> std::string& {
        const RecordFieldInfo& last = info.record[(count - 1) / 2 * 2];
        return *reinterpret_cast<std::string*>(reinterpret_cast<std::byte*>(aggregate.data()) + last.offset);
    };
    text_in(one) = "a text that is too long to lie within the string itself";
    info.lifecycle.assign(other.data(), one.data());
    CHECK(text_in(other) == text_in(one));
    if (count > 1) {
        const std::int32_t number = 7;
        std::memcpy(reinterpret_cast<std::byte*>(one.data()) + info.record[1].offset, &number, sizeof number);
        info.lifecycle.assign(other.data(), one.data());
        std::int32_t copy = 0;
        std::memcpy(&copy, reinterpret_cast<std::byte*>(other.data()) + info.record[1].offset, sizeof copy);
        CHECK(copy == 7);
    }
    info.lifecycle.destroy(one.data());
    info.lifecycle.destroy(other.data());
}

TEST_CASE("moving a read schema leaves its description where it is", "[replication][description]") {
    auto parsed = parse_description(game);
    REQUIRE(parsed);
    const SchemaInfo* const before = &parsed->info();
    const OwnedSchema moved = std::move(*parsed);
    CHECK(&moved.info() == before);
    CHECK(describe(moved.info()) == game);
}

TEST_CASE("the text is the same in every locale", "[replication][description]") {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {
        std::setlocale(LC_NUMERIC, name);
        CHECK(describe(sample::schema()).find("step 0.01\n") != std::string::npos);
        CHECK(parse_description(game).has_value());
    }
    std::setlocale(LC_NUMERIC, before.c_str());
}

TEST_CASE("a description that could not be used is refused with its line", "[replication][description]") {
    const std::pair<std::string, std::string> cases[] = {
        {"", "line 1: a description begins with \"tidewire schema 2 NAME\""},
        {"tidewire schema 1\n", "line 1: a description begins with \"tidewire schema 2 NAME\""},
        {"tidewire schema 2 \n", "line 1: \"\" is no name"},
        {"tidewire schema 2 a\n  x: int 0..1\n", "line 2: a field belongs to no declaration"},
        {with("component table", "compartment table"), "line 13: \"compartment\" is not component, input or event"},
        {with("input game.Move", "input table game.Move"), "line 17: an input is no table"},
        {with("event game.Hit", "event game.Hit predicted"), "line 21: \"predicted\" is for components"},
        {with("component game.Pos", "component game!Pos"), "line 2: \"game!Pos\" is no name"},
        {with("game.Profile owner_only", "game.Profile predicted"), "line 13: \"predicted\" says nothing of a table"},
        {with("input game.Move", "input game.Move owner_only"), "line 17: \"owner_only\" is for components"},
        {with("kind: ubyte", "kind: uword"), "line 10: \"uword\" is no type"},
        {with("0..7", "7..0"), "line 10: \"7..0\" is no range"},
        {with("0..7", "nan..7"), "line 10: \"nan..7\" is no range"},
        {with("0..7", "0..256"), "line 10: the range 0..256 is not of its type"},
        {with("0..7", "0.5..7"), "line 10: the range 0.5..7 is not of its type"},
        {with("kind:", "x:"), "line 10: \"x\" is there twice"},
        {with("step 0.01", "step 0"), "line 3: a step is a positive number"},
        {with("step 0.01", "step 1e-300"), "line 3: the range -512..512 has no such steps"},
        {with("step 0.001 angle", "angle"),
         "line 5: an angle is a float or double with 2 to 16777216 steps round the circle"},
        {with("step 0.001 angle", "step 5 angle"),
         "line 5: an angle is a float or double with 2 to 16777216 steps round the circle"},
        {with("quaternion 9", "quaternion 16"), "line 6: a quaternion has 2 to 15 bits"},
        {with("quaternion 9", "quaternion 8"),
         "line 13: a quaternion has four numbers in a row; \"turn[0]\" begins none"},
        {with("-1..1 quaternion 9", "-1..2 quaternion 9"),
         "line 6: a quaternion is of floats from -1 to 1 and nothing else"},
        {with("velocity.x)", "speed)"), "line 13: \"speed\" is no field of \"game.Pos\""},
        {with("step 0.25 linear", "step 0.25 integral(of: x)"), "line 13: \"x\" is an integral of itself"},
        {with("static", "frozen"), "line 10: \"frozen\" says nothing of a field"},
        {with("1 icon", "0 icon"), "line 15: \"0\" is no id of a field; ids rise, and none is above 65535"},
        {with("1 icon", "1.5 icon"), "line 15: \"1.5\" is no id of a field; ids rise, and none is above 65535"},
        {with("2 level", "65536 level"), "line 16: \"65536\" is no id of a field; ids rise, and none is above 65535"},
        {with("text 0..32", "text 0..70000"), "line 14: the range 0..70000 is none of lengths"},
        {with("text 0..32", "text 0..16380"), "line 14: the range 0..16380 is none of lengths"},
        {with("text 0..32", "text 1..32"), "line 14: the range 1..32 is none of lengths"},
        {with("step 0.01 ", "step 0.010 "), "line 3: not as a description is written; there is one way only"},
        {game + "\n", "line 23: \"\" is not component, input or event"},
        {game.substr(0, game.size() - 1), "line 22: not as a description is written; there is one way only"},
        {with("input game.Move\n  dx: byte -1..1\n", "") + "input game.Move\n  dx: byte -1..1\n",
         "line 17: not as a description is written; there is one way only"},
    };
    for (const auto& [text, error] : cases) CHECK(error_of(text) == error);
}

TEST_CASE("a description chooses none of our memory", "[replication][description][limits]") {
    CHECK(error_of(std::string(1024 * 1024 + 1, ' ')) ==
          "the description of a schema has 1048577 bytes; at most 1048576 are read");
    const std::string opening = "tidewire schema 2 a\n";
    std::string many;
    for (int i = 0; i < 255; ++i) many += line("component a.A", i);
    CHECK(error_of(opening + many) == "none");
    CHECK(error_of(opening + many + "component a.B\n") == "line 257: a schema has at most 255 of each kind");
    CHECK(error_of(opening + "component " + std::string(256, 'a') + "\n") == "none");
    CHECK(error_of(opening + "component " + std::string(257, 'a') + "\n") ==
          "line 2: \"" + std::string(48, 'a') + "\" is no name");

    std::string fields = opening + "component a.A\n";
    for (int i = 0; i < 32767; ++i) fields += line("  ", i, ": bool 0..1");
    CHECK(error_of(fields) == "none");
    CHECK(error_of(fields + "  b: bool 0..1\n") == "line 32770: a declaration has at most 32767 fields");
    std::string wide = opening + "component a.A\n";
    for (int i = 0; i < 8192; ++i) wide += line("  ", i, ": double 0..1");
    CHECK(error_of(wide) == "line 8194: \"a.A\" has more than 65535 bytes");
    std::string record = opening + "event table a.A\n";
    for (int i = 0; i < 1025; ++i) record += line("  ", i, " f", i, ": bool 0..1");
    CHECK(error_of(record) == "line 1027: a table has at most 1024 fields");
    CHECK(error_of(game, {.fields_max = 9}) == "line 12: a declaration has at most 9 fields");
}

TEST_CASE("any damaged description is refused or describes to itself", "[replication][description][hostile]") {
    SeededRandom random(11);
    const std::string whole = game;
    std::size_t accepted = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string text = whole;
        for (std::uint32_t edits = 1 + random.below(3); edits > 0 && text.size() > 4; --edits) {
            const std::size_t place = random.below(static_cast<std::uint32_t>(text.size()));
            if (random.below(3) == 0)
                text.erase(place, 1 + random.below(4));
            else
                text[place] = whole[random.below(static_cast<std::uint32_t>(whole.size()))];
        }
        if (const auto parsed = parse_description(text)) {
            ++accepted;
            CHECK(describe(parsed->info()) == text);
        }
    }
    CHECK(accepted > 0);
}
