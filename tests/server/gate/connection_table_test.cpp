// The table against a map, by seed.
#include "server/gate/connection_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "sdk/core/base/random.h"

using namespace tidewire;
using server::ConnectionId;
using server::ConnectionTable;

TEST_CASE("a connection is found by its id until it is taken, however many come and go", "[gate]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    SeededRandom random(seed);
    ConnectionTable<std::uint64_t> table;
    std::map<std::uint64_t, const std::uint64_t*> expected;  // and where each is in memory
    std::uint64_t last = 0;
    for (int step = 0; step < 20'000; ++step) {
        // Some go on for long: their ids lie far behind the others'.
        if (expected.empty() || random.below(100) < (step < 10'000 ? 55U : 45U)) {
            last += 1 + random.below(3);
            expected[last] = &table.insert(ConnectionId{last}, std::make_unique<std::uint64_t>(last));
        } else {
            auto gone = expected.lower_bound(1 + random.below(static_cast<std::uint32_t>(last)));
            if (gone == expected.end()) gone = expected.begin();
            const auto taken = table.take(ConnectionId{gone->first});
            REQUIRE(taken);
            REQUIRE(*taken == gone->first);
            REQUIRE_FALSE(table.take(ConnectionId{gone->first}));
            REQUIRE(table.find(ConnectionId{gone->first}) == nullptr);
            expected.erase(gone);
        }
        REQUIRE(table.size() == expected.size());
        if (step % 500 != 0) continue;
        for (const auto& [id, where] : expected) REQUIRE(table.find(ConnectionId{id}) == where);
        std::size_t visited = 0;
        table.for_each([&](ConnectionId id, const std::uint64_t& value) {
            REQUIRE(static_cast<std::uint64_t>(id) == value);
            ++visited;
        });
        REQUIRE(visited == expected.size());
    }
}
