// A shard in a thread of its own, over sockets of this machine.
#pragma once

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/net/system.h"
#include "server/runtime/shard.h"
#include "tests/sdk/net/loopback.h"
#include "tools/sim/sample_game.h"

namespace tidewire::test {

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
        thread_ = std::thread([this] {
            shard_->run(signals_, {.on_event = [this](const server::GateEvent& event) { events.push_back(event); },
                                   .on_reload = {}});
        });
    }
    ~RunningShard() { stop(); }
    RunningShard(const RunningShard&) = delete;
    RunningShard& operator=(const RunningShard&) = delete;

    std::uint16_t port() const { return port_; }
    int ticks() const { return ticks_; }
    /// Afterwards bytes_per_tick_max() and events may be looked at.
    void stop() {
        if (!thread_.joinable()) return;
        signals_.stop = true;
        waker_.wake();
        thread_.join();
    }
    std::uint64_t bytes_per_tick_max() const { return bytes_per_tick_max_; }
    std::vector<server::GateEvent> events;

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

}  // namespace tidewire::test
