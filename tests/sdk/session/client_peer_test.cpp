// Whole sessions over bad links, in virtual time: a client peer against the server's half.
#include "sdk/core/session/client_peer.h"

#include <catch2/catch.hpp>

#include "tests/sdk/session/messages.h"
#include "tests/support/pair.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;

namespace {

/// A world in which ten things walk, and an input each 33 ms while the client plays.
struct Game {
    Pair pair;
    SeededRandom random{5};

    explicit Game(PairOptions options = {}) : pair(schema(), std::move(options)) {
        for (int i = 0; i < 10; ++i) {
            Entity entity(pair.server.world, pair.server.world.spawn(7));
            entity.set(model::Position{.x = static_cast<float>(10 * i), .y = 0});
            entity.set(model::Vitals{.hp = 100});
        }
        pair.on_tick = [this] {
            for (auto [entity, position] : View<model::Position>(pair.server.world))
                position.x += random.range(-0.5F, 0.6F);
        };
    }
    Latency latency() const { return pair.client.session().latency(pair.now()); }
    ClientState state() const { return pair.client.session().state(); }
    void send_inputs_for(Duration duration) {
        for (const TimePoint end = pair.now() + duration; pair.now() < end; pair.run_for(33ms)) {
            const model::Steer steer{.dx = 1, .aim = 0.5F};
            pair.client.session().advance(pair.now());
            pair.client.send_due_inputs(0, reinterpret_cast<const std::byte*>(&steer), pair.now());
        }
    }
};

}  // namespace

TEST_CASE("the round trip time is the link's latency, twice", "[session][peer]") {
    const Duration latency = GENERATE(0us, 1ms, 40ms, 150ms);
    Game game(symmetric({.latency = latency}));
    game.pair.run_for(5s);
    REQUIRE(game.state() == ClientState::Playing);
    CHECK(game.latency().rtt_smoothed == 2 * latency);
    CHECK(game.latency().rtt_last == 2 * latency);
    CHECK(game.latency().rtt_min == 2 * latency);
    CHECK(game.latency().samples > 20);
    CHECK(game.pair.server.session->rtt().smoothed() == 2 * latency);
}

TEST_CASE("the server's clock is found within two milliseconds over a symmetric link with jitter", "[session][peer]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    PairOptions options = symmetric({.latency = 80ms, .jitter = 8ms}, seed);
    options.server_clock = 1234567us;
    Game game(options);
    game.pair.run_for(10s);
    for (int i = 0; i < 40; ++i) {
        game.pair.run_for(500ms);
        CHECK(std::chrono::abs(game.latency().clock_offset - 1234567us) < 2ms);
    }
}

TEST_CASE("over an asymmetric link the clock's error stays within its bound", "[session][peer]") {
    PairOptions options{.up = {.latency = 10ms}, .down = {.latency = 120ms}, .server_clock = -5s};
    Game game(options);
    game.pair.run_for(10s);
    const Latency latency = game.latency();
    CHECK(std::chrono::abs(latency.clock_offset + 5s) <= latency.clock_error_max);
    CHECK(latency.clock_error_max == 65ms);
}

TEST_CASE("every snapshot that the client applies is the server's, whatever the link does to the bytes",
          "[session][peer]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    Game game(symmetric({.latency = 30ms, .jitter = 60ms, .bytes_per_second = 20'000, .short_reads = true}, seed));
    std::size_t applied = 0;
    game.pair.on_event = [&](const ClientEvent& event) {
        if (event.kind != ClientEvent::Kind::Snapshot) return;
        const replication::Snapshot& newest = *game.pair.client.session().snapshots().newest();
        const replication::Snapshot* origin = game.pair.server.snapshots.find(newest.tick);
        REQUIRE(origin != nullptr);
        REQUIRE(replication::first_difference(game.pair.server.layout, newest, *origin).empty());
        ++applied;
    };
    game.send_inputs_for(10s);
    CHECK(applied > 280);
    CHECK(game.pair.client.session().counters().keyframes == 1);
    CHECK(game.pair.server.session->ack_tick() > 280);
    CHECK(game.pair.client.session().input_tick() > 250);
    CHECK(game.state() == ClientState::Playing);
}

TEST_CASE("the picture follows at one interval and the lateness that jitter adds", "[session][peer]") {
    Game game(symmetric({.latency = 40ms}));
    game.pair.run_for(5s);
    game.pair.client.session().advance(game.pair.now());
    const auto& clock = *game.pair.client.session().render_clock();
    CHECK(clock.delay() >= 33ms);
    CHECK(clock.delay() <= 34ms);
    // 40 ms on the way, and what has passed of the current tick.
    const Duration age = game.pair.client.session().snapshot_age(game.pair.now());
    CHECK(age >= 40ms);
    CHECK(age < 75ms);
    game.pair.down.stall(game.pair.now() + 500ms);
    game.pair.run_for(499ms);
    CHECK(game.pair.client.session().snapshot_age(game.pair.now()) >= 530ms);
}

