// Code tables: trained, written, read by strangers.
#include "sdk/core/replication/code_tables.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/distribution.h"
#include "tests/sdk/replication/mutation.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

/// Most contexts are never met, as it is with recordings.
SymbolCounts random_counts(SeededRandom& random, std::size_t models) {
    SymbolCounts counts(models);
    const auto contexts = static_cast<std::uint32_t>(counts.rows().size());
    for (std::uint32_t i = 0; i < contexts; ++i) {
        const std::uint32_t context = random.below(contexts);
        const std::uint32_t symbols = 1 + random.below(63);
        for (std::uint32_t left = 1 + random.below(300); left > 0; --left) counts.add(context, random.below(symbols));
    }
    return counts;
}

}  // namespace

TEST_CASE("trained tables are read as they were written", "[replication][tables]") {
    SeededRandom random(1);
    for (const std::size_t models : {std::size_t{1}, std::size_t{9}, std::size_t{40}}) {
        CAPTURE(models);
        const CodeTables made = CodeTables::train(random_counts(random, models), 0x1234567890abcdefULL);
        CHECK(made.schema_hash() == 0x1234567890abcdefULL);
        CHECK(made.model_count() == models);
        CHECK(made.id() != 0);
        const auto read = CodeTables::parse(made.bytes());
        REQUIRE(read);
        CHECK(read->id() == made.id());
        CHECK(read->schema_hash() == made.schema_hash());
        CHECK(read->bytes() == made.bytes());
        REQUIRE(read->model_count() == models);
        for (std::uint32_t context = 0; context < contexts::structure_count + models * contexts::model_count; ++context)
            REQUIRE(read->weights(context) == made.weights(context));
    }
}

TEST_CASE("the built-in tables are for the classes, and two ends need not name them", "[replication][tables]") {
    const CodeTables& tables = CodeTables::built_in();
    CHECK(tables.id() == 0);
    CHECK(tables.schema_hash() == 0);
    CHECK(tables.model_count() == slot_class_count);
    const auto again = CodeTables::parse(tables.bytes());
    REQUIRE(again);
    CHECK(again->id() != 0);
}

TEST_CASE("tables that are cut off anywhere, or go on, are refused", "[replication][tables]") {
    const Bytes& whole = CodeTables::built_in().bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto parsed = CodeTables::parse(cut);
        if (parsed) FAIL("cut at " << size);
        REQUIRE(parsed.error().blame == Blame::Peer);
        REQUIRE(parsed.error().close_code == 1007);
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    CHECK_FALSE(CodeTables::parse(longer));
}

TEST_CASE("what is no table, of another version, or too large is refused with a remedy", "[replication][tables]") {
    Bytes bytes = CodeTables::built_in().bytes();
    const auto message = [&] {
        const auto parsed = CodeTables::parse(bytes);
        return parsed ? std::string("none") : parsed.error().message;
    };
    CHECK(message() == "none");
    SECTION("another magic") {
        bytes[0] = std::byte{'X'};
        CHECK(message() == "code tables do not begin with TWCT; train them with this version's tidewire-flight");
    }
    SECTION("another version") {
        bytes[4] = std::byte{2};
        CHECK(message() == "code tables are of another version; train them with this version's tidewire-flight");
    }
    SECTION("classes that are not ours") {
        const CodeTables other = CodeTables::train(SymbolCounts(slot_class_count + 1), 1);
        bytes = other.bytes();
        bytes[5] = std::byte{0};
        CHECK(message() == "code tables lack classes; train them with this version's tidewire-flight");
    }
    SECTION("too many bytes") {
        bytes.resize(code_tables_bytes_max + 1);
        CHECK(message() == "code tables are larger than 512 KiB; train them with this version's tidewire-flight");
    }
    SECTION("more models than there are bytes") {
        bytes.resize(13);
        for (const int byte : {0xff, 0xff, 0x03}) bytes.push_back(static_cast<std::byte>(byte));
        bytes[5] = std::byte{1};
        CHECK(message() == "code tables are cut off; train them with this version's tidewire-flight");
    }
}

TEST_CASE("damaged tables are refused or make distributions", "[replication][tables]") {
    SeededRandom random(2);
    int accepted = 0;
    for (int round = 0; round < 2000; ++round) {
        const Bytes damaged = testing::mutated(CodeTables::built_in().bytes(), random);
        const auto parsed = CodeTables::parse(damaged);
        if (!parsed) continue;
        ++accepted;
        for (int i = 0; i < 20; ++i) {
            const std::uint32_t context =
                random.below(static_cast<std::uint32_t>(contexts::structure_count + 9 * contexts::model_count));
            const Distribution distribution(parsed->weights(context));
            REQUIRE(distribution.share(63).start + distribution.share(63).frequency == rans_total);
        }
    }
    CHECK(accepted > 100);
}

TEST_CASE("contexts that were met seldom borrow from their neighbours", "[replication][tables]") {
    constexpr std::uint32_t block = contexts::structure_count + contexts::changes;
    SymbolCounts counts(slot_class_count);
    for (int i = 0; i < 9000; ++i) counts.add(block, 1);
    for (int i = 0; i < 1000; ++i) counts.add(block, 2);
    counts.add(block + 5, 40);                                  // met once
    for (int i = 0; i < 10'000; ++i) counts.add(block + 6, 7);  // met often, and unlike the others
    const CodeTables tables = CodeTables::train(counts, 0);

    const auto never = tables.weights(block + 1);
    CHECK(never == tables.weights(block));
    const auto once = tables.weights(block + 5);
    CHECK(once[40] > 0);
    CHECK(once[1] > once[40]);
    CHECK(once[7] > once[40]);
    const auto often = tables.weights(block + 6);
    CHECK(often[7] > 100 * often[1]);
    CHECK(often[40] == 0);
    // Another block is none of its neighbours.
    const auto added = tables.weights(contexts::structure_count + contexts::added);
    CHECK(added == CodeTables::Weights{});
}

TEST_CASE("weights keep their proportions to a sixteenth", "[replication][tables]") {
    SymbolCounts counts(slot_class_count);
    for (std::uint32_t symbol = 0; symbol < 30; ++symbol)
        for (std::uint32_t i = 0; i < 7 * (symbol + 1) * (symbol + 1); ++i)
            counts.add(contexts::of(NumberOf::Owner), symbol);
    const CodeTables tables = CodeTables::train(counts, 0);
    const auto weights = tables.weights(contexts::of(NumberOf::Owner));
    for (std::uint32_t symbol = 5; symbol < 30; ++symbol) {
        const double fair = weights[29] / 900.0 * (symbol + 1) * (symbol + 1);
        CAPTURE(symbol);
        CHECK(weights[symbol] > fair * 0.85);
        CHECK(weights[symbol] < fair * 1.15);
    }
}

TEST_CASE("tables of a schema with hundreds of fields that were all met are still what a reader accepts",
          "[replication][tables]") {
    SymbolCounts counts(600);
    SeededRandom random(3);
    for (std::uint32_t context = 0; context < counts.rows().size(); ++context)
        for (std::uint32_t symbol = 0; symbol < 40; ++symbol)
            for (std::uint32_t left = random.below(context % 7 == 0 ? 60 : 2) + 1; left > 0; --left)
                counts.add(context, symbol);
    const CodeTables tables = CodeTables::train(counts, 1);
    CHECK(tables.bytes().size() <= code_tables_bytes_max);
    CHECK(tables.model_count() == 600);
    CHECK(CodeTables::parse(tables.bytes()).has_value());
}
