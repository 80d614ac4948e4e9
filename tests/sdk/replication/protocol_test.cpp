// The bodies of sdk/PROTOCOL.md are the bytes that this room writes and reads, and their symbols are the ones that stand beside them.
// With TIDEWIRE_PRINT_PROTOCOL set, the blocks are printed as they must be.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/body.h"
#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/replica.h"
#include "sdk/core/replication/row_sets.h"
#include "tests/support/plain_tables.h"
#include "tests/support/protocol_document.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

struct Pos {
    float x = 0;
    float y = 0;
};

/// The schema of samples/hello, as far as it is state.
const SchemaInfo& hello() {
    static constexpr FieldInfo fields[] = {
        {"x", Scalar::Float, offsetof(Pos, x), 0.01, -512, 512},
        {"y", Scalar::Float, offsetof(Pos, y), 0.01, -512, 512},
    };
    static constexpr StructInfo components[] = {{"hello.Pos", sizeof(Pos), alignof(Pos), fields}};
    static constexpr SchemaInfo schema{"hello", 0, components, {}};
    return schema;
}

constexpr std::uint32_t entities_max = 8192;

/// Writes down what a body's encoder says, a line for each symbol: "edited: 1", "x change 13 0: 5 + 2 bits".
class Transcript : public SymbolListener {
public:
    void symbol(std::uint32_t context, std::uint32_t symbol) override {
        text_ += (text_.empty() ? "" : "\n") + name(context) + ": " + std::to_string(symbol);
    }
    void bits(unsigned count) override {
        if (count > 0) text_ += " + " + std::to_string(count) + (count == 1 ? " bit" : " bits");
    }
    const std::string& text() const { return text_; }

private:
    static std::string name(std::uint32_t context) {
        static const std::map<std::uint32_t, std::string> structure = {
            {0, "arrivals"},         {1, "index gap"},
            {2, "generation"},       {3, "owner"},
            {4, "record bytes"},     {8, "left"},
            {9, "owner changed"},    {10, "removed"},
            {11, "added spawned"},   {12, "added others"},
            {13, "starting"},        {14, "record changed"},
            {16, "edited"},          {17, "remembers"},
            {18, "left for group"},  {19, "arrived from group"},
            {20, "remembers moved"}, {21, "remembers still"}};
        if (const auto found = structure.find(context); found != structure.end()) return found->second;
        if (context < contexts::structure_count)
            return "again " + std::to_string((context - contexts::again) / 4) + " " +
                   std::to_string((context - contexts::again) % 4);
        const std::uint32_t in_model = (context - contexts::structure_count) % contexts::model_count;
        const std::string slot = context < contexts::structure_count + contexts::model_count ? "x " : "y ";
        const auto pair = [](std::uint32_t number, std::uint32_t width) {
            return std::to_string(number / width) + " " + std::to_string(number % width);
        };
        if (in_model < contexts::added) return slot + "change " + pair(in_model, contexts::levels);
        if (in_model < contexts::remembered)
            return slot + "added " + pair(in_model - contexts::added, contexts::levels);
        if (in_model >= contexts::unguessed)
            return slot + "remembered " + std::to_string(in_model - contexts::unguessed);
        return slot + "remembered " + pair(in_model - contexts::remembered, contexts::guess_levels);
    }

    std::string text_;
};

void print(const std::string& name, ByteSpan body, const std::string& transcript) {
    if (std::getenv("TIDEWIRE_PRINT_PROTOCOL") == nullptr) return;
    std::cout << "```hex " << name << "\n"
              << test::to_hex(body) << "\n```\n\n"
              << "```text " << name << "\n"
              << transcript << "\n```\n\n";
}

}  // namespace

template <>
struct tidewire::ComponentIndex<Pos> {
    static constexpr std::uint16_t value = 0;
};