TEST_CASE("another schema is refused with a whole sentence, longer than a close frame holds", "[session][peer]") {
    static const SchemaInfo other{
        .name = "a_game_with_quite_a_long_name", .hash = 0xabc, .components = {}, .inputs = {}};
    PairOptions options = symmetric({.latency = 20ms, .short_reads = true});
    options.client_schema = &other;
    Game game(options);
    game.pair.run_for(2s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 4000);
    const std::string& reason = game.pair.closed()->reason;
    CHECK(reason.size() > 123);
    CHECK_THAT(reason, Catch::StartsWith("the client was built with schema \"a_game_with_quite_a_long_name\" "
                                         "0x0000000000000abc, the server with \"test\" 0x"));
    CHECK_THAT(reason,
               Catch::EndsWith("; the client's schema is not called \"test\"; connect to a server of its game"));
    CHECK(game.pair.client.finished());
    CHECK(game.pair.server.connection.finished());
}

TEST_CASE("leaving says goodbye, and both ends finish", "[session][peer]") {
    Game game(symmetric({.latency = 50ms, .short_reads = true}));
    game.pair.run_for(2s);
    game.pair.client.close("the player left", game.pair.now());
    game.pair.run_for(1s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1000);
    REQUIRE_FALSE(game.pair.server.events.empty());
    const ServerEvent& last = game.pair.server.events.back();
    CHECK(last.kind == ServerEvent::Kind::Closed);
    CHECK(last.close_code == 1000);
    CHECK(last.reason == "the player left");
    CHECK(game.pair.client.finished());
    CHECK(game.pair.server.connection.finished());
    CHECK(game.pair.client.poll_timeout() == never);
}

TEST_CASE("the server's reason reaches the player whole", "[session][peer]") {
    Game game(symmetric({.latency = 50ms}));
    game.pair.run_for(2s);
    const std::string reason = "the server stops for an update: " + std::string(150, '.');
    game.pair.server.session->close(1001, reason, game.pair.now());
    game.pair.server.pump(game.pair.now());
    game.pair.run_for(1s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1001);
    CHECK(game.pair.closed()->reason == reason);
    CHECK(game.pair.client.finished());
    CHECK(game.pair.server.connection.finished());
}

TEST_CASE("a room that never answers is left after the connect timeout", "[session][peer]") {
    PairOptions options = symmetric({.latency = 10ms});
    options.client.connect_timeout = std::chrono::milliseconds(4000);
    options.answers_hello = false;
    Game game(options);
    game.pair.run_for(3990ms);
    CHECK(game.pair.closed() == nullptr);
    game.pair.run_for(2s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK_THAT(game.pair.closed()->reason, Catch::Contains("did not answer within 4000 ms"));
    CHECK(game.pair.client.finished());
}

TEST_CASE("a server that is not there is given up", "[session][peer]") {
    PairOptions options = symmetric({.latency = 3600s});
    options.client.connect_timeout = std::chrono::milliseconds(1500);
    Game game(options);
    game.pair.run_for(2s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK_FALSE(game.pair.closed()->reason.empty());
    CHECK(game.pair.client.finished());
}

TEST_CASE("a link that goes silent is noticed within ten seconds on both sides", "[session][peer]") {
    Game game(symmetric({.latency = 20ms}));
    game.pair.run_for(3s);
    REQUIRE(game.state() == ClientState::Playing);
    game.pair.up.stall(game.pair.now() + 1h);
    game.pair.down.stall(game.pair.now() + 1h);
    game.pair.run_for(10'100ms);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1006);
    CHECK(game.pair.server.events.back().kind == ServerEvent::Kind::Closed);
}

TEST_CASE("text messages are refused with 1003", "[session][peer]") {
    Game game(symmetric({.latency = 20ms}));
    game.pair.run_for(1s);
    REQUIRE(game.pair.server.connection.send(ws::MessageKind::Text, as_bytes("hello")));
    game.pair.server.connection.retain_unsent();
    game.pair.run_for(1s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1003);
    CHECK(game.pair.server.events.back().close_code == 1003);
    CHECK_THAT(game.pair.server.events.back().reason, Catch::Contains("text message"));
}

TEST_CASE("a failed stream ends the session with the caller's words", "[session][peer]") {
    Game game;
    game.pair.run_for(1s);
    game.pair.client.abort("cannot read: Connection reset by peer", game.pair.now());
    game.pair.run_for(1ms);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1006);
    CHECK(game.pair.closed()->reason == "cannot read: Connection reset by peer");
    CHECK(game.pair.client.finished());
}

TEST_CASE("a server that goes on with a group that it never began is told so", "[session][peer]") {
    Game game(symmetric({.latency = 20ms}));
    game.pair.run_for(1s);
    const Tick tick = game.pair.server.written + 50;
    game.pair.server.send(body_message(tick, wire::BodyCoding::Delta, {}, 3), game.pair.now());
    game.pair.run_for(1s);
    REQUIRE(game.pair.closed() != nullptr);
    CHECK(game.pair.closed()->close_code == 1002);
    CHECK(game.pair.server.events.back().kind == ServerEvent::Kind::Closed);
    CHECK_THAT(game.pair.server.events.back().reason, Catch::Contains("group 3 goes on, but never began"));
}

TEST_CASE("the same seed is the same session, byte for byte", "[session][peer]") {
    const auto play = [](std::uint64_t seed) {
        Game game(symmetric({.latency = 30ms, .jitter = 20ms, .short_reads = true}, seed));
        game.send_inputs_for(3s);
        const ClientCounters& counters = game.pair.client.session().counters();
        const Latency latency = game.latency();
        return std::tuple(counters.bytes_received, counters.bytes_sent, counters.ticks, latency.rtt_smoothed.count(),
                          latency.jitter.count(), game.pair.client.session().render_clock()->tick());
    };
    CHECK(play(1) == play(1));
    CHECK(play(1) != play(2));
}
