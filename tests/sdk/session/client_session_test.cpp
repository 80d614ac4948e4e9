// The client's half, message by message: what it takes, what it refuses with which words, and what it sends when.
#include "sdk/core/session/client_session.h"

#include <catch2/catch.hpp>
#include <limits>

#include "sdk/core/replication/schema_evolution.h"
#include "tests/sdk/session/playing.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;

TEST_CASE("Hello goes out when the transport is open, and says who the client is", "[session][client]") {
    ClientSession session(schema(), {.player_name = "ann"}, at(0s));
    CHECK(sent(session).empty());
    CHECK(session.state() == ClientState::Connecting);
    session.transport_opened(at(1s));
    CHECK(session.state() == ClientState::Joining);
    const auto hellos = only<wire::Hello>(sent(session));
    REQUIRE(hellos.size() == 1);
    CHECK(hellos[0].protocol == protocol_version);
    CHECK(hellos[0].schema_hash == schema().hash);
    CHECK(hellos[0].schema_prints == replication::fingerprint(schema()));
    CHECK(hellos[0].schema_name == "test");
    CHECK(hellos[0].sdk_version == version);
    CHECK(hellos[0].player_name == "ann");
}

TEST_CASE("Welcome makes the client play", "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    CHECK_FALSE(session.render_clock().has_value());
    session.receive(wire::encode(good_welcome()), at(1s));
    CHECK(session.state() == ClientState::Playing);
    CHECK(session.player() == 7);
    CHECK(session.tick_rate() == 30);
    CHECK(session.entities_max() == 256);
    CHECK(session.render_clock().has_value());
    const auto all = events(session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ClientEvent::Kind::Joined);
}

TEST_CASE("a Welcome of another protocol is refused by the client too", "[session][client]") {
    wire::Welcome welcome = good_welcome();
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    welcome.protocol = 2;
    session.receive(wire::encode(welcome), at(1s));
    CHECK(refused(session, 4001).find("the server 2; update the client") != std::string::npos);
}

TEST_CASE("a server whose schema is newer has the last word on whether the client may play", "[session][client]") {
    wire::Welcome welcome = good_welcome();
    welcome.schema_hash = 5;
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    session.receive(wire::encode(welcome), at(1s));
    CHECK(session.state() == ClientState::Playing);
}

TEST_CASE("a Welcome with numbers that cannot be is refused", "[session][client]") {
    wire::Welcome welcome = good_welcome();
    const int which = GENERATE(0, 1, 2, 3, 4);
    if (which == 0) welcome.player = 0;
    if (which == 1) welcome.tick_rate = 0;
    if (which == 2) welcome.tick_rate = 1001;
    if (which == 3) welcome.entities_max = 0;
    if (which == 4) welcome.entities_max = 65'537;
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    session.receive(wire::encode(welcome), at(1s));
    refused(session, 1007);
}

TEST_CASE("without a Welcome the client gives up on the deadline, and progress does not extend it",
          "[session][client]") {
    const bool opened = GENERATE(false, true);
    ClientSession session(schema(), {.connect_timeout = std::chrono::seconds(3)}, at(0s));
    CHECK(session.poll_timeout() == at(3s));
    if (opened) session.transport_opened(at(2s));
    sent(session);
    CHECK(session.poll_timeout() == at(3s));
    session.handle_timeout(at(3s - 1us));
    CHECK(events(session).empty());
    session.handle_timeout(at(3s));
    const auto all = events(session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ClientEvent::Kind::Closed);
    CHECK(all[0].reason.find("within 3000 ms") != std::string::npos);
    CHECK(all[0].reason.find(opened ? "did not answer" : "no connection") != std::string::npos);
    CHECK(session.wants_close().has_value());
}

TEST_CASE("bytes that are no message end the session with the codec's code", "[session][client]") {
    Playing game;
    SECTION("nothing") { game.session.receive({}, at(1s)); }
    SECTION("a foreign envelope") { game.session.receive(Bytes(20, std::byte{0xff}), at(1s)); }
    CHECK_FALSE(refused(game.session, 1002).empty());
}

