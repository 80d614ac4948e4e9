// The server's half, message by message: what a client may say, and what each lie costs it.
#include "sdk/core/session/server_session.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>

#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/schema_evolution.h"
#include "tests/sdk/session/messages.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;

namespace {

const replication::Layout& layout() {
    static const replication::Layout layout(schema());
    return layout;
}

Bytes steer_data(const model::Steer& steer = {}) {
    return replication::encode_input(layout().input(0), reinterpret_cast<const std::byte*>(&steer));
}

Bytes input(std::uint32_t tick, std::uint32_t ack_tick, const Bytes& data, std::uint16_t type = 0) {
    return wire::encode(wire::InputMessage{.tick = tick, .ack_tick = ack_tick, .type = type, .data = data});
}

struct Playing {
    ServerSession session{layout(), {}, at(0s)};
    Bytes data = steer_data();

    Playing() {
        session.receive(wire::encode(good_hello()), at(0s));
        session.welcome({.player = 7, .tick_rate = 30, .tick = 5, .entities_max = 256}, at(0s));
        sent(session);
        events(session);
    }
};

}  // namespace

TEST_CASE("a good Hello asks the room to let the player in", "[session][server]") {
    ServerSession session(layout(), {}, at(0s));
    session.receive(wire::encode(good_hello()), at(1s));
    CHECK(session.state() == ServerState::Joining);
    const auto all = events(session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ServerEvent::Kind::Join);
    CHECK(all[0].player_name == "ann");
    CHECK(sent(session).empty());
    CHECK(session.poll_timeout() == never);  // the room answers when it likes

    session.welcome({.player = 7, .tick_rate = 30, .tick = 123, .entities_max = 256}, at(2s));
    CHECK(session.state() == ServerState::Playing);
    const auto welcomes = only<wire::Welcome>(sent(session));
    REQUIRE(welcomes.size() == 1);
    CHECK(welcomes[0].protocol == protocol_version);
    CHECK(welcomes[0].schema_hash == schema().hash);
    CHECK(welcomes[0].schema_name == "test");
    CHECK(welcomes[0].player == 7);
    CHECK(welcomes[0].tick_rate == 30);
    CHECK(welcomes[0].tick == 123);
    CHECK(welcomes[0].entities_max == 256);
}

