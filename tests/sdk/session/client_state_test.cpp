// The client's half, as far as state goes: what bodies make, which of them are refused, and what happens when the two ends differ.
#include <catch2/catch.hpp>

#include "sdk/core/replication/group_state.h"
#include "tests/sdk/session/playing.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;
using wire::BodyCoding;

namespace {

/// What the server's hash of its snapshot at `tick` is, told as group 0 alone.
std::uint64_t hash_at(const Source& source, Tick tick) {
    const replication::Snapshot& snapshot = *source.snapshots.find(tick);
    return replication::group_hash(source.layout, snapshot, replication::all_members(snapshot),
                                   replication::Coverage::Public);
}

/// A tick with a delta of group 0 and the state's hash.
Bytes hashed_message(Playing& game, Tick from, Tick to, std::uint64_t hash) {
    const Bytes body = game.source.delta_body(from, to);
    return tick_message(
        {.tick = to, .bodies = {{.group = 0, .coding = BodyCoding::Delta, .bytes = body}}, .state_hash = hash});
}

/// Changes the client's state behind its back: test.Position.x of one entity is a step more.
void tamper(Playing& game, std::uint32_t entity) {
    auto& newest = const_cast<replication::Snapshot&>(*game.session.snapshots().newest());
    replication::SnapshotEdit edit(game.source.layout, newest);
    ++edit.edit(1, 0).column(0)[entity];
    newest = std::move(edit).finish(newest.tick);
}

std::vector<std::string> reasons(const std::vector<ClientEvent>& events, ClientEvent::Kind kind) {
    std::vector<std::string> found;
    for (const ClientEvent& event : events)
        if (event.kind == kind) found.push_back(event.reason);
    return found;
}

}  // namespace

TEST_CASE("a keyframe and the deltas after it make the server's state", "[session][client]") {
    Playing game;
    game.take_keyframe();
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(10)));
    game.step(11);
    game.session.receive(delta_message(11, game.source.delta_body(10, 11)), at(60ms));
    game.step(15);
    game.session.receive(delta_message(15, game.source.delta_body(11, 15)), at(200ms));
    CHECK(game.session.snapshots().newest()->tick == 15);
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(15)));
    CHECK(game.session.counters().ticks == 3);
    CHECK(game.session.counters().keyframes == 1);
    CHECK(events(game.session).size() == 2);
    CHECK(game.session.render_clock()->running());
    // Who missed bodies is caught up, and follows again.
    game.step(16);
    game.step(18);
    game.session.receive(body_message(18, BodyCoding::CatchUp, game.source.catch_up_body(15, 18)), at(300ms));
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(18)));
    game.step(19);
    game.session.receive(delta_message(19, game.source.delta_body(18, 19)), at(330ms));
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(19)));
    CHECK(game.session.counters().keyframes == 1);
    // A later keyframe replaces everything.
    game.step(20);
    game.session.receive(keyframe_message(20, game.source.keyframe_body(20)), at(400ms));
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(20)));
    CHECK(game.session.counters().keyframes == 2);
    CHECK(game.session.state() == ClientState::Playing);
}

TEST_CASE("a small tick inflates to no more than the bodies of one may, together", "[session][client][limits]") {
    // Each is within its own limit, of some twenty bytes, and is not a body: what inflates has got further.
    const Bytes packed = wire::pack_body(Bytes(wire::Limits{}.inflated_bytes_max), nullptr);
    REQUIRE(packed.size() < 100);
    const std::size_t whole = wire::Limits{}.inflated_total_max / wire::Limits{}.inflated_bytes_max;
    const auto close_code_of = [&](std::size_t bodies) {
        Playing game;
        game.take_keyframe();
        wire::TickMessage message{.tick = 11, .bodies = {}};
        for (std::size_t i = 0; i < bodies; ++i)
            message.bodies.push_back(
                {.group = static_cast<std::uint16_t>(i), .coding = BodyCoding::Newcomers, .bytes = packed});
        events(game.session);
        game.session.receive(tick_message(message), at(100ms));
        const auto happened = events(game.session);
        REQUIRE_FALSE(happened.empty());
        return happened.back().close_code;
    };
    CHECK(close_code_of(whole) == 1007);
    CHECK(close_code_of(whole + 1) == 1009);
}