TEST_CASE("inputs name the ticks that they are for and acknowledge the newest tick", "[session][client]") {
    Playing game;
    const model::Steer steer{.dx = 1, .dy = -1, .aim = 0.5F, .fire = true};
    const auto* aggregate = reinterpret_cast<const std::byte*>(&steer);
    CHECK_FALSE(game.session.advance(at(15ms)));
    CHECK(game.session.next_input() == never);
    game.take_keyframe();
    // Tick 10 has just come. What is sent now for tick 12 is there shortly before it.
    CHECK(game.session.advance(at(40ms)));
    game.session.send_due_inputs(0, aggregate, at(40ms));
    game.session.send_due_inputs(0, aggregate, at(40ms));
    CHECK(game.session.advance(game.session.next_input()));
    game.session.send_due_inputs(0, aggregate, at(80ms));
    const auto inputs = only<wire::InputMessage>(sent(game.session));
    REQUIRE(inputs.size() == 2);
    CHECK(inputs[0].tick == 12);
    CHECK(inputs[0].ack_tick == 10);
    CHECK(inputs[1].tick == 13);
    CHECK(inputs[1].ack_tick == 10);
    // The picture shows the only snapshot that there is.
    CHECK(inputs[0].view_tick <= 10);
    CHECK(inputs[0].view_tick >= 8);
    model::Steer decoded{};
    REQUIRE(
        replication::decode_input(game.source.layout.input(0), inputs[1].data, reinterpret_cast<std::byte*>(&decoded)));
    CHECK(decoded.dx == 1);
    CHECK(decoded.fire);
    CHECK(game.session.counters().inputs == 2);

    game.step(11);
    const Bytes body = game.source.delta_body(10, 11);
    game.session.receive(
        tick_message(
            {.tick = 11, .input_tick = 13, .bodies = {{.group = 0, .coding = wire::BodyCoding::Delta, .bytes = body}}}),
        at(1s));
    CHECK(game.session.input_tick() == 13);
}