TEST_CASE("a Hello says which room, and a Welcome which one it is", "[session][server][rooms]") {
    ServerSession session(layout(), {}, at(0s));
    wire::Hello hello = good_hello();
    hello.room = {.name = "ours", .properties = {{"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate, .seats = 2};
    session.receive(wire::encode(hello), at(1s));
    const auto all = events(session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].room == hello.room);
    CHECK_FALSE(all[0].lists_rooms);
    const RoomIdentity room{.number = 4, .name = "ours", .code = "K7MXQ2ZV"};
    session.welcome({.player = 7, .tick_rate = 30, .tick = 5, .entities_max = 256, .room = room}, at(1s));
    CHECK(only<wire::Welcome>(sent(session))[0].room == room);
}

TEST_CASE("who only wants the list of rooms needs neither the game nor a name, and is told of nothing else", "[session][server][rooms]") {
    ServerSession session(layout(), {}, at(0s));
    session.receive(wire::encode(wire::Hello{.protocol = protocol_version, .room = {.properties = {{"mode", "duel"}}}, .lists_rooms = true}), at(1s));
    const auto all = events(session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ServerEvent::Kind::Join);
    CHECK(all[0].lists_rooms);
    session.watch();
    CHECK(session.state() == ServerState::Watching);
    CHECK(session.poll_timeout() == never);
    session.tell({.anew = true, .rooms = {{.number = 1, .name = "1", .seats = 8}}});
    const auto lists = only<wire::RoomList>(sent(session));
    REQUIRE(lists.size() == 1);
    CHECK(lists[0].rooms.front().name == "1");
    SECTION("it has nothing to say but goodbye") {
        session.receive(wire::encode(wire::Ping{.id = 1}), at(2s));
        CHECK_THAT(refused(session, 4003), Catch::Contains("while the client is told of rooms"));
    }
    SECTION("and goes") {
        session.receive(wire::encode_stored(wire::Goodbye{.close_code = 1000, .reason = "bye"}), at(2s));
        CHECK(session.state() == ServerState::Closed);
        session.tell({.anew = true});
        CHECK(only<wire::RoomList>(sent(session)).empty());
    }
}

TEST_CASE("a client of an older schema that this one only appends to is served", "[session][server]") {
    SchemaInfo older = schema();
    older.components = older.components.first(older.components.size() - 1);
    wire::Hello hello = good_hello();
    hello.schema_hash = 0xfeed;
    hello.schema_prints = replication::fingerprint(older);
    ServerSession session(layout(), {}, at(0s));
    session.receive(wire::encode(hello), at(1s));
    REQUIRE(session.state() == ServerState::Joining);
    session.welcome({.player = 7, .tick_rate = 30, .tick = 5, .entities_max = 256}, at(1s));
    // The Welcome names the server's own schema.
    CHECK(only<wire::Welcome>(sent(session))[0].schema_hash == schema().hash);
}

TEST_CASE("a Hello that does not fit is refused with a sentence", "[session][server]") {
    ServerSession session(layout(), {}, at(0s));
    wire::Hello hello = good_hello();
    SECTION("protocol") {
        hello.protocol = 9;
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 4001), Catch::Contains("protocol version 9"));
    }
    SECTION("schema") {
        hello.schema_hash = 0xfeed;
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 4000),
                   Catch::StartsWith("the client was built with schema \"test\" 0x000000000000feed, the server with "));
    }
    SECTION("schema, by its prints") {
        hello.schema_hash = 0xfeed;
        hello.schema_prints = replication::fingerprint(schema());
        hello.schema_prints[3] ^= 1;
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 4000), Catch::EndsWith("; test.Position differs; what a client knows may not change: build both from the same .fbs"));
    }
    SECTION("no name") {
        hello.player_name = "";
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 1008), Catch::Contains("empty"));
    }
    SECTION("a long name") {
        hello.player_name = std::string(65, 'x');
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 1008), Catch::Contains("65 bytes"));
    }
    SECTION("a name with an escape sequence") {
        hello.player_name = "\x1b[2Jann";
        session.receive(wire::encode(hello), at(1s));
        CHECK_THAT(refused(session, 1008), Catch::Contains("control character"));
    }
    SECTION("a name that is not UTF-8") {
        hello.player_name = "ann\xff";
        session.receive(wire::encode(hello), at(1s));
        refused(session, 1007);
    }
}

TEST_CASE("a silent peer is closed on the deadline of its Hello", "[session][server]") {
    ServerSession session(layout(), {}, at(0s));
    CHECK(session.poll_timeout() == at(5s));
    session.handle_timeout(at(5s - 1us));
    CHECK(session.state() == ServerState::Greeting);
    session.handle_timeout(at(5s));
    CHECK_THAT(refused(session, 1008), Catch::Contains("no Hello within 5000 ms"));
}

