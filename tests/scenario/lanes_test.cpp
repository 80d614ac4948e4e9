// Large messages over whole sessions: what is small does not wait behind them, and nothing of them is lost.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/sdk/wire/dictionaries.h"
#include "tools/bench/netcode/lanes.h"
#include "tools/bench/netcode/payload_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::bench;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t world_bytes = 200 * 1024;
constexpr net::LinkOptions thin{.latency = 30ms, .bytes_per_second = 125'000};

/// The newest state of the client is the server's of that tick.
bool exact(sim::VirtualServer& server, sim::VirtualClient& client) {
    const replication::Snapshot* newest = client.session().snapshots().newest();
    const replication::Snapshot* truth = newest == nullptr ? nullptr : server.room().snapshots().find(newest->tick);
    return truth != nullptr && replication::same_state(*newest, *truth);
}

}  // namespace

TEST_CASE("an event during a join of 200 KiB at 1 Mbit/s waits less than 150 ms", "[scenario][lanes]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    const auto latency = GENERATE(5ms, 30ms, 75ms);
    // In every tick, and now and then.
    const Tick every = GENERATE(1U, 20U);
    CAPTURE(seed, latency.count(), every);
    LanesOptions options{.latency = latency, .event_every = every, .seed = seed};
    const LanesFigures figures = run_lanes(options);
    CHECK(figures.join.event_ms_max <= 150);
    CHECK(figures.join.events >= static_cast<int>(50 / every));
    CHECK(figures.join.pong_ms_max <= 150);
    CHECK(figures.join.pongs >= 8);
    CHECK(figures.playing);
    options.naive = true;
    const LanesFigures naive = run_lanes(options);
    CHECK(naive.join.event_ms_max > 1000);
    CHECK(figures.join_ms < 1.1 * naive.join_ms);
}

TEST_CASE("an event during a transfer of 1 MiB at 1 Mbit/s waits less than 150 ms", "[scenario][lanes]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    const auto latency = GENERATE(5ms, 30ms, 75ms);
    CAPTURE(seed, latency.count());
    LanesOptions options{.latency = latency, .join_bytes = 1024, .bulk_bytes = 1024 * 1024, .seed = seed};
    const LanesFigures figures = run_lanes(options);
    CHECK(figures.bulk.event_ms_max <= 150);
    CHECK(figures.bulk.events >= 250);
    CHECK(figures.bulk.pong_ms_max <= 150);
    CHECK(figures.bulk_ticks_per_second > 26);
    CHECK(figures.playing);
    options.naive = true;
    const LanesFigures naive = run_lanes(options);
    CHECK(naive.bulk.event_ms_max > 5000);
    CHECK(figures.bulk_ms < 1.15 * naive.bulk_ms);
}

TEST_CASE("a join over a fast link takes hardly longer in parts", "[scenario][lanes]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    const auto [latency, rate] = GENERATE(std::pair{Duration(500us), std::size_t{12'500'000}},
                                          std::pair{Duration(20ms), std::size_t{6'250'000}});
    LanesOptions options{.latency = latency, .bytes_per_second = rate, .seed = seed};
    const double join_ms = run_lanes(options).join_ms;
    options.naive = true;
    const double naive_join_ms = run_lanes(options).join_ms;
    CAPTURE(seed, latency.count(), join_ms, naive_join_ms);
    CHECK(join_ms <= 1.3 * naive_join_ms);
}

TEST_CASE("a join in parts is exact, on links that stall and cut everything up", "[scenario][lanes]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    PayloadGame game(250, seed, world_bytes);
    sim::VirtualServer server(game.game(), {.snapshots_held = 1024}, seed);
    sim::VirtualClient& client = server.connect({.latency = 30ms,
                                                 .jitter = 20ms,
                                                 .bytes_per_second = 250'000,
                                                 .held_bytes_max = 3000,
                                                 .stall_every = 700ms,
                                                 .stall_for = 250ms,
                                                 .short_reads = true,
                                                 .short_writes = true});
    server.run_for(15s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().keyframes == 1);
    CHECK(client.session().counters().desyncs == 0);
    CHECK(client.session().counters().ticks > 60);
    CHECK(exact(server, client));
}

TEST_CASE("a client that stops in the midst of a transfer is closed with 1013, and holds no more than its message",
          "[scenario][lanes]") {
    PayloadGame game(250, 1, world_bytes);
    sim::VirtualServer server(game.game(), {.resume_within = 0ms, .unread_timeout = 5s}, 1);
    sim::VirtualClient& client = server.connect(thin);
    sim::VirtualClient& other = server.connect({.latency = 5ms});
    server.run_for(800ms);
    REQUIRE(client.session().counters().ticks == 0);
    client.reading = false;
    server.run_for(4s);
    CHECK(server.room().player_count() == 2);
    server.run_for(3s);
    CHECK(server.room().player_count() == 1);
    REQUIRE_FALSE(server.gate_events.empty());
    CHECK(server.gate_events.back().close_code == 1013);
    CHECK(server.gate_events.back().reason == "the client has read nothing for too long");
    CHECK(other.session().counters().ticks > 200);
}

