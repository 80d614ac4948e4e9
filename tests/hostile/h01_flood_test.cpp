// Ten times as many connections as a server has places for: who plays does not notice, and who would play gets in.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sdk/core/base/hash.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

/// Sockets that say nothing, each from an address of its own.
class Mutes {
public:
    explicit Mutes(VirtualServer& server) : server_(&server) {}

    void come(std::size_t count) {
        for (; count > 0; --count) {
            const std::uint32_t n = ++made_;
            const std::string address = "198.51." + std::to_string(n / 250 % 250) + "." + std::to_string(n % 250 + 1);
            if (const auto id = server_->gate().accept(address, server_->now())) here_.push_back(*id);
        }
        most_ = std::max(most_, here_.size());
        std::vector<server::ConnectionId> left;
        for (const server::ConnectionId id : here_) {
            if (!server_->gate().standing(id).finished)
                left.push_back(id);
            else
                server_->gate().forget(id);
        }
        here_ = std::move(left);
    }
    std::size_t here() const { return here_.size(); }
    std::size_t most() const { return most_; }

private:
    VirtualServer* server_;
    std::vector<server::ConnectionId> here_;
    std::uint32_t made_ = 0;
    std::size_t most_ = 0;
};

constexpr ServerOptions options_of(std::uint32_t connections) {
    return {.players_max = 8, .connections_max = connections};
}

/// What one player's stream carries while so many mute sockets come at each tick.
std::uint64_t stream_hash(std::size_t mutes_per_tick) {
    SampleGame sample;
    VirtualServer server(sample.game(), options_of(40), 5);
    VirtualClient& player = server.connect({.latency = 20ms});
    std::uint64_t hash = fnv1a({});
    server.on_written = [&](const VirtualStream& stream, ByteSpan bytes) {
        if (stream.id == player.stream->id) hash = fnv1a(bytes, hash);
    };
    Mutes mutes(server);
    server.run_for(1s);
    server.on_tick = [&] { mutes.come(mutes_per_tick); };
    server.run_for(10s);
    CHECK(player.closed() == nullptr);
    return hash;
}

}  // namespace

TEST_CASE("H01: who plays gets the same bytes while ten times as many connections come as there are places",
          "[H01]") {
    CHECK(stream_hash(0) == stream_hash(20));
}

TEST_CASE("H01: mute sockets that hold all places make room for who would play, the oldest first", "[H01]") {
    SampleGame sample;
    VirtualServer server(sample.game(), options_of(40), 1);
    Mutes mutes(server);
    mutes.come(400);
    // The others were turned away at the door or made room; beside the places there is the reserve of the census.
    CHECK(mutes.most() <= 40 + 400);
    CHECK(server.gate().connection_count() <= 40 + 16);
    // Each comes while all places are held, and holds its own for long enough.
    server.on_tick = [&] { mutes.come(2); };
    for (int i = 0; i < 7; ++i) {
        VirtualClient& client = server.connect({.latency = 50ms});
        server.run_for(1s);
        CAPTURE(i);
        CHECK((client.session().player() != 0 && client.closed() == nullptr));
        CHECK(server.gate().connection_count() <= 40 + 16);
    }
    const auto refused =
        std::count_if(server.gate_events.begin(), server.gate_events.end(), [](const server::GateEvent& event) {
            return event.reason == "all places were taken, and it was the oldest connection that had not joined";
        });
    CHECK(refused > 0);
}

TEST_CASE("H01: nobody makes room for who could not play: a server whose seats are taken says so", "[H01]") {
    SampleGame sample;
    VirtualServer server(sample.game(), {.players_max = 1, .connections_max = 4}, 1);
    server.connect();
    server.run_for(1s);
    Mutes mutes(server);
    mutes.come(3);
    VirtualClient& late = server.connect();
    server.run_for(1s);
    CHECK(mutes.here() == 3);
    REQUIRE(late.closed() != nullptr);
    CHECK(late.closed()->reason.find("503") != std::string::npos);
}