TEST_CASE("a tick without bodies says that nothing has changed", "[session][client]") {
    Playing game;
    game.take_keyframe();
    game.session.receive(tick_message({.tick = 12, .bodies = {}}), at(1s));
    CHECK(game.session.state() == ClientState::Playing);
    CHECK(game.session.snapshots().newest()->tick == 12);
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(10)));
}

TEST_CASE("a group that ends takes its entities along", "[session][client]") {
    Playing game;
    game.take_keyframe();
    game.session.receive(body_message(11, BodyCoding::Left, {}), at(1s));
    CHECK(game.session.state() == ClientState::Playing);
    CHECK(replication::state_hash(*game.session.snapshots().newest()) == 0);
}

TEST_CASE("ticks that do not fit what the client has are refused", "[session][client]") {
    Playing game;
    const auto refusal = [&](std::uint16_t code, const Bytes& message) {
        game.session.receive(message, at(100ms));
        return refused(game.session, code);
    };
    const auto contains = [](const std::string& part) { return Catch::Contains(part); };
    SECTION("a delta without anything to start from") {
        game.step(11);
        CHECK_THAT(refusal(1002, delta_message(11, game.source.delta_body(10, 11))), contains("never began"));
    }
    SECTION("a catch-up without anything to start from") {
        game.step(11);
        CHECK_THAT(refusal(1002, body_message(11, BodyCoding::CatchUp, game.source.catch_up_body(10, 11))),
                   contains("never began"));
    }
    SECTION("the end of a group that never began") {
        CHECK_THAT(refusal(1002, body_message(11, BodyCoding::Left, {})), contains("group 0 ends, but never began"));
    }
    SECTION("a group after its end") {
        game.take_keyframe();
        game.session.receive(body_message(11, BodyCoding::Left, {}), at(30ms));
        events(game.session);
        game.step(12);
        CHECK_THAT(refusal(1002, delta_message(12, game.source.delta_body(10, 12))), contains("never began"));
    }
    SECTION("a verification of what is not followed") {
        CHECK_THAT(refusal(1002, body_message(10, BodyCoding::Verify, game.source.keyframe_body(10))),
                   contains("group 0 is verified, but not followed"));
    }
    SECTION("a tick twice") {
        game.take_keyframe();
        CHECK_THAT(refusal(1002, keyframe_message(10, game.source.keyframe_body(10))), contains("ticks must rise"));
    }
    SECTION("an older tick") {
        game.take_keyframe();
        CHECK_THAT(refusal(1002, delta_message(9, {})), contains("tick 9 came after tick 10"));
    }
    SECTION("a group twice in one tick") {
        game.take_keyframe();
        const wire::GroupBody body{.group = 0, .coding = BodyCoding::Delta, .bytes = {}};
        CHECK_THAT(refusal(1002, tick_message({.tick = 11, .bodies = {body, body}})),
                   contains("told of twice in one tick"));
    }
    SECTION("a keyframe that is not packed") {
        CHECK_THAT(refusal(1002, keyframe_message(10, {})), contains("not even its envelope"));
    }
    SECTION("a keyframe in a message's envelope") {
        Bytes body = game.source.keyframe_body(10);
        body.front() = std::byte{0x04};
        CHECK_THAT(refusal(1002, keyframe_message(10, body)), contains("envelope of a message"));
    }
    SECTION("a keyframe with a dictionary that nobody agreed on") {
        Bytes body = game.source.keyframe_body(10);
        body.front() = std::byte{0x12};
        CHECK_THAT(refusal(1002, keyframe_message(10, body)), contains("none was agreed on"));
    }
    SECTION("an input that was never sent") {
        const Bytes body = game.source.keyframe_body(10);
        const wire::GroupBody group{.group = 0, .coding = BodyCoding::Keyframe, .bytes = body};
        CHECK_THAT(refusal(1002, tick_message({.tick = 10, .input_tick = 1, .bodies = {group}})),
                   contains("claims that input 1 arrived"));
    }
    CHECK(game.session.snapshots().all().size() <= 2);
}

