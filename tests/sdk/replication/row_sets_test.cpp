// Some rows among others: their algebra, and their names on the wire.
#include "sdk/core/replication/row_sets.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/base/random.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

const Codec& codec() {
    static const Layout layout(sample::schema());
    static const Codec made(layout, CodeTables::built_in(), 30);
    return made;
}

Members random_members(SeededRandom& random, std::uint32_t one_in) {
    Members members;
    const std::uint32_t end = random.below(random.below(10) == 0 ? 5000 : 400);
    for (std::uint32_t index = 0; index < end; ++index)
        if (random.below(one_in) == 0) members.insert(index);
    return members;
}

Members some_of(const Members& candidates, SeededRandom& random, std::uint32_t one_in) {
    Members chosen;
    for_each_row(candidates, [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
        if (random.below(one_in) == 0) chosen.insert(index);
    });
    return chosen;
}

Bytes encode(const Members& candidates, Members chosen, RowsOf what = RowsOf::Starting) {
    EncodePort port(codec(), nullptr);
    code_rows(port, what, candidates, chosen);
    Bytes out;
    port.finish(out);
    return out;
}

}  // namespace

TEST_CASE("sets of rows add, subtract and meet", "[replication][rows]") {
    SeededRandom random(1);
    for (int round = 0; round < 200; ++round) {
        const Members a = random_members(random, 1 + random.below(20));
        const Members b = random_members(random, 1 + random.below(20));
        const Members sum = either(a, b);
        const Members common = both(a, b);
        const Members rest = minus(a, b);
        Members again = b;  // what was there goes
        minus(a, b, again);
        REQUIRE(again == rest);
        either(a, b, again);
        REQUIRE(again == sum);
        REQUIRE(exceeds(a, b) == !rest.empty());
        REQUIRE_FALSE(exceeds(common, a));
        for (std::uint32_t index = 0; index < 5000; index += 1 + random.below(3)) {
            if (sum.has(index) != (a.has(index) || b.has(index))) FAIL("either at " << index);
            if (common.has(index) != (a.has(index) && b.has(index))) FAIL("both at " << index);
            if (rest.has(index) != (a.has(index) && !b.has(index))) FAIL("minus at " << index);
        }
        REQUIRE(either(rest, common) == a);
        REQUIRE(sum.count() + common.count() == a.count() + b.count());
        REQUIRE(minus(a, a).empty());
    }
}

TEST_CASE("a walk by ranks finds the row of every rank, and the rank of every row", "[replication][rows]") {
    SeededRandom random(2);
    for (int round = 0; round < 200; ++round) {
        const Members rows = random_members(random, 1 + random.below(10));
        std::vector<std::uint32_t> indexes;
        for_each_row(rows, [&](std::uint32_t, std::uint32_t, std::uint32_t index) { indexes.push_back(index); });
        RankWalk forwards(rows);
        RankWalk backwards(rows);
        std::size_t rank = 0;
        for (;;) {
            const std::uint32_t skip = random.below(random.below(5) == 0 ? 200 : 5);
            rank += skip;
            if (rank >= indexes.size()) break;
            REQUIRE(forwards.next(skip) == indexes[rank]);
            REQUIRE(backwards.skip_to(indexes[rank]) == skip);
            ++rank;
        }
    }
}

TEST_CASE("rows chosen among candidates come out as they went in: none, all or some", "[replication][rows]") {
    SeededRandom random(3);
    for (int round = 0; round < 3000; ++round) {
        const Members candidates = random_members(random, 1 + random.below(6));
        Members chosen;
        switch (random.below(6)) {
            case 0:
                break;
            case 1:
                chosen = candidates;
                break;
            case 2:
                chosen = minus(candidates, some_of(candidates, random, 50));
                break;
            default:
                chosen = some_of(candidates, random, 1 + random.below(60));
        }
        const auto what = static_cast<RowsOf>(random.below(7));
        const Bytes bytes = encode(candidates, chosen, what);
        CAPTURE(round, candidates.count(), chosen.count(), bytes.size());
        DecodePort port(codec(), bytes);
        Members decoded = random_members(random, 3);  // whatever it held before
        code_rows(port, what, candidates, decoded);
        REQUIRE_FALSE(port.failed());
        REQUIRE(port.finished());
        REQUIRE(decoded == chosen);
        // Fewer bits than a flag for each, but for a few: for one of many no more than its number.
        if (!candidates.empty()) REQUIRE(bytes.size() <= candidates.count() / 4 + 8);
    }
}

TEST_CASE("one row of thousands costs its number alone", "[replication][rows]") {
    Members candidates;
    for (std::uint32_t index = 0; index < 4096; ++index) candidates.insert(index);
    for (const std::uint32_t index : {0U, 1U, 1000U, 4095U}) {
        Members chosen;
        chosen.insert(index);
        CHECK(encode(candidates, chosen).size() <= 5);
    }
}

TEST_CASE("hostile bytes choose rows of the candidates or are refused, in bounded time", "[replication][rows]") {
    SeededRandom random(4);
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        const Members candidates = random_members(random, 1 + random.below(4));
        Bytes bytes(random.below(random.below(20) == 0 ? 2000 : 12));
        // Runs of ones are the gaps that never end.
        const std::uint32_t kind = random.below(3);
        for (std::byte& byte : bytes) byte = kind == 0 ? std::byte{0xff} : static_cast<std::byte>(random.below(256));
        const Bytes exact(bytes.begin(), bytes.end());
        DecodePort port(codec(), exact);
        Members chosen;
        code_rows(port, static_cast<RowsOf>(random.below(7)), candidates, chosen);
        REQUIRE(minus(chosen, candidates).empty());
        (port.failed() ? refused : accepted) += 1;
    }
    CHECK(accepted > 100);
    CHECK(refused > 100);
}