TEST_CASE("inputs before the Welcome and after the end go nowhere", "[session][client]") {
    const model::Steer steer{};
    const auto* aggregate = reinterpret_cast<const std::byte*>(&steer);
    ClientSession session(schema(), {}, at(0s));
    session.advance(at(0s));
    session.send_due_inputs(0, aggregate, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    session.advance(at(0s));
    session.send_due_inputs(0, aggregate, at(0s));
    CHECK(sent(session).empty());
    session.close(1000, "bye", at(1s));
    sent(session);
    session.advance(at(1s));
    session.send_due_inputs(0, aggregate, at(1s));
    CHECK(sent(session).empty());
    CHECK(session.counters().inputs == 0);
}

TEST_CASE("pings go out ten times in the first second, then four times a second, and only while playing",
          "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    for (Duration t = 0s; t < 2s; t += 50ms) session.handle_timeout(at(t));
    CHECK(only<wire::Ping>(sent(session)).empty());

    session.receive(wire::encode(good_welcome()), at(2s));
    const auto count_until = [&](TimePoint end) {
        std::size_t count = only<wire::Ping>(sent(session)).size();
        while (session.poll_timeout() < end) {
            session.handle_timeout(session.poll_timeout());
            count += only<wire::Ping>(sent(session)).size();
        }
        return count;
    };
    CHECK(count_until(at(3s)) == 10);
    CHECK(count_until(at(13s)) == 40);
    session.close(1000, "bye", at(13s));
    CHECK(session.poll_timeout() == never);
    session.handle_timeout(at(20s));
    CHECK(only<wire::Ping>(sent(session)).empty());
}

TEST_CASE("pongs give the round trip and the server's clock; forged ones give nothing", "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    sent(session);
    session.receive(wire::encode(good_welcome()), at(1s));
    const auto pings = only<wire::Ping>(sent(session));
    REQUIRE(pings.size() == 1);
    const std::int64_t server_us = at(9s).time_since_epoch().count();
    const auto pong = [&](std::uint32_t id, std::int64_t hold_us) {
        return wire::encode(wire::Pong{.id = id, .sent_us = 77, .received_us = server_us, .hold_us = hold_us});
    };
    session.receive(pong(pings[0].id + 1, 0), at(1050ms));
    CHECK(session.latency(at(2s)).samples == 0);
    session.receive(pong(pings[0].id, 20'000), at(1100ms));
    session.receive(pong(pings[0].id, 0), at(1100ms));
    const Latency latency = session.latency(at(2s));
    CHECK(latency.samples == 1);
    CHECK(latency.rtt_last == 80ms);
    CHECK(latency.rtt_min == 80ms);
    CHECK(latency.jitter == 40ms);
    // The middle of the server's hold against the middle of the trip: 9.010 s and 1.050 s.
    CHECK(latency.clock_offset == 7'960ms);
    CHECK(latency.clock_error_max == 40ms);
}

TEST_CASE("hold times that cannot be are no samples", "[session][client]") {
    const std::int64_t hold =
        GENERATE(std::int64_t{-1}, std::int64_t{100'001}, std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max());
    Playing game;
    game.session.handle_timeout(at(1s));
    const auto pings = only<wire::Ping>(sent(game.session));
    REQUIRE(pings.size() == 1);
    game.session.receive(wire::encode(wire::Pong{.id = pings[0].id, .sent_us = 0, .received_us = 0, .hold_us = hold}),
                         at(1100ms));
    CHECK(game.session.latency(at(2s)).samples == 0);
    CHECK(game.session.state() == ClientState::Playing);
}

TEST_CASE("the server's Ping is answered with its own numbers", "[session][client]") {
    Playing game;
    game.session.receive(wire::encode(wire::Ping{.id = 9, .sent_us = -4}), at(3s));
    const auto pongs = only<wire::Pong>(sent(game.session));
    REQUIRE(pongs.size() == 1);
    CHECK(pongs[0].id == 9);
    CHECK(pongs[0].sent_us == -4);
    CHECK(pongs[0].received_us == at(3s).time_since_epoch().count());
    CHECK(pongs[0].hold_us == 0);
}

TEST_CASE("a server that floods with Pings is left", "[session][client]") {
    Playing game;
    for (int i = 0; i < 100 && game.session.state() == ClientState::Playing; ++i) {
        game.session.receive(wire::encode(wire::Ping{.id = 1, .sent_us = 0}), at(3s));
        if (game.session.state() == ClientState::Playing) sent(game.session);
    }
    refused(game.session, 1008);
}

TEST_CASE("a Goodbye's text is the reason, whatever the close frame says after it", "[session][client]") {
    Playing game;
    const std::string reason(200, 'r');
    game.session.receive(wire::encode(wire::Goodbye{.close_code = 4002, .reason = reason}), at(1s));
    game.session.transport_closed(4002, reason.substr(0, 123), at(1s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ClientEvent::Kind::Closed);
    CHECK(all[0].close_code == 4002);
    CHECK(all[0].reason == reason);
    CHECK(sent(game.session).empty());  // a Goodbye is not answered
    CHECK(game.session.wants_close()->close_code == 4002);
}

TEST_CASE("a Goodbye may say when to come again, and an hour is the most that is believed", "[session][client]") {
    const auto told = [](std::uint32_t retry_after_ms) {
        Playing game;
        game.session.receive(
            wire::encode(wire::Goodbye{.close_code = 1001, .reason = "bye", .retry_after_ms = retry_after_ms}), at(1s));
        game.session.transport_closed(1001, "bye", at(1s));
        const auto all = events(game.session);
        REQUIRE(all.size() == 1);
        CHECK(all[0].reason == "bye");
        return all[0].retry_after;
    };
    CHECK(told(0) == std::nullopt);
    CHECK(told(1) == 1ms);
    CHECK(told(15'000) == 15s);
    CHECK(told(0xffffffff) == 1h);
    // Its own end says nothing of that.
    Playing game;
    game.session.close(1000, "done", at(1s));
    CHECK(events(game.session).back().retry_after == std::nullopt);
}

TEST_CASE("the end of the transport is the end of the session, once", "[session][client]") {
    Playing game;
    game.session.transport_closed(1006, "connection reset by peer", at(1s));
    game.session.transport_closed(1006, "again", at(2s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].close_code == 1006);
    CHECK(all[0].reason == "connection reset by peer");
    CHECK_FALSE(game.session.wants_close().has_value());
}

TEST_CASE("close() says goodbye first", "[session][client]") {
    Playing game;
    game.session.close(1000, "done", at(1s));
    CHECK(refused(game.session, 1000) == "done");
    game.session.close(1000, "again", at(1s));
    CHECK(events(game.session).empty());
    CHECK(sent(game.session).empty());
}

TEST_CASE("events that nobody polls are bounded, and the end is always among them", "[session][client]") {
    Playing game;
    game.take_keyframe();
    for (Tick tick = 11; tick < 1000; ++tick) {
        game.step(tick);
        game.session.receive(delta_message(tick, game.source.delta_body(tick - 1, tick)), at(1s + tick * 1ms));
    }
    CHECK(game.session.snapshots().newest()->tick == 999);
    game.session.close(1000, "done", at(5s));
    const auto all = events(game.session);
    CHECK(all.size() <= 300);
    CHECK(all.back().kind == ClientEvent::Kind::Closed);
}