TEST_CASE("a body with one bad part makes the whole tick void", "[session][client]") {
    Playing game;
    game.take_keyframe();
    game.step(11);
    const Bytes good = game.source.delta_body(10, 11);
    const Bytes bad(3, std::byte{0x7f});
    game.session.receive(tick_message({.tick = 11,
                                       .bodies = {{.group = 0, .coding = BodyCoding::Delta, .bytes = good},
                                                  {.group = 9, .coding = BodyCoding::Delta, .bytes = bad}}}),
                         at(1s));
    CHECK(game.session.state() == ClientState::Closed);
    CHECK(game.session.snapshots().newest()->tick == 10);
}

TEST_CASE("a truncated body ends the session and changes no state, but where what is left is a body of its own",
          "[session][client]") {
    const auto coding = GENERATE(BodyCoding::Keyframe, BodyCoding::Delta, BodyCoding::CatchUp);
    Playing base;
    base.step(11);
    const Bytes body = coding == BodyCoding::Keyframe ? base.source.keyframe_body(11)
                       : coding == BodyCoding::Delta  ? base.source.delta_body(10, 11)
                                                      : base.source.catch_up_body(10, 11);
    CAPTURE(static_cast<int>(coding), body.size());
    REQUIRE(body.size() > 4);
    std::size_t refused = 0;
    for (std::size_t size = 0; size < body.size(); ++size) {
        CAPTURE(size);
        Playing game;
        game.take_keyframe();
        game.session.receive(body_message(11, coding, ByteSpan(body).first(size)), at(1s));
        const replication::Snapshot& newest = *game.session.snapshots().newest();
        if (game.session.state() == ClientState::Closed) {
            ++refused;
            CHECK(newest.tick == 10);
            CHECK(game.session.wants_close()->close_code >= 1002);
            CHECK(game.session.wants_close()->close_code <= 1009);
        } else {
            // Few bytes are few bits: some say something else, and the hash of the state will tell.
            CHECK(newest.tick == 11);
        }
    }
    CHECK(refused * 2 >= body.size());
}

TEST_CASE("a hash that the state has costs nothing", "[session][client][desync]") {
    Playing game;
    game.take_keyframe();
    game.step(11);
    game.session.receive(hashed_message(game, 10, 11, hash_at(game.source, 11)), at(1s));
    CHECK(only<wire::Desync>(sent(game.session)).empty());
    CHECK(game.session.counters().desyncs == 0);
    CHECK(reasons(events(game.session), ClientEvent::Kind::Desync).empty());
}

TEST_CASE("a hash that the state does not have makes the client ask, and go on", "[session][client][desync]") {
    Playing game;
    game.take_keyframe();
    game.step(11);
    game.session.receive(hashed_message(game, 10, 11, hash_at(game.source, 11) + 1), at(1s));
    const auto desyncs = only<wire::Desync>(sent(game.session));
    REQUIRE(desyncs.size() == 1);
    CHECK(desyncs[0].tick == 11);
    CHECK(desyncs[0].difference.empty());
    CHECK(game.session.counters().desyncs == 1);
    CHECK(game.session.state() == ClientState::Playing);
}

TEST_CASE("a verification names what differs to both ends, and puts it right", "[session][client][desync]") {
    Playing game;
    game.take_keyframe();
    tamper(game, 3);
    game.step(11);
    // The change is told relative to what the client has: its error stays.
    game.session.receive(hashed_message(game, 10, 11, hash_at(game.source, 11)), at(1s));
    REQUIRE(only<wire::Desync>(sent(game.session)).size() == 1);
    CHECK_FALSE(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(11)));

    game.step(12);
    const Bytes delta = game.source.delta_body(11, 12);
    const Bytes truth = game.source.keyframe_body(12);
    game.session.receive(tick_message({.tick = 12,
                                       .bodies = {{.group = 0, .coding = BodyCoding::Delta, .bytes = delta},
                                                  {.group = 0, .coding = BodyCoding::Verify, .bytes = truth}},
                                       .state_hash = hash_at(game.source, 12)}),
                         at(2s));
    const std::string sentence = "entity 3: test.Position.x is 501, expected 500";
    const auto desyncs = only<wire::Desync>(sent(game.session));
    REQUIRE(desyncs.size() == 1);
    CHECK(desyncs[0].tick == 12);
    CHECK(desyncs[0].group == 0);
    CHECK(desyncs[0].difference == sentence);
    CHECK(reasons(events(game.session), ClientEvent::Kind::Desync) ==
          std::vector<std::string>{"tick 12, group 0: " + sentence});
    // And the server hears the same.
    ServerSession server(game.source.layout, {}, at(0s));
    server.receive(wire::encode(good_hello()), at(0s));
    server.welcome({.player = 7, .tick_rate = 30, .tick = 0, .entities_max = 256}, at(0s));
    events(server);
    server.receive(wire::encode(desyncs[0]), at(2s));
    const auto heard = events(server);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].kind == ServerEvent::Kind::Desync);
    CHECK(heard[0].reason == "tick 12, group 0: " + sentence);

    // Right again, and it goes on.
    CHECK(game.session.counters().desyncs == 1);
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(12)));
    game.step(13);
    // The keyframe does not tell what the stream remembers: a catch-up does.
    const Bytes catch_up = game.source.catch_up_body(12, 13);
    game.session.receive(tick_message({.tick = 13,
                                       .bodies = {{.group = 0, .coding = BodyCoding::CatchUp, .bytes = catch_up}},
                                       .state_hash = hash_at(game.source, 13)}),
                         at(3s));
    CHECK(game.session.state() == ClientState::Playing);
    CHECK(only<wire::Desync>(sent(game.session)).empty());
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(13)));
}

