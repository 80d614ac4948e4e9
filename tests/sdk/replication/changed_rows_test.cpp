// Which rows of two chunks differ.

#include <catch2/catch.hpp>
#include <chrono>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/snapshot.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

TEST_CASE("rows that both have and that differ in any column have changed", "[replication][changed_rows]") {
    SeededRandom random(4);
    for (int round = 0; round < 500; ++round) {
        const std::size_t slots = random.below(10);
        Chunk a(slots);
        for (std::int32_t& value : a.columns) value = static_cast<std::int32_t>(random.next());
        Chunk b = a;
        a.present = random.next() | random.next();
        b.present = random.next() | random.next();
        std::uint64_t differ = 0;
        for (std::uint32_t i = random.below(20); i > 0 && slots > 0; --i) {
            const std::uint32_t row = random.below(64);
            const std::uint32_t slot = random.below(static_cast<std::uint32_t>(slots));
            b.column(slot)[row] = a.column(slot)[row] ^ static_cast<std::int32_t>(1U << random.below(32));
            differ |= std::uint64_t{1} << row;
        }
        REQUIRE(changed_rows(a, b, slots) == (differ & a.present & b.present));
        REQUIRE(changed_rows(b, a, slots) == (differ & a.present & b.present));
        REQUIRE(changed_rows(a, a, slots) == 0);
    }
}

TEST_CASE("records change by what they say, not by where they lie", "[replication][changed_rows]") {
    const Layout layout(sample::schema());
    Chunk a(layout, 5);
    a.present = 0xf;
    for (std::size_t row = 0; row < 4; ++row)
        a.records[row] = std::make_shared<const Bytes>(row, static_cast<std::byte>(row));
    Chunk b = a;
    CHECK(changed_rows(a, b, 0) == 0);
    CHECK(a == b);
    b.records[1] = std::make_shared<const Bytes>(*a.records[1]);
    CHECK(changed_rows(a, b, 0) == 0);
    CHECK(a == b);
    b.records[2] = std::make_shared<const Bytes>(5, std::byte{7});
    CHECK(changed_rows(a, b, 0) == 4);
    CHECK_FALSE(a == b);
    b.present = 0xb;
    CHECK(changed_rows(a, b, 0) == 0);
}

TEST_CASE("comparing 901 rows of 8 columns", "[replication][changed_rows][!benchmark][.]") {
    std::vector<Chunk> before(15, Chunk(8));
    for (Chunk& chunk : before) chunk.present = ~std::uint64_t{0};
    before.back().present = 0x1f;
    std::vector<Chunk> after = before;
    for (std::size_t i = 0; i < after.size(); i += 2) after[i].column(3)[i] = 1;
    constexpr int rounds = 20000;
    std::uint64_t changed = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i)
        for (std::size_t chunk = 0; chunk < before.size(); ++chunk)
            changed += changed_rows(before[chunk], after[chunk], 8);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    WARN(time.count() / rounds << " us, " << changed);
}
