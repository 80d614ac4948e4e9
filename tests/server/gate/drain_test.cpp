// Connections that are read once a tick: what they say counts from when it came.
#include <catch2/catch.hpp>

#include "server/gate/gate.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

TEST_CASE("a connection waits for ticks from its join to its close, and not while parts are on their way", "[gate]") {
    SampleGame sample;
    Game game = sample.game();
    PlayerId player = 0;
    bool sends = false;
    game.on_join = [&, join = game.on_join](ServerSim& sim, Player joined) {
        player = joined.id();
        if (join) join(sim, joined);
    };
    game.on_tick = [&, tick = game.on_tick](ServerSim& sim) {
        if (std::exchange(sends, false)) REQUIRE(sim.send_bulk(player, 1, std::vector<std::byte>(200 * 1024)));
        if (tick) tick(sim);
    };
    VirtualServer server(game, {}, 1);
    VirtualClient& client = server.connect({.latency = 10ms, .bytes_per_second = 200'000});
    const server::ConnectionId id = client.stream->id;
    CHECK_FALSE(server.gate().standing(id).waits_for_tick);
    server.run_for(1s);
    CHECK(server.gate().standing(id).waits_for_tick);

    sends = true;
    server.run_for(500ms);
    CHECK_FALSE(server.gate().standing(id).waits_for_tick);
    server.run_for(2s);
    CHECK(server.gate().standing(id).waits_for_tick);

    client.peer->close("enough", server.now());
    server.run_for(11ms);
    CHECK((client.stream->closed || !server.gate().standing(id).waits_for_tick));
}