TEST_CASE("a verification that finds nothing says nothing", "[session][client][desync]") {
    Playing game;
    game.take_keyframe();
    game.step(11);
    const Bytes delta = game.source.delta_body(10, 11);
    const Bytes truth = game.source.keyframe_body(11);
    game.session.receive(tick_message({.tick = 11,
                                       .bodies = {{.group = 0, .coding = BodyCoding::Delta, .bytes = delta},
                                                  {.group = 0, .coding = BodyCoding::Verify, .bytes = truth}}}),
                         at(1s));
    CHECK(only<wire::Desync>(sent(game.session)).empty());
    CHECK(reasons(events(game.session), ClientEvent::Kind::Desync).empty());
    CHECK(replication::same_state(*game.session.snapshots().newest(), *game.source.snapshots.find(11)));
    CHECK(game.session.counters().keyframes == 1);
}

TEST_CASE("a client that differs in everything reports no more than a server takes", "[session][client][desync]") {
    Playing game;
    ServerSession server(game.source.layout, {}, at(0s));
    server.receive(wire::encode(good_hello()), at(0s));
    server.welcome({.player = 7, .tick_rate = 30, .tick = 0, .entities_max = 256}, at(0s));
    game.take_keyframe();
    std::size_t reported = 0;
    // One hash that is wrong every two seconds, for a while; and 200 groups that each differ once.
    for (Tick tick = 11; tick < 311; ++tick) {
        game.session.receive(tick_message({.tick = tick, .bodies = {}, .state_hash = 1}), at(2s * (tick - 10)));
        for (const wire::Desync& desync : only<wire::Desync>(sent(game.session))) {
            server.receive(wire::encode(desync), at(2s * (tick - 10)));
            ++reported;
        }
        events(game.session);
        events(server);
    }
    CHECK(reported == 300);
    const Bytes group = game.source.keyframe_body(10);
    const Bytes empty = wire::pack_body({}, nullptr);
    std::vector<wire::GroupBody> bodies;
    for (std::uint16_t i = 1; i <= 200; ++i) {
        bodies.push_back({.group = i, .coding = BodyCoding::Keyframe, .bytes = group});
        bodies.push_back({.group = i, .coding = BodyCoding::Verify, .bytes = empty});
    }
    game.session.receive(tick_message({.tick = 400, .bodies = bodies}), at(700s));
    const auto told = only<wire::Desync>(sent(game.session));
    CHECK(told.size() == 32);
    for (const wire::Desync& desync : told) server.receive(wire::encode(desync), at(700s));
    CHECK(server.state() == ServerState::Playing);
    CHECK(game.session.state() == ClientState::Playing);
    CHECK(reasons(events(game.session), ClientEvent::Kind::Desync).size() >= 100);
}

TEST_CASE("that nobody looks is told when the game begins, where it was said before", "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.suspend(at(0s));
    session.transport_opened(at(0s));
    session.suspend(at(5ms));
    CHECK(only<wire::Suspend>(sent(session)).empty());
    session.receive(wire::encode(good_welcome()), at(10ms));
    const auto told = only<wire::Suspend>(sent(session));
    REQUIRE(told.size() == 1);
    CHECK(told[0].suspended);
    session.resume(at(1s));
    CHECK(only<wire::Suspend>(sent(session)).size() == 1);
}

