// A newer schema serves older clients exactly when it only appends to theirs, and says what else it did.
#include "sdk/core/replication/schema_evolution.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/schema_description.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

const std::string opening = "tidewire schema 2 game\n";
const std::string pos = "component game.Pos\n  x: float 0..8 step 0.5\n  y: float 0..8 step 0.5\n";
const std::string profile = "component table game.Profile\n  0 title: text 0..32\n  1 level: ubyte 0..99\n";
const std::string move = "input game.Move\n  dx: byte -1..1\n";
const std::string chat = "event table game.Chat\n  0 line: text 0..200\n";
const std::string differs = " differs; what a client knows may not change: build both from the same .fbs";
const std::string older = opening + pos + profile + move + chat;

OwnedSchema schema_of(const std::string& text) {
    auto parsed = parse_description(text);
    INFO((parsed ? std::string() : parsed.error().message) << " in " << text);
    REQUIRE(parsed);
    return std::move(*parsed);
}

/// The difference that a client of the first meets at a server of the second; "none" when it is served.
std::string difference(const std::string& from, const std::string& to) {
    const OwnedSchema client = schema_of(from);
    const OwnedSchema server = schema_of(to);
    const auto by_prints = append_only_difference(fingerprint(client.info()), server.info());
    CHECK(by_prints == append_only_difference(client.info(), server.info()));
    return by_prints.value_or("none");
}

std::string with(const std::string& before, const std::string& after) {
    std::string text = older;
    const std::size_t place = text.find(before);
    REQUIRE(place != std::string::npos);
    return text.replace(place, before.size(), after);
}

}  // namespace

TEST_CASE("what only appends serves its older clients", "[replication][evolution]") {
    CHECK(difference(older, older) == "none");
    CHECK(difference(older, opening + pos + profile + "component game.Hp\n  hp: ubyte 0..9\n" + move + chat) == "none");
    CHECK(difference(older, opening + pos + profile + "component table game.Bag\n" + move + chat) == "none");
    CHECK(difference(older, opening + pos + profile + move + "input game.Aim\n  a: byte 0..1\n" + chat) == "none");
    CHECK(difference(older, older + "event table game.Shout\n  0 line: text 0..9\n") == "none");
    CHECK(difference(older, older + "event game.Hit\n  damage: ubyte 1..100\n") == "none");
    CHECK(difference(older, with("0..99\n", "0..99\n  2 flag: bool 0..1\n")) == "none");
    CHECK(difference(older, older + "  1 to: uint 0..9\n") == "none");
}

TEST_CASE("the first difference is named, with its remedy", "[replication][evolution]") {
    CHECK(difference(older, with("x: float 0..8", "x: float 0..9")) == "game.Pos.x" + differs);
    CHECK(difference(older, with("schema 2 game", "schema 2 other")) ==
          "the client's schema is not called \"other\"; connect to a server of its game");
    CHECK(difference(older, with("y: float", "z: float")) == "game.Pos.z" + differs);
    CHECK(difference(older, with("game.Pos", "game.Pos owner_only")) == "game.Pos" + differs);
    CHECK(difference(older, with("0..99", "0..100")) == "game.Profile.level" + differs);
    CHECK(difference(older, opening + profile + pos + move + chat) == "game.Profile" + differs);
    CHECK(difference(older, with("  dx: byte -1..1\n", "  dx: byte -1..1\n  dy: byte -1..1\n")) ==
          "game.Move has 2 fields, the client's has 1; a struct never grows: add another input");
    const std::string hit = "event game.Hit\n  damage: ubyte 1..100\n";
    CHECK(difference(older + hit, older + hit + "  by: uint 0..9\n") ==
          "game.Hit has 2 fields, the client's has 1; a struct never grows: add another event");
    CHECK(difference(older, with("  y: float 0..8 step 0.5\n", "")) ==
          "game.Pos has 1 field, the client's has 2; a struct never grows: add another component");
}

TEST_CASE("a server that is older than its client says that it is", "[replication][evolution]") {
    CHECK(difference(older, opening + pos + move + chat) ==
          "the client knows 2 components, this server 1; update the server");
    CHECK(difference(older, with("  1 level: ubyte 0..99\n", "")) ==
          "game.Profile has 1 field, the client's has 2; update the server");
    CHECK(difference(older, opening + pos + profile + move) ==
          "the client knows 1 event, this server 0; update the server");
}

TEST_CASE("a large schema is told without the fields of its structs, and appended to all the same",
          "[replication][evolution]") {
    std::string large = opening + "component game.Wide\n";
    for (int i = 0; i < 4000; ++i) large += std::string("  f") + std::to_string(i) + ": bool 0..1\n";
    CHECK(fingerprint(schema_of(large).info()).size() < 10);
    CHECK(append_only_difference(fingerprint(schema_of(large).info()), schema_of(large + pos).info()) == std::nullopt);
    std::string other = large;
    other.replace(other.find("f77:"), 4, "g77:");
    CHECK(append_only_difference(fingerprint(schema_of(large).info()), schema_of(other).info()) == "game.Wide" + differs);

    // Nobody's tables have so many fields; such a schema is not told at all.
    std::string huge = opening;
    for (int table = 0; table < 4; ++table) {
        huge += std::string("event table game.T") + std::to_string(table) + "\n";
        for (int i = 0; i < 1000; ++i)
            huge += std::string("  ") + std::to_string(i) + " f" + std::to_string(i) + ": bool 0..1\n";
    }
    CHECK(fingerprint(schema_of(huge).info()).empty());
    CHECK(append_only_difference(schema_of(huge).info(), schema_of(huge).info()) == std::nullopt);
    CHECK(append_only_difference(std::span<const std::uint32_t>(), schema_of(older).info()) ==
          "the client does not tell its schema; build both from the same .fbs");
}

TEST_CASE("a fingerprint that does not add up is refused, whatever it holds", "[replication][evolution][hostile]") {
    const OwnedSchema schema = schema_of(older);
    const std::vector<std::uint32_t> whole = fingerprint(schema.info());
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(append_only_difference(std::span(whole).first(size), schema.info()).has_value());
    std::vector<std::uint32_t> longer = whole;
    longer.push_back(0);
    CHECK(append_only_difference(longer, schema.info()) ==
          "what the client tells of its schema does not add up; build both from the same .fbs");
    SeededRandom random(3);
    for (int i = 0; i < 2000; ++i) {
        std::vector<std::uint32_t> damaged = whole;
        std::uint32_t& print = damaged[random.below(static_cast<std::uint32_t>(damaged.size()))];
        const std::uint32_t before = print;
        print = random.below(2) == 0 ? random.below(4) : static_cast<std::uint32_t>(random.next());
        INFO("was " << before << ", is " << print);
        // A smaller count may make the rest of the walk differ, but nothing that changed is taken for the same.
        CHECK(append_only_difference(damaged, schema.info()).has_value() == (print != before));
    }
}
