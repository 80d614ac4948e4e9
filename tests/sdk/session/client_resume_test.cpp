// What of a client's session goes on by another transport, when the server's room was saved and restored meanwhile.
#include <catch2/catch.hpp>
#include <vector>

#include "tests/sdk/session/playing.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;

namespace {

wire::Welcome kept_welcome(wire::Welcome::Resumed resumed = wire::Welcome::Resumed::No) {
    wire::Welcome welcome = good_welcome();
    welcome.session_token = Bytes(24, std::byte{1});
    welcome.session_ms = 30'000;
    welcome.resumed = resumed;
    return welcome;
}

/// A client that plays by a session that may be resumed.
struct Kept {
    Source source;
    ClientSession session{schema(), {.player_name = "ann"}, at(0s)};

    Kept() {
        session.transport_opened(at(0s));
        session.receive(wire::encode(kept_welcome()), at(10ms));
        Entity entity(source.world, source.world.spawn(7));
        entity.set(model::Position{.x = 1, .y = 2});
        source.capture(10);
    }
    void lose_and_open() {
        session.transport_closed(1006, "reset by peer", at(1s), true);
        REQUIRE(session.lost());
        sent(session);
        session.transport_opened(at(2s));
        REQUIRE(only<wire::Hello>(sent(session)).size() == 1);
        REQUIRE(session.state() == ClientState::Resuming);
    }
};

}  // namespace

TEST_CASE("a restored room is told anew, from whatever tick it is at, and what came before stays", "[session][resume]") {
    Kept client;
    client.session.receive(keyframe_message(10, client.source.keyframe_body(10)), at(20ms));
    const model::Note note{.text = "kept"};
    const Bytes data = replication::encode_event(client.source.layout, event_index<model::Note>, &note);
    client.session.receive(wire::encode(wire::Event{.type = event_index<model::Note>, .data = data, .tick = 10}), at(30ms));
    client.lose_and_open();
    wire::Welcome welcome = kept_welcome(wire::Welcome::Resumed::Restored);
    welcome.entities_max = 128;
    welcome.tick_rate = 60;
    client.session.receive(wire::encode(welcome), at(2s));
    REQUIRE(client.session.state() == ClientState::Playing);
    CHECK(client.session.entities_max() == 128);
    CHECK(client.session.tick_rate() == 60);
    CHECK(client.session.snapshots().newest() == nullptr);
    // The program had not looked at it yet.
    std::vector<ReceivedEvent> events;
    client.session.take_events(events);
    REQUIRE(events.size() == 1);
    // An earlier tick than before, from nothing.
    Source restored;
    Entity entity(restored.world, restored.world.spawn(7));
    entity.set(model::Position{.x = 5, .y = 6});
    restored.capture(4);
    client.session.receive(keyframe_message(4, restored.keyframe_body(4)), at(2s));
    REQUIRE(client.session.state() == ClientState::Playing);
    CHECK(replication::same_state(*client.session.snapshots().newest(), *restored.snapshots.newest()));
}

TEST_CASE("a save that is older than what the client has done is told as such; any other server that forgets is at fault",
          "[session][resume]") {
    const bool restored = GENERATE(false, true);
    CAPTURE(restored);
    Kept client;
    const model::Note note{.text = "hello"};
    REQUIRE(client.session.send_event(event_index<model::Note>, &note, at(20ms)));
    std::vector<Bytes> bytes;
    const auto pings = only<wire::Ping>(sent(client.session, bytes));
    REQUIRE_FALSE(pings.empty());
    client.session.receive(wire::encode(wire::Pong{.id = pings.back().id, .sent_us = pings.back().sent_us, .events_received = 1}), at(40ms));
    client.lose_and_open();
    client.session.receive(
        wire::encode(kept_welcome(restored ? wire::Welcome::Resumed::Restored : wire::Welcome::Resumed::Here)), at(2s));
    const std::string why = refused(client.session, restored ? 4020 : 1002);
    if (restored) CHECK_THAT(why, Catch::Contains("restored from a save that is older"));
}

TEST_CASE("what a server says of another try counts once", "[session][resume]") {
    Kept client;
    client.session.note_retry_after(7s);
    client.session.transport_closed(1006, "refused", at(1s), true);
    REQUIRE(client.session.lost());
    CHECK(client.session.take_retry_after() == 7s);
    CHECK_FALSE(client.session.take_retry_after());
    // At a first connection the program is told.
    ClientSession first(schema(), {}, at(0s));
    first.note_retry_after(std::chrono::hours(9));
    first.transport_closed(1006, "the server answered 503", at(1s), true);
    const auto all = events(first);
    REQUIRE(all.size() == 1);
    CHECK(all[0].retry_after == std::chrono::hours(1));
}
