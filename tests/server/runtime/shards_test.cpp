// Several shards in threads, and clients of bytes over sockets of this machine.
#include "server/runtime/shards.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/core/base/hash.h"
#include "tests/sdk/net/loopback.h"
#include "tests/server/runtime/raw_player.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace std::chrono_literals;
using server::GateEvent;
using server::RoomNumber;
using test::RawPlayer;

namespace {

struct Setting {
    std::uint32_t shards = 2;
    std::uint32_t rooms = 1;
    std::uint32_t players_max = 64;
    std::uint32_t bots = 0;
    server::ShardOptions options{};
    std::function<void(Game&, std::uint32_t)> change{};  // of each room's game
};

class RunningShards {
public:
    explicit RunningShards(const Setting& setting)
        : site_(sim::SampleSchema::info(),
                ServerOptions{.tick_rate = 60,
                              .rooms = setting.rooms,
                              .shards = setting.shards,
                              .players_max = setting.players_max,
                              .bots = setting.bots},
                {}) {
        auto listener = net::listen_on("127.0.0.1");
        port_ = listener.port();
        auto shards = server::Shards::create(site_, setting.shards, std::move(listener), setting.options);
        REQUIRE(shards);
        shards_ = std::move(*shards);
        for (std::uint32_t number = 1; number <= setting.rooms; ++number) {
            games_.push_back(std::make_unique<sim::SampleGame>(number));
            Game game = games_.back()->game();
            if (setting.change) setting.change(game, number);
            shards_->open_room({.number = RoomNumber{number}, .game = std::move(game)});
        }
        thread_ = std::thread([this] {
            ran_ = shards_->run({.on_event = [this](const GateEvent& event) { note(event); }, .on_reload = {}}).has_value();
        });
    }
    ~RunningShards() {
        if (!thread_.joinable()) return;
        shards_->stop();
        shards_->stop();
        thread_.join();
        CHECK(ran_);
    }
    RunningShards(const RunningShards&) = delete;
    RunningShards& operator=(const RunningShards&) = delete;

    std::uint16_t port() const { return port_; }
    server::Shards& shards() { return *shards_; }
    server::Site& site() { return site_; }
    /// Afterwards events may be looked at.
    void join() {
        thread_.join();
        CHECK(ran_);
    }
    std::vector<GateEvent> events;

private:
    void note(const GateEvent& event) { events.push_back(event); }

    server::Site site_;
    std::vector<std::unique_ptr<sim::SampleGame>> games_;
    std::unique_ptr<server::Shards> shards_;
    std::uint16_t port_ = 0;
    std::thread thread_;
    bool ran_ = false;  // until the thread was joined it is the thread's
};

std::uint64_t hash_of(const wire::TickMessage& message) {
    std::uint64_t hash = message.tick;
    for (const wire::GroupBody& body : message.bodies)
        for (const std::byte byte : body.bytes) hash = hash_combine(hash, static_cast<std::uint64_t>(byte));
    return hash;
}

bool all_deltas(const wire::TickMessage& message) {
    return std::all_of(message.bodies.begin(), message.bodies.end(),
                       [](const wire::GroupBody& body) { return body.coding == wire::BodyCoding::Delta; });
}

}  // namespace

TEST_CASE("players are spread over rooms on all shards, and everybody plays", "[shards]") {
    RunningShards server({.shards = 3, .rooms = 5, .players_max = 4});
    std::vector<std::unique_ptr<RawPlayer>> players;
    for (int i = 0; i < 20; ++i) players.push_back(std::make_unique<RawPlayer>(server.port()));
    for (const auto& player : players)
        player->read_until([&, begun = player->newest()] { return player->newest() > begun + 3; });
    server.shards().stop();
    for (const auto& player : players) {
        player->read_to_the_end();
        CHECK(player->close_code() == 1001);
        CHECK(player->close_reason() == "the server is stopping");
        player->hang_up();
    }
    server.join();
    std::map<RoomNumber, std::set<PlayerId>> joined;
    for (const GateEvent& event : server.events)
        if (event.kind == GateEvent::Kind::Joined) joined[event.room].insert(event.player);
    REQUIRE(joined.size() == 5);
    for (const auto& [room, who] : joined) CHECK(who.size() == 4);
    CHECK(server.site().census.connections() == 0);
}

TEST_CASE("the server full, a further client is told so wherever it was accepted", "[shards]") {
    RunningShards server({.shards = 2, .rooms = 2, .players_max = 1});
    RawPlayer one(server.port());
    RawPlayer other(server.port());
    for (int i = 0; i < 6; ++i) {
        RawPlayer late(server.port(), RawPlayer::Expect::End);
        CHECK(late.close_code() == 4002);
        CHECK(late.close_reason() == "the server is full (2 of 2 players)");
    }
}

