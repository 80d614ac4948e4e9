// A shard in a thread, and clients of bytes over sockets: how much it reads of whom before a tick.
#include "server/runtime/shard.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "sdk/core/wire/codec.h"
#include "sdk/net/system.h"
#include "tests/sdk/net/tls_pair.h"
#include "tests/server/runtime/raw_player.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using tidewire::test::RawPlayer;

namespace {

/// Of the sample game, without players of its own.
class RunningShard {
public:
    explicit RunningShard(server::ShardOptions options = {}, std::optional<net::TlsContext> tls = {})
        : gate_(sample_.game(), {.tick_rate = 60}, net::now()) {
        gate_.on_tick([this] {
            const std::uint64_t received = gate_.counters().bytes_received;
            ++ticks_;
            bytes_per_tick_max_ = std::max(bytes_per_tick_max_, received - received_before_);
            received_before_ = received;
        });
        auto listener = net::listen_on("127.0.0.1");
        port_ = listener.port();
        auto shard = server::Shard::create(gate_, std::move(listener), waker_, options);
        REQUIRE(shard);
        shard_ = std::move(*shard);
        if (tls) shard_->set_tls(std::move(*tls));
        thread_ = std::thread([this] { shard_->run(signals_, {}); });
    }
    ~RunningShard() { stop(); }
    RunningShard(const RunningShard&) = delete;
    RunningShard& operator=(const RunningShard&) = delete;

    std::uint16_t port() const { return port_; }
    int ticks() const { return ticks_; }
    /// Afterwards bytes_per_tick_max() may be looked at.
    void stop() {
        if (!thread_.joinable()) return;
        signals_.stop = true;
        waker_.wake();
        thread_.join();
    }
    std::uint64_t bytes_per_tick_max() const { return bytes_per_tick_max_; }

private:
    sim::SampleGame sample_;
    server::Gate gate_;
    net::Waker waker_ = std::move(*net::Waker::create());
    std::unique_ptr<server::Shard> shard_;
    server::ShardSignals signals_;
    std::uint16_t port_ = 0;
    std::atomic<int> ticks_ = 0;
    std::uint64_t received_before_ = 0;
    std::uint64_t bytes_per_tick_max_ = 0;
    std::thread thread_;
};

}  // namespace

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
