// Noting figures costs a tick no memory.
#include <catch2/catch.hpp>

#include "server/gate/metrics.h"
#include "tests/support/count_allocations.h"

using namespace tidewire;
using namespace tidewire::server;

TEST_CASE("noting a tick's figures allocates nothing", "[metrics][memory]") {
    Metrics metrics;
    RoomMetrics& room = metrics.room(1);
    ShardMetrics& shard = metrics.shard(0);
    RoomFigures figures;
    const std::size_t before = test::allocations;
    for (int tick = 0; tick < 1000; ++tick) {
        ++figures.ticks;
        figures.bytes_sent += 200'000;
        figures.clients_on_rung = {100, 2, 1, static_cast<std::uint32_t>(tick % 3)};
        room.note(figures);
        room.note_turn(Duration(tick * 50), Duration(tick * 20));
        shard.note({.connections = 103, .rooms = 1, .memory_bytes = 1'000'000});
        shard.note_loop_delay(Duration(tick));
        metrics.count_refused(RefusalClass::ServerFull);
    }
    CHECK(test::allocations == before);
}