TEST_CASE("what clients are told does not depend on how many threads write it", "[shards]") {
    std::vector<std::map<Tick, std::uint64_t>> told;  // of each server
    for (const std::uint32_t shards : {1U, 3U}) {
        RunningShards server({.shards = shards,
                              .rooms = 1,
                              .players_max = 64,
                              .bots = 20,
                              .options = {.links = {.shared_writes_min = 1}},
                              .change = [](Game& game, std::uint32_t) {
                                  // Nobody changes the world by coming.
                                  game.on_join = [join = game.on_join](ServerSim& sim, Player player) {
                                      if (player.bot()) join(sim, player);
                                  };
                              }});
        std::vector<std::unique_ptr<RawPlayer>> players;
        for (int i = 0; i < 24; ++i) players.push_back(std::make_unique<RawPlayer>(server.port()));
        const Tick begun = players.back()->newest();
        std::map<Tick, std::uint64_t> hashes;
        for (const auto& player : players) {
            // Two ticks that ran in one go are told of as one: from the tick before that. How the next ones are coded depends on the last
            // three that were told.
            player->on_tick = [&, before = Tick{0}, in_a_row = 0](const wire::TickMessage& tick) mutable {
                in_a_row = tick.tick == std::exchange(before, tick.tick) + 1 ? in_a_row + 1 : 0;
                if (in_a_row < 3 || !all_deltas(tick)) return;
                const auto [at, is_new] = hashes.emplace(tick.tick, hash_of(tick));
                if (!is_new) CHECK(at->second == hash_of(tick));
            };
            player->read_until([&] { return player->newest() > begun + 40; });
        }
        told.push_back(std::move(hashes));
    }
    std::size_t both = 0;
    for (const auto& [tick, hash] : told[0]) {
        const auto other = told[1].find(tick);
        if (other == told[1].end()) continue;
        ++both;
        CHECK(other->second == hash);
    }
    CAPTURE(told[0].size(), told[1].size());
    CHECK(both > 5);
}

TEST_CASE("a room that fails is the end of itself alone, and the last one of the server", "[shards]") {
    std::atomic<bool> first_fails = false;
    std::atomic<bool> second_fails = false;
    RunningShards server({.shards = 2, .rooms = 2, .change = [&](Game& game, std::uint32_t number) {
                              game.on_tick = [&, number, tick = game.on_tick](ServerSim& sim) {
                                  if (number == 1 ? first_fails : second_fails) throw std::runtime_error("broken");
                                  tick(sim);
                              };
                          }});
    RawPlayer one(server.port());
    RawPlayer other(server.port());
    first_fails = true;
    one.read_to_the_end();
    CHECK(one.close_code() == 1011);
    one.hang_up();
    other.read_until([&, begun = other.newest()] { return other.newest() > begun + 10; });
    second_fails = true;
    other.read_to_the_end();
    other.hang_up();
    server.join();
    CHECK_FALSE(server.shards().stopped_by_caller());
}

TEST_CASE("a stop waits for rooms that ask for time, and a second one for nobody", "[shards][drain]") {
    std::atomic<int> drained = 0;
    RunningShards server({.shards = 2,
                          .rooms = 2,
                          .options = {.drain_max = 1h},
                          .change = [&](Game& game, std::uint32_t) {
                              game.on_drain = [&](ServerSim&, std::chrono::milliseconds left) {
                                  drained += left == 1h ? 1 : 0;
                              };
                          }});
    RawPlayer player(server.port());
    server.shards().stop();
    player.read_until([&, begun = player.newest()] { return drained == 2 && player.newest() > begun + 30; });
    server.shards().stop();
    player.read_to_the_end();
    CHECK(player.close_code() == 1001);
    server.join();
}

TEST_CASE("what was posted before a stop is done before it", "[shards][drain]") {
    RunningShards server({.shards = 1, .rooms = 2});
    std::promise<void> begun;
    std::promise<void> posted;
    std::size_t running = 0;  // the shard's, until it was joined
    server.shards().post([&](server::Gate&) {
        begun.set_value();
        posted.get_future().wait();
    });
    begun.get_future().wait();
    // The shard has taken its letters, and finds these together with the stop.
    server.shards().post([&](server::Gate& gate) { running = gate.rooms_running(); });
    REQUIRE(server.site().directory.order_end("1", "the cup is over"));
    server.shards().stop();
    posted.set_value();
    server.join();
    CHECK(running > 0);
    std::vector<std::string> reasons;
    for (const GateEvent& event : server.events)
        if (event.kind == GateEvent::Kind::RoomClosed) reasons.push_back(event.reason);
    std::sort(reasons.begin(), reasons.end());
    CHECK(reasons == std::vector<std::string>{"the cup is over", "the server is stopping"});
}
