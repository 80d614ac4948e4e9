// A shard in a thread, and clients of bytes over sockets: how much it reads of whom before a tick.
#include "server/runtime/shard.h"

#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/wire/codec.h"
#include "tests/sdk/net/tls_pair.h"
#include "tests/server/runtime/raw_player.h"
#include "tests/server/runtime/running_shard.h"

using namespace tidewire;
using tidewire::test::RawPlayer;
using tidewire::test::RunningShard;

TEST_CASE("all that a player has said is read before a tick, in however many TLS records it came", "[shard]") {
    const auto certificate = test::Certificate::self_signed();
    RunningShard shard({}, net::server_context(certificate));
    const net::TlsContext trust = net::client_context(certificate.client());
    RawPlayer player(shard.port(), &trust);
    player.read_until([&, begun = player.newest()] { return player.newest() > begun + 2; });
    const Tick acknowledged = player.newest();
    const int before = shard.ticks();
    constexpr int records = 240;
    for (int i = 0; i < records; ++i) player.send(wire::encode(wire::InputMessage{.ack_tick = acknowledged}));
    player.send(wire::encode(wire::Ping{.id = 1}));
    player.read_until([&] { return player.pongs() == 1; });
    CHECK(shard.ticks() - before < records / 2);
}

TEST_CASE("who floods is read no more of before a tick, however many others play", "[shard]") {
    constexpr std::size_t read_bytes_max = 1024;
    RunningShard shard({.links = {.read_bytes_max = read_bytes_max}});
    std::vector<RawPlayer> quiet;
    for (int i = 0; i < 12; ++i) quiet.emplace_back(shard.port());
    RawPlayer flooding(shard.port());
    flooding.read_until([&, begun = flooding.newest()] { return flooding.newest() > begun + 2; });
    const Bytes message = wire::encode(wire::InputMessage{.ack_tick = flooding.newest()});
    for (std::size_t bytes = 0; bytes < 24 * read_bytes_max; bytes += message.size()) flooding.queue(message);
    flooding.queue(wire::encode(wire::Ping{.id = 1}));
    flooding.write();
    flooding.read_until([&] { return flooding.pongs() == 1; });
    shard.stop();
    CHECK(shard.bytes_per_tick_max() <= 3 * read_bytes_max);
}