TEST_CASE("the document's bodies decode to what stands beside them", "[replication][protocol]") {
    const auto blocks = test::protocol_hex_blocks();
    const Layout layout(hello());
    const CodeTables tables = test::plain_tables();
    const Codec codec(layout, tables, 30);
    World world(hello(), entities_max);
    QuantizeCounters counters;
    const Snapshot nothing;
    SnapshotRing snapshots(16);
    StreamState stream;
    Replica replica(codec, {.entities_max = entities_max});
    Replica late(codec, {.entities_max = entities_max});
    Snapshot told;
    Snapshot told_late;

    const auto take = [&]() -> const Snapshot& {
        const Snapshot* const last = snapshots.newest();
        return snapshots.push(capture(layout, world, last, last == nullptr ? 1 : last->tick + 1, counters));
    };
    const auto check = [&](const char* name, const Transcript& transcript, const Bytes& body) {
        CAPTURE(name);
        print(name, body, transcript.text());
        CHECK(blocks.count(name) == 1);
        if (blocks.count(name) == 1) CHECK(test::to_hex(body) == test::to_hex(blocks.at(name)));
        CHECK(test::protocol_text_block(name) == transcript.text());
    };
    const auto read = [&](Replica& reader, Snapshot& state, GroupUpdate::Kind kind, const Bytes& body) {
        const GroupUpdate update{.kind = kind, .group = 0, .body = body};
        auto next = reader.apply(state, snapshots.newest()->tick, {&update, 1});
        REQUIRE(next);
        state = std::move(*next);
        CHECK(first_difference(layout, state, *snapshots.newest()) == "");
    };
    const auto keyframe = [&](const char* name) {
        const Snapshot& after = take();
        stream = {.tick = after.tick, .members = all_members(after), .trails = {}};
        Transcript transcript;
        Bytes body;
        encode_keyframe({.codec = codec, .before = nothing, .after = after, .listener = &transcript}, stream.members,
                        body);
        check(name, transcript, body);
        read(replica, told, GroupUpdate::Kind::Keyframe, body);
        read(late, told_late, GroupUpdate::Kind::Keyframe, body);
    };
    const auto delta = [&](const char* name) {
        const Snapshot before = *snapshots.newest();
        const Snapshot& after = take();
        Transcript transcript;
        Bytes body;
        encode_delta({.codec = codec, .before = before, .after = after, .listener = &transcript}, all_members(after),
                     stream, body);
        check(name, transcript, body);
        read(replica, told, GroupUpdate::Kind::Delta, body);
    };

    const Entity player(world, world.spawn(1));
    const Entity gone(world, world.spawn(5));
    const Entity other(world, world.spawn(0));
    gone.despawn();
    player.set(Pos{1.5F, -2});
    keyframe("Body spawn");

    other.despawn();
    player.get<Pos>().x = 1.6F;
    delta("Body move");

    player.get<Pos>().x = 1.7F;
    delta("Body again");

    // Who saw the first tick only gets what happened since, and what the stream remembers.
    Transcript transcript;
    Bytes body;
    const Members stayed = both(all_members(*snapshots.find(2)), all_members(*snapshots.find(3)));
    encode_catch_up({.codec = codec,
                     .before = *snapshots.find(1),
                     .after = *snapshots.newest(),
                     .stayed = &stayed,
                     .listener = &transcript},
                    all_members(*snapshots.find(1)), stream, body);
    check("Body catch-up", transcript, body);
    read(late, told_late, GroupUpdate::Kind::CatchUp, body);

    player.despawn();
    const Entity next(world, world.spawn(3));
    REQUIRE(next.index() == 0);
    next.set(Pos{1.7F, -2});
    delta("Body replace");

    CHECK(*replica.group(0) == stream);
    // The hash that the document tells.
    const std::uint64_t hash = group_hash(layout, told, all_members(told), Coverage::Public);
    CAPTURE(hash);
    CHECK(hash == group_hash(layout, *snapshots.newest(), stream.members, Coverage::Public));
    CHECK(test::protocol_text_block("State hash") == std::to_string(hash));
}

TEST_CASE("the code tables of the document's examples have the id that it names", "[replication][protocol]") {
    const Bytes file = test::plain_tables_bytes();
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    const std::string text{std::istreambuf_iterator<char>(document), {}};
    CAPTURE(file.size(), fnv1a(file));
    CHECK(text.find("their " + std::to_string(file.size()) + " bytes") != std::string::npos);
    constexpr char digits[] = "0123456789abcdef";
    std::string id;
    for (int shift = 60; shift >= 0; shift -= 4) id += digits[fnv1a(file) >> shift & 15];
    CAPTURE(id);
    CHECK(text.find("0x" + id) != std::string::npos);
}