TEST_CASE("who looks again before the game begins has said nothing", "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.suspend(at(0s));
    session.transport_opened(at(0s));
    session.resume(at(5ms));
    session.receive(wire::encode(good_welcome()), at(10ms));
    CHECK(only<wire::Suspend>(sent(session)).empty());
}

TEST_CASE("inputs that the server calls late are counted, as many as came in a tick period", "[session][client]") {
    Playing game;
    game.take_keyframe();
    ClientSession& session = game.session;
    const std::byte input[16]{};
    TimePoint now = at(20ms);
    // What is sent, and what the server says of it: the newest input that came, and how early the worst since the last tick was.
    const auto send_until = [&](Tick count) {
        while (session.counters().inputs < count) {
            now += 5ms;
            session.advance(now);
            session.send_due_inputs(0, input, now);
        }
        const auto inputs = only<wire::InputMessage>(sent(session));
        REQUIRE_FALSE(inputs.empty());
        return inputs.back().tick;
    };
    Tick tick = 10;
    const auto told = [&](Tick newest, int lead) {
        session.receive(
            tick_message({.tick = ++tick, .input_tick = newest, .input_lead = static_cast<std::int16_t>(lead)}), now);
        return session.counters().inputs_late;
    };
    CHECK(told(send_until(1), 300) == 0);
    CHECK(told(send_until(2), -1) == 1);
    // Four came together, the first of them two ticks late: the third was in time.
    CHECK(told(send_until(6), -512) == 3);
    // Two came together, and both were.
    CHECK(told(send_until(8), -2000) == 5);
    CHECK(told(session.input_tick(), wire::no_input_lead) == 5);
    CHECK(session.state() == ClientState::Playing);
}

TEST_CASE("sessions that share a codec see what others see", "[session][client]") {
    SharedCodecs codecs(schema());
    Source source;
    Entity entity(source.world, source.world.spawn(7));
    entity.set(model::Position{.x = 3, .y = 2});
    source.capture(10);
    const Bytes keyframe = keyframe_message(10, source.keyframe_body(10));
    for (int i = 0; i < 2; ++i) {
        ClientSession session(schema(), {}, at(0s));
        session.share_codecs(codecs);
        session.transport_opened(at(0s));
        session.receive(wire::encode(good_welcome()), at(10ms));
        session.receive(keyframe, at(20ms));
        REQUIRE(session.snapshots().newest() != nullptr);
        CHECK(replication::same_state(*session.snapshots().newest(), *source.snapshots.newest()));
    }
    const auto& built_in = replication::CodeTables::built_in();
    CHECK(&codecs.find(built_in, 30) == &codecs.find(built_in, 30));
    CHECK(&codecs.find(built_in, 30) != &codecs.find(built_in, 60));
}

TEST_CASE("who ignores the state acknowledges it, and says nothing of what is in it", "[session][client]") {
    ClientSession session(schema(), {}, at(0s));
    session.ignore_state();
    session.transport_opened(at(0s));
    session.receive(wire::encode(good_welcome()), at(10ms));
    sent(session);
    const Bytes nonsense(40, std::byte{0xa5});
    session.receive(keyframe_message(10, nonsense), at(20ms));
    session.receive(tick_message({.tick = 12, .state_hash = 99}), at(53ms));
    CHECK(session.state() == ClientState::Playing);
    REQUIRE(session.snapshots().newest() != nullptr);
    CHECK(session.snapshots().newest()->tick == 12);
    CHECK(session.counters().keyframes == 1);
    CHECK(session.counters().desyncs == 0);
    session.handle_timeout(at(100ms));
    const auto messages = sent(session);
    CHECK(only<wire::Desync>(messages).empty());
    const auto inputs = only<wire::InputMessage>(messages);
    REQUIRE_FALSE(inputs.empty());
    CHECK(inputs.back().ack_tick == 12);
    // Ticks must still rise.
    session.receive(tick_message({.tick = 12}), at(110ms));
    CHECK(session.state() == ClientState::Closed);
}