TEST_CASE("inputs come out decoded, with their numbers", "[session][server]") {
    Playing game;
    game.session.receive(input(3, 0, steer_data({.dx = -1, .dy = 1, .aim = 1.5F, .fire = true})), at(1s));
    game.session.note_written(8);
    game.session.receive(input(4, 8, game.data), at(1s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == ServerEvent::Kind::Input);
    CHECK(all[0].input_tick == 3);
    CHECK(all[0].input_type == 0);
    REQUIRE(all[0].input.size() == sizeof(model::Steer));
    model::Steer steer{};
    std::memcpy(&steer, all[0].input.data(), sizeof(steer));
    CHECK(steer.dx == -1);
    CHECK(steer.dy == 1);
    CHECK(static_cast<double>(steer.aim) == Approx(1.5));
    CHECK(steer.fire);
    CHECK(all[1].input_tick == 4);
    CHECK(game.session.ack_tick() == 8);
}

TEST_CASE("acknowledgements of what was not written, or that go back, end the session", "[session][server]") {
    Playing game;
    game.session.note_written(20);
    game.session.receive(input(1, 15, game.data), at(1s));
    CHECK(game.session.ack_tick() == 15);
    const std::uint32_t forged = GENERATE(21U, 14U, 0U, 4294967295U);
    CAPTURE(forged);
    game.session.receive(input(2, forged, game.data), at(1s));
    CHECK_THAT(refused(game.session, 1002), Catch::Contains("acknowledges tick " + std::to_string(forged)));
    CHECK(game.session.ack_tick() == 15);
}

TEST_CASE("before anything was written only 0 can be acknowledged", "[session][server]") {
    Playing game;
    game.session.receive(input(1, 1, game.data), at(1s));
    refused(game.session, 1002);
}

TEST_CASE("inputs must rise from 1", "[session][server]") {
    Playing game;
    game.session.receive(input(5, 0, game.data), at(1s));
    game.session.receive(input(5, 0, game.data), at(1s));
    CHECK_THAT(refused(game.session, 1002), Catch::Contains("must rise"));
}

TEST_CASE("an input of tick 0 acknowledges and is none", "[session][server]") {
    Playing game;
    game.session.note_written(12);
    game.session.receive(wire::encode(wire::InputMessage{.tick = 0, .ack_tick = 12}), at(1s));
    CHECK(game.session.ack_tick() == 12);
    CHECK(events(game.session).empty());
    game.session.receive(input(0, 12, game.data), at(1s));
    CHECK_THAT(refused(game.session, 1007), Catch::Contains("is for no tick"));
}

TEST_CASE("that a client is suspended or resumed is told, unless it does nothing else", "[session][server]") {
    Playing game;
    game.session.receive(wire::encode(wire::Suspend{.suspended = true}), at(1s));
    game.session.receive(wire::encode(wire::Suspend{.suspended = false}), at(2s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == ServerEvent::Kind::Suspend);
    CHECK(all[0].suspended);
    CHECK_FALSE(all[1].suspended);
    for (int i = 0; i < 200 && game.session.state() == ServerState::Playing; ++i)
        game.session.receive(wire::encode(wire::Suspend{.suspended = i % 2 == 0}), at(3s));
    CHECK_THAT(refused(game.session, 1008), Catch::Contains("suspended and resumed all the time"));
}

TEST_CASE("inputs, acknowledgements and Suspends beyond four for each tick end the session, behind what a stall holds back",
          "[session][server]") {
    Playing playing;
    const int burst = 4 * 30 * 5;
    for (int i = 0; i < burst; ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        playing.session.receive(i % 3 == 0   ? wire::encode(wire::Suspend{.suspended = true})
                                : i % 3 == 1 ? input(number, 0, playing.data)
                                             : input(0, 0, {}),
                                at(1s));
        events(playing.session);
        REQUIRE(playing.session.state() == ServerState::Playing);
    }
    SECTION("one more") {
        playing.session.receive(input(0, 0, {}), at(1s));
        CHECK_THAT(refused(playing.session, 1008), Catch::Contains("more inputs than there are ticks"));
    }
    SECTION("four for each tick go on for ever") {
        for (int i = 0; i < 120 * 60; ++i) playing.session.receive(input(0, 0, {}), at(1s + (i + 1) * 8334us));
        CHECK(playing.session.state() == ServerState::Playing);
    }
}

TEST_CASE("inputs that the schema does not know end the session", "[session][server]") {
    Playing game;
    SECTION("an unknown type") {
        game.session.receive(input(1, 0, game.data, 1), at(1s));
        CHECK_THAT(refused(game.session, 1007), Catch::Contains("of type 1"));
    }
    SECTION("every truncation") {
        for (std::size_t size = 0; size < game.data.size(); ++size) {
            Playing other;
            other.session.receive(input(1, 0, Bytes(game.data.begin(), game.data.begin() + static_cast<long>(size))),
                                  at(1s));
            refused(other.session, 1007);
        }
    }
    SECTION("trailing bytes") {
        game.data.push_back(std::byte{0});
        game.session.receive(input(1, 0, game.data), at(1s));
        refused(game.session, 1007);
    }
    SECTION("a value out of range") {
        game.data[0] = std::byte{0x7e};  // dx = 63
        game.session.receive(input(1, 0, game.data), at(1s));
        refused(game.session, 1007);
    }
}

TEST_CASE("the server pings each second while the client plays, and measures by its own note", "[session][server]") {
    Playing game;
    CHECK(game.session.poll_timeout() == at(1s));
    game.session.handle_timeout(at(999ms));
    CHECK(sent(game.session).empty());
    game.session.handle_timeout(at(1s));
    const auto pings = only<wire::Ping>(sent(game.session));
    REQUIRE(pings.size() == 1);
    CHECK(game.session.poll_timeout() == at(2s));
    // The copy of the sent time is a lie; the server does not ask it.
    game.session.receive(wire::encode(wire::Pong{.id = pings[0].id, .sent_us = 1, .received_us = 2, .hold_us = 5'000}),
                         at(1065ms));
    CHECK(game.session.rtt().samples() == 1);
    CHECK(game.session.rtt().last() == 60ms);
    for (const std::int64_t hold :
         {std::int64_t{-5}, std::int64_t{3'600'000'000}, std::numeric_limits<std::int64_t>::min()}) {
        game.session.handle_timeout(game.session.poll_timeout());
        const auto next = only<wire::Ping>(sent(game.session));
        REQUIRE(next.size() == 1);
        game.session.receive(
            wire::encode(wire::Pong{.id = next[0].id, .sent_us = 0, .received_us = 0, .hold_us = hold}), at(9s));
    }
    CHECK(game.session.rtt().samples() == 1);
    CHECK(game.session.state() == ServerState::Playing);
}

TEST_CASE("a client that answers no Ping is not sent one after another", "[session][server]") {
    Playing playing;
    std::vector<wire::Ping> pings;
    const auto run = [&](int from, int to) {
        for (int second = from; second <= to; ++second) {
            playing.session.handle_timeout(at(second * 1s));
            for (const wire::Ping& ping : only<wire::Ping>(sent(playing.session))) pings.push_back(ping);
        }
    };
    run(1, 60);
    REQUIRE(pings.size() == 10);
    // One that is answered is followed by one.
    playing.session.receive(wire::encode(wire::Pong{.id = pings[3].id, .sent_us = pings[3].sent_us}), at(60s));
    run(61, 90);
    CHECK(pings.size() == 11);
}

TEST_CASE("a client's Ping is answered at once, a flood of them is not", "[session][server]") {
    Playing game;
    game.session.receive(wire::encode(wire::Ping{.id = 4, .sent_us = 99}), at(2s));
    const auto pongs = only<wire::Pong>(sent(game.session));
    REQUIRE(pongs.size() == 1);
    CHECK(pongs[0].id == 4);
    CHECK(pongs[0].sent_us == 99);
    CHECK(pongs[0].received_us == at(2s).time_since_epoch().count());
    for (int i = 0; i < 200 && game.session.state() == ServerState::Playing; ++i) {
        if (game.session.state() == ServerState::Playing) sent(game.session);
        game.session.receive(wire::encode(wire::Ping{.id = 5, .sent_us = 0}), at(2s));
    }
    refused(game.session, 1008);
}

TEST_CASE("a client may ask for a verification and report what it showed, but not all the time",
          "[session][server][desync]") {
    Playing game;
    game.session.receive(wire::encode(wire::Desync{.tick = 60}), at(2s));
    game.session.receive(wire::encode(wire::Desync{.tick = 62, .group = 5, .difference = "entity 7: a\x1b[2J"}),
                         at(2s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == ServerEvent::Kind::Desync);
    CHECK(all[0].reason.empty());
    CHECK(all[1].kind == ServerEvent::Kind::Desync);
    CHECK(all[1].reason == "tick 62, group 5: entity 7: a?[2J");  // it goes into a log
    // One in two seconds, as often as a hash is told, is always allowed.
    for (int i = 0; i < 200; ++i) game.session.receive(wire::encode(wire::Desync{.tick = 1}), at(2s * i + 4s));
    CHECK(game.session.state() == ServerState::Playing);
    events(game.session);
    int accepted = 0;
    while (game.session.state() == ServerState::Playing && accepted < 200) {
        game.session.receive(wire::encode(wire::Desync{.tick = 1}), at(1000s));
        ++accepted;
    }
    CHECK(accepted == 65);
    CHECK_THAT(refused(game.session, 1008), Catch::Contains("verified all the time"));
}

TEST_CASE("what nobody takes from the session is bounded", "[session][server]") {
    Playing game;
    std::uint32_t tick = 0;
    while (game.session.state() == ServerState::Playing && tick < 10'000)
        game.session.receive(input(++tick, 0, game.data), at(1s));
    CHECK(tick < 300);
    const auto all = events(game.session);
    CHECK(all.size() <= 257);
    CHECK(all.back().kind == ServerEvent::Kind::Closed);
    CHECK(all.back().close_code == 1013);
}

TEST_CASE("a client's Goodbye ends the session without an answer", "[session][server]") {
    Playing game;
    const std::uint16_t code = GENERATE(std::uint16_t{1000}, std::uint16_t{1006}, std::uint16_t{0});
    game.session.receive(wire::encode(wire::Goodbye{.close_code = code, .reason = "tea"}), at(1s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ServerEvent::Kind::Closed);
    CHECK(all[0].reason == "tea");
    CHECK(all[0].by_client);
    CHECK(sent(game.session).empty());
    CHECK(game.session.wants_close()->close_code == 1000);  // others may not stand in a close frame
}

TEST_CASE("the server's own close may say when to come again", "[session][server]") {
    const auto said = [](CloseHint hint) {
        Playing game;
        sent(game.session);
        game.session.close(1001, "the server restarts", at(1s), hint);
        const auto goodbyes = only<wire::Goodbye>(sent(game.session));
        REQUIRE(goodbyes.size() == 1);
        CHECK(goodbyes[0].reason == "the server restarts");
        return goodbyes[0].retry_after_ms;
    };
    CHECK(said({}) == 0);
    CHECK(said({.retry_after = 15s}) == 15'000);
    CHECK(said({.retry_after = 1us}) == 1);
    CHECK(said({.retry_after = -1s}) == 0);
    CHECK(said({.retry_after = std::chrono::hours(24 * 365)}) == 0xffffffff);
}

TEST_CASE("the server's own close says goodbye in every state", "[session][server]") {
    ServerSession session(layout(), {}, at(0s));
    const int steps = GENERATE(0, 1, 2);
    if (steps >= 1) session.receive(wire::encode(good_hello()), at(0s));
    if (steps >= 2) session.welcome({.player = 1, .tick_rate = 30, .tick = 0, .entities_max = 256}, at(0s));
    sent(session);
    session.close(4002, "the server is full (64 of 64 players)", at(1s));
    CHECK(refused(session, 4002) == "the server is full (64 of 64 players)");
}

TEST_CASE("a transport that is gone needs no closing", "[session][server]") {
    Playing game;
    game.session.transport_closed(1006, "", at(1s));
    const auto all = events(game.session);
    REQUIRE(all.size() == 1);
    CHECK(all[0].close_code == 1006);
    CHECK_FALSE(all[0].reason.empty());
    CHECK_FALSE(game.session.wants_close().has_value());
    CHECK(sent(game.session).empty());
}

TEST_CASE("a Ping that waited to be read is answered with when it came, and how long it was held",
          "[session][server]") {
    Playing game;
    game.session.receive(wire::encode(wire::Ping{.id = 4, .sent_us = 99}), at(2s), at(2s) + 25ms);
    const auto pongs = only<wire::Pong>(sent(game.session));
    REQUIRE(pongs.size() == 1);
    CHECK(pongs[0].received_us == at(2s).time_since_epoch().count());
    CHECK(pongs[0].hold_us == 25'000);
}

TEST_CASE("a Pong's round trip ends when it came, not when it was read", "[session][server]") {
    Playing game;
    game.session.handle_timeout(game.session.poll_timeout());
    const auto pings = only<wire::Ping>(sent(game.session));
    REQUIRE(pings.size() == 1);
    const TimePoint left(Duration(pings[0].sent_us));
    game.session.receive(wire::encode(wire::Pong{.id = pings[0].id, .sent_us = pings[0].sent_us}), left + 40ms,
                         left + 70ms);
    CHECK(game.session.rtt().last() == 40ms);
}
