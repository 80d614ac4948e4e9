// A schema and tables, ready for coding.
#include "sdk/core/replication/codec.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/base/random.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

FieldInfo coordinate(const char* name, std::int16_t integral_of = -1) {
    FieldInfo field{.name = name, .scalar = Scalar::Float, .offset = 0, .quantum = 0.01, .min = -500, .max = 500};
    field.integral_of = integral_of;
    if (integral_of >= 0) field.prediction = Prediction::Integral;
    return field;
}

std::size_t slots_of(const Layout& layout) {
    std::size_t sum = 0;
    for (std::size_t table = 1; table < layout.table_count(); ++table) sum += layout.slot_count(table);
    return sum;
}

/// As training does: each context is met, and no two alike.
CodeTables trained(std::size_t models, std::uint64_t schema_hash) {
    SymbolCounts counts(models);
    for (std::uint32_t context = 0; context < counts.rows().size(); ++context)
        for (std::uint32_t i = 0; i < 40 + context % 90; ++i) counts.add(context, (context * 7 + i % 5) % 60);
    return CodeTables::train(counts, schema_hash);
}

bool same_distribution(const Distribution& a, const Distribution& b) {
    if (a.symbol_count() != b.symbol_count()) return false;
    for (std::uint32_t symbol = 0; symbol < a.symbol_count(); ++symbol)
        if (a.share(symbol).frequency != b.share(symbol).frequency) return false;
    return true;
}

}  // namespace

TEST_CASE("rates come before their integrals, and the rates of rates before them", "[replication][codec]") {
    OwnedSchema schema("chain");
    const StructInfo info{.name = "chain.Body", .size = 0, .alignment = 1};
    schema.add_struct(Role::Component, info,
                      {coordinate("place", 1), coordinate("speed", 3), coordinate("other"), coordinate("force")});
    const Layout layout(schema.info());
    const Codec codec(layout, CodeTables::built_in(), 30);
    const auto& slots = codec.rows(1).slots;
    REQUIRE(slots.size() == 4);
    const auto place_of = [&](std::uint16_t slot) {
        return std::find_if(slots.begin(), slots.end(), [&](const SlotModel& model) { return model.slot == slot; }) -
               slots.begin();
    };
    CHECK(place_of(3) < place_of(1));
    CHECK(place_of(1) < place_of(0));
    CHECK(slots[static_cast<std::size_t>(place_of(0))].rate_slot == 1);
    // A step of 0.01 a second, a thirtieth of a second, in steps of 0.01, times 2^16.
    CHECK(slots[static_cast<std::size_t>(place_of(0))].rate_factor == 2185);
    CHECK(slots[static_cast<std::size_t>(place_of(2))].rate_slot == -1);
}

TEST_CASE("a circle of integrals, which no compiler lets pass, guesses nothing of what is not read yet",
          "[replication][codec]") {
    OwnedSchema schema("circle");
    const StructInfo info{.name = "circle.Body", .size = 0, .alignment = 1};
    schema.add_struct(Role::Component, info, {coordinate("a", 1), coordinate("b", 0), coordinate("self", 2)});
    const Layout layout(schema.info());
    const Codec codec(layout, CodeTables::built_in(), 30);
    std::vector<std::int32_t> read;
    for (const SlotModel& model : codec.rows(1).slots) {
        if (model.slot_class == SlotClass::Integral)
            CHECK(std::find(read.begin(), read.end(), model.rate_slot) != read.end());
        read.push_back(model.slot);
    }
    CHECK(read.size() == 3);
}

TEST_CASE("every slot of any schema is coded once, within a block of contexts of its own", "[replication][codec]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        const OwnedSchema schema = testing::random_schema(random);
        const Layout layout(schema.info());
        const Codec codec(layout, CodeTables::built_in(), 20);
        CHECK(codec.context_count() == contexts::structure_count + slots_of(layout) * contexts::model_count);
        std::vector<std::uint32_t> blocks;
        for (std::size_t table = 1; table < layout.table_count(); ++table) {
            std::vector<bool> coded(layout.slot_count(table), false);
            for (const SlotModel& model : codec.rows(table).slots) {
                REQUIRE_FALSE(coded[model.slot]);
                coded[model.slot] = true;
                blocks.push_back(model.context);
                CHECK(codec.class_context(model.context + 3) ==
                      contexts::structure_count +
                          static_cast<std::uint32_t>(class_of(layout.component(table).slot(model.slot))) *
                              contexts::model_count +
                          3);
                // What is remembered may be anything, whatever the slot's range.
                CHECK(codec.distribution(model.context + contexts::remembered).symbol_count() == token_symbols);
                if (model.rate_slot >= 0) CHECK(coded[static_cast<std::size_t>(model.rate_slot)]);
            }
            CHECK(std::find(coded.begin(), coded.end(), false) == coded.end());
        }
        std::sort(blocks.begin(), blocks.end());
        for (std::size_t i = 1; i < blocks.size(); ++i) CHECK(blocks[i] - blocks[i - 1] == contexts::model_count);
    }
}

TEST_CASE("a slot of few values has an alphabet of few symbols", "[replication][codec]") {
    const Layout layout(sample::schema());
    const Codec codec(layout, CodeTables::built_in(), 30);
    const auto symbols = [&](std::size_t table, std::uint16_t slot) {
        for (const SlotModel& model : codec.rows(table).slots)
            if (model.slot == slot) return codec.distribution(model.context).symbol_count();
        return std::size_t{0};
    };
    CHECK(symbols(2, 2) == 1 + token_symbol_max(2));               // armed: residuals of -2 to 2
    CHECK(symbols(2, 0) == 1 + token_symbol_max(220));             // health: -10 to 100
    CHECK(symbols(2, 1) == token_symbols);                         // flags
    CHECK(symbols(1, 0) == 1 + token_symbol_max(2 * 2 * 51'200));  // x
}

TEST_CASE("tables trained for an older schema serve one that appends to it", "[replication][codec]") {
    SeededRandom random(5);
    const OwnedSchema older = testing::random_schema(random);
    const OwnedSchema newer = testing::appended(older.info(), random);
    const Layout older_layout(older.info());
    const Layout newer_layout(newer.info());
    const std::size_t known = slots_of(older_layout);
    const CodeTables tables = trained(known, 77);
    const Codec before(older_layout, tables, 30);
    const Codec after(newer_layout, tables, 30);
    const Codec built_in(newer_layout, CodeTables::built_in(), 30);
    CHECK(before.tables_id() == tables.id());
    CHECK(after.tables_id() == tables.id());
    REQUIRE(after.context_count() > before.context_count());
    for (std::uint32_t context = 0; context < before.context_count(); ++context)
        REQUIRE(same_distribution(before.distribution(context), after.distribution(context)));
    for (auto context = static_cast<std::uint32_t>(before.context_count()); context < after.context_count(); ++context)
        REQUIRE(same_distribution(built_in.distribution(context), after.distribution(context)));
}

TEST_CASE("tables that a game trained are not those that are built in", "[replication][codec]") {
    const Layout layout(sample::schema());
    const CodeTables tables = trained(slots_of(layout), 1);
    const Codec own(layout, tables, 30);
    const Codec built_in(layout, CodeTables::built_in(), 30);
    CHECK(built_in.tables_id() == 0);
    CHECK(own.tables_id() != 0);
    CHECK_FALSE(same_distribution(own.distribution(0), built_in.distribution(0)));
}
