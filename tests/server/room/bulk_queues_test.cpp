// Who may be sent how much, and in which order it leaves.
#include "server/room/bulk_queues.h"

#include <catch2/catch.hpp>

#include "server/room/room.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::server;

namespace {

BulkBytes of_size(std::size_t size) { return std::make_shared<const std::vector<std::byte>>(size); }

}  // namespace

TEST_CASE("what waits for a player is bounded, and errors are the caller's", "[room][bulk]") {
    BulkQueues queues(1000);
    CHECK(queues.push(1, 1, of_size(1)).error().blame == Blame::Caller);
    queues.join(1);
    queues.join(2);
    CHECK_FALSE(queues.push(1, 1, of_size(0)));
    CHECK_FALSE(queues.push(1, 1, nullptr));
    CHECK_FALSE(queues.push(1, 1, of_size(1001)));
    REQUIRE(queues.push(1, 1, of_size(600)));
    const auto refused = queues.push(1, 2, of_size(401));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message ==
          "a bulk transfer of 401 bytes, with 600 that wait for the player already, is beyond bulk_bytes_max (1000)");
    CHECK(queues.push(1, 3, of_size(400)));
    CHECK(queues.push(2, 4, of_size(1000)));

    REQUIRE(queues.front(1) != nullptr);
    CHECK(queues.front(1)->id == 1);
    queues.pop(1);
    CHECK(queues.front(1)->id == 3);
    CHECK(queues.push(1, 5, of_size(600)));
    queues.leave(1);
    CHECK(queues.front(1) == nullptr);
    CHECK(queues.front(2)->id == 4);
}

TEST_CASE("a game sends to humans from its callbacks, and shares what it sends", "[room][bulk]") {
    sim::SampleGame sample;
    const BulkBytes map = of_size(10);
    std::vector<bool> sent;
    sample.game().on_join = [&](ServerSim& sim, Player player) {
        sent.push_back(sim.send_bulk(player.id(), 7, map).has_value());
    };
    const replication::Layout layout(*sample.game().schema);
    Room room(sample.game(), layout, {});
    const PlayerId human = room.join("Ada", false);
    const PlayerId bot = room.join("bot", true);
    CHECK(sent == std::vector<bool>{true, false});
    REQUIRE(room.bulk().front(human) != nullptr);
    CHECK(room.bulk().front(human)->bytes == map);
    CHECK(room.bulk().front(bot) == nullptr);
    room.leave(human);
    CHECK(map.use_count() == 1);
}