TEST_CASE("a transfer that is slow, but goes on, is not given up", "[scenario][lanes]") {
    PayloadGame game(50, 1, world_bytes);
    sim::VirtualServer server(game.game(), {.snapshots_held = 1024, .unread_timeout = 3s}, 1);
    // 200 KiB take 13 s here.
    sim::VirtualClient& client = server.connect({.latency = 30ms, .bytes_per_second = 16'000});
    server.run_for(12s);
    CHECK(client.session().counters().ticks == 0);
    server.run_for(10s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().keyframes == 1);
    CHECK(client.session().counters().ticks > 50);
    CHECK(exact(server, client));
}

TEST_CASE("a large transfer of the application's goes on beside the state and ends where it should",
          "[scenario][lanes]") {
    PayloadGame game(250, 1);
    std::vector<std::byte> map(700'000);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::byte>(i * i / 7);
    game.game().on_join = [&](ServerSim& sim, Player player) {
        for (const std::uint32_t id : {1U, 2U}) CHECK(sim.send_bulk(player.id(), id, map));
    };
    sim::VirtualServer server(game.game(), {}, 1);
    sim::VirtualClient& client = server.connect(thin);
    std::vector<Bulk> taken;
    std::size_t progress = 0;
    for (int i = 0; i < 180; ++i) {
        server.run_for(100ms);
        if (const auto arriving = client.session().bulk_progress()) {
            CHECK(arriving->id == taken.size() + 1);
            CHECK(arriving->bytes_total == map.size());
            progress = std::max(progress, arriving->bytes_received);
        }
        while (auto bulk = client.session().poll_bulk()) taken.push_back(std::move(*bulk));
    }
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].id == 1);
    CHECK(taken[1].id == 2);
    for (const Bulk& bulk : taken) CHECK(bulk.bytes == map);
    CHECK(progress > map.size() / 2);
    CHECK(client.session().counters().ticks > 17 * 27);
    CHECK(exact(server, client));
}

TEST_CASE("a suspended client that says nothing of a transfer is waited for", "[scenario][lanes]") {
    PayloadGame game(250, 1);
    game.game().on_join = [](ServerSim& sim, Player player) {
        CHECK(sim.send_bulk(player.id(), 1, std::vector<std::byte>(400'000)));
    };
    sim::VirtualServer server(game.game(), {.unread_timeout = 2s}, 1);
    sim::VirtualClient& client = server.connect(thin);
    server.run_for(1s);
    client.peer->suspend(server.now());
    // It looks every four seconds, which is less often than a client that plays may.
    for (int i = 0; i < 5; ++i) {
        client.reading = false;
        server.run_for(3990ms);
        client.reading = true;
        server.run_for(10ms);
        CHECK(client.session().state() == session::ClientState::Playing);
    }
    client.peer->resume(server.now());
    CHECK_FALSE(client.session().poll_bulk().has_value());
    server.run_for(8s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().poll_bulk().has_value());
    CHECK(exact(server, client));
}

TEST_CASE("a dictionary that a client lacks comes in parts as well, and the first tick after it", "[scenario][lanes]") {
    Bytes bytes = test::sample_dictionary_bytes();
    SeededRandom random(3);
    while (bytes.size() < 100'000) bytes.push_back(static_cast<std::byte>(random.next() >> 56));
    auto dictionary = wire::Dictionary::parse(bytes);
    REQUIRE(dictionary);
    PayloadGame game(250, 1);
    sim::VirtualServer server(game.game(), {}, 1, {.dictionary = *dictionary});
    sim::VirtualClient& client = server.connect(thin);
    double delay_ms_max = 0;
    while (client.session().counters().ticks == 0 && client.session().state() != session::ClientState::Closed) {
        server.run_for(1ms);
        delay_ms_max = std::max(delay_ms_max, to_milliseconds(client.session().latency(server.now()).rtt_last - 60ms));
    }
    CHECK(delay_ms_max > 10);
    CHECK(delay_ms_max <= 150);
    CHECK(server.now() > TimePoint{1800ms});
    server.run_for(1s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().ticks > 25);
    CHECK(exact(server, client));
}

TEST_CASE("a join that takes longer than the history goes on from where it began", "[scenario][lanes]") {
    constexpr std::size_t room_for_all = 1024 * 1024;
    const auto seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    PayloadGame game(250, seed, 400 * 1024);
    sim::VirtualServer server(
        game.game(),
        {.tick_rate = 60, .entities_max = 16384, .transmit_bytes_max = room_for_all, .keyframe_bytes_max = room_for_all},
        seed);
    // 3.3 s, which are 197 ticks.
    sim::VirtualClient& client = server.connect(
        thin, {.message_bytes_max = room_for_all, .keyframe_bytes_max = room_for_all});
    server.run_for(3s);
    CHECK(client.session().counters().ticks == 0);
    CHECK(server.room().held_ticks().size() == 1);
    server.run_for(5s);
    CHECK(client.session().state() == session::ClientState::Playing);
    CHECK(client.session().counters().keyframes == 1);
    CHECK(client.session().counters().ticks > 3 * 60);
    CHECK(client.session().counters().desyncs == 0);
    CHECK(exact(server, client));
    CHECK(server.room().held_ticks().size() == 0);
}

TEST_CASE("without a place for its tick a long join begins anew", "[scenario][lanes]") {
    constexpr std::size_t room_for_all = 1024 * 1024;
    PayloadGame game(250, 1, 300 * 1024);
    sim::VirtualServer server(game.game(),
                              {.tick_rate = 60,
                               .ticks_held_for_joins_max = 0,
                               .transmit_bytes_max = room_for_all,
                               .keyframe_bytes_max = room_for_all},
                              1);
    sim::VirtualClient& client =
        server.connect(thin, {.message_bytes_max = room_for_all, .keyframe_bytes_max = room_for_all});
    server.run_for(8s);
    CHECK(client.session().counters().keyframes > 1);
    CHECK(client.session().counters().ticks < 10);
}
