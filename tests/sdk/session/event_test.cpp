// Events in one session: what a peer may send, what it may not, and what a client makes of what it has foreseen.
#include <catch2/catch.hpp>
#include <limits>

#include "sdk/core/base/random.h"
#include "tests/sdk/session/messages.h"
#include "tests/support/hex.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::session;
using namespace tidewire::test;
using namespace std::chrono_literals;
using Kind = ReceivedEvent::Kind;

namespace {

const replication::Layout& layout() {
    static const replication::Layout made(schema());
    return made;
}

Bytes hit_data(float x, std::uint8_t damage) {
    const model::Hit hit{.x = x, .damage = damage};
    return replication::encode_event(layout(), event_index<model::Hit>, &hit);
}

Bytes note_data(std::string text) {
    const model::Note note{.text = std::move(text), .to = 3};
    return replication::encode_event(layout(), event_index<model::Note>, &note);
}

ServerSession playing_server(ServerSessionOptions options = {}) {
    ServerSession session(layout(), options, at(0s));
    session.receive(wire::encode(good_hello()), at(0s));
    session.welcome({.player = 7, .tick_rate = 30, .tick = 0, .entities_max = 256}, at(0s));
    sent(session);
    events(session);
    return session;
}

ClientSession playing_client(ClientOptions options = {}) {
    ClientSession session(schema(), std::move(options), at(0s));
    session.transport_opened(at(0s));
    session.receive(wire::encode(good_welcome()), at(0s));
    sent(session);
    events(session);
    return session;
}

wire::Event hit_event(Tick tick, PlayerId player, ByteSpan data) {
    return {.type = event_index<model::Hit>, .data = data, .tick = tick, .player = player};
}

std::string kinds(IncomingEvents& incoming) {
    std::vector<ReceivedEvent> told;
    incoming.take(told);
    std::string text;
    for (const ReceivedEvent& event : told) {
        text += event.kind == Kind::Arrived ? 'A' : event.kind == Kind::Predicted ? 'P' : 'R';
        text += std::to_string(static_cast<const model::Hit*>(event.value.get())->damage);
    }
    return text;
}

}  // namespace

TEST_CASE("a server gives events and requests to the game, in order", "[session][event]") {
    ServerSession session = playing_server();
    session.receive(wire::encode(hit_event(0, 0, hit_data(1, 5))), at(1s));
    session.receive(wire::encode(wire::Request{.id = 9, .type = event_index<model::Note>, .data = note_data("hi")}),
                    at(1s));
    const auto all = events(session);
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == ServerEvent::Kind::Event);
    CHECK(all[0].event_type == event_index<model::Hit>);
    CHECK(all[0].event == hit_data(1, 5));
    CHECK(all[0].request == 0);
    CHECK(all[1].event_type == event_index<model::Note>);
    CHECK(all[1].request == 9);
}

TEST_CASE("a server refuses events that its schema does not allow", "[session][event]") {
    const auto refusal = [](const Bytes& message, std::uint16_t code) {
        ServerSession session = playing_server();
        session.receive(message, at(1s));
        return refused(session, code);
    };
    const Bytes hit = hit_data(1, 5);
    CHECK(refusal(wire::encode(wire::Event{.type = 2, .data = hit}), 1007) ==
          "an event is of type 2; the schema has 2");
    CHECK(refusal(wire::encode(hit_event(0, 0, tidewire::test::from_hex("00 ca 01"))), 1007) ==
          "test.Hit.damage is 101 on the wire, outside the schema's range");
    CHECK(refusal(wire::encode(hit_event(0, 0, ByteSpan(hit).first(1))), 1007) == "the bytes end within test.Hit");
    CHECK(refusal(wire::encode(wire::Request{.id = 0, .type = 1, .data = hit}), 1002) == "a request has no number");
    CHECK(refusal(wire::encode(wire::Event{.type = 0, .data = Bytes(client_event_bytes_max + 1)}), 1009) ==
          "An event of 8193 bytes is beyond the limit of 8192.");
}

TEST_CASE("no bytes of a client's bring down a server, and what it takes is within the schema", "[session][event]") {
    SeededRandom random(11);
    for (int round = 0; round < 4000; ++round) {
        Bytes data = random.below(2) == 0 ? hit_data(1, 5) : note_data("a line of text");
        for (std::uint32_t i = random.below(4); i > 0; --i)
            data[random.below(static_cast<std::uint32_t>(data.size()))] = static_cast<std::byte>(random.next());
        data.resize(random.below(static_cast<std::uint32_t>(data.size()) + 4));
        Bytes message =
            wire::encode(wire::Event{.type = static_cast<std::uint16_t>(random.below(3)), .data = data, .tick = 1});
        if (random.below(4) == 0) message[random.below(static_cast<std::uint32_t>(message.size()))] ^= std::byte{0x10};
        ServerSession session = playing_server();
        session.receive(message, at(1s));
        for (const ServerEvent& event : events(session)) {
            if (event.kind != ServerEvent::Kind::Event) continue;
            CHECK(replication::check_event(layout(), event.event_type, event.event));
        }
    }
}

TEST_CASE("a server closes a client that floods it, by events or by bytes", "[session][event]") {
    const ServerSessionOptions options;
    ServerSession session = playing_server();
    const auto burst = static_cast<int>(options.rates.client_events.burst);
    for (int i = 0; i < burst; ++i) {
        session.receive(wire::encode(hit_event(0, 0, hit_data(1, 5))), at(1s));
        CHECK(events(session).size() == 1);
    }
    session.receive(wire::encode(hit_event(0, 0, hit_data(1, 5))), at(1s));
    CHECK(refused(session, 1008) ==
          "the client sends more events than the server takes (ServerOptions::client_events)");

    ServerSession by_bytes = playing_server();
    std::size_t taken = 0;
    while (by_bytes.state() == ServerState::Playing) {
        by_bytes.receive(wire::encode(wire::Event{.type = 0, .data = note_data(std::string(2000, 'x'))}), at(1s));
        taken += 2000;
        REQUIRE(taken < 1'000'000);
    }
    CHECK(static_cast<double>(taken) < options.rates.client_events.bytes_burst + 4000);
    CHECK(by_bytes.wants_close()->close_code == 1008);
}

TEST_CASE("a client passes over events of a newer schema, and refuses those out of range", "[session][event]") {
    ClientSession session = playing_client();
    session.receive(wire::encode(wire::Event{.type = 40, .data = tidewire::test::from_hex("01 02 03")}), at(1s));
    CHECK(session.event_counters().unknown == 1);
    CHECK(session.state() == ClientState::Playing);
    session.receive(wire::encode(hit_event(1, 0, tidewire::test::from_hex("00 ca 01"))), at(1s));
    CHECK(refused(session, 1007) == "test.Hit.damage is 101 on the wire, outside the schema's range");
}

TEST_CASE("a client whose program looks at nothing holds so much and no more", "[session][event]") {
    ClientSession session = playing_client({.event_bytes_held_max = 64 * 1024});
    int received = 0;
    for (; session.state() == ClientState::Playing; ++received) {
        REQUIRE(received < 1000);
        session.receive(wire::encode(wire::Event{.type = 0, .data = note_data(std::string(1000, 'x'))}), at(1s));
    }
    CHECK(received > 40);
    CHECK(refused(session, 1013).find("wait for the program to look at them") != std::string::npos);
}

TEST_CASE("a client sends what fits, and says what does not", "[session][event]") {
    ClientSession session(schema(), {}, at(0s));
    const model::Hit hit{.x = std::numeric_limits<float>::quiet_NaN(), .damage = 255};
    const auto early = session.send_event(event_index<model::Hit>, &hit, at(0s));
    REQUIRE_FALSE(early);
    CHECK(early.error().message == "test.Hit cannot be sent yet; wait until status() is Playing");
    session = playing_client();
    REQUIRE(session.send_event(event_index<model::Hit>, &hit, at(0s)));
    const auto messages = only<wire::Event>(sent(session));
    REQUIRE(messages.size() == 1);
    CHECK(to_hex(messages[0].data) == to_hex(hit_data(0, 100)));

    const model::Note long_one{.text = std::string(2049, 'x')};
    const auto refused = session.send_event(event_index<model::Note>, &long_one, at(0s));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message ==
          "test.Note.text has 2049 bytes, more than the 2048 of its range; send less of it, or give the field a wider "
          "range in the schema");
    CHECK(sent(session).empty());
}

TEST_CASE("the server's word confirms what was foreseen, and nothing is told twice", "[session][event]") {
    IncomingEvents incoming(layout(), 7, {});
    const model::Hit one{.x = 1, .damage = 1};
    const model::Hit two{.x = 1, .damage = 2};
    incoming.predict(10, event_index<model::Hit>, &one);
    incoming.predict(10, event_index<model::Hit>, &one);
    incoming.predict(10, event_index<model::Hit>, &two);
    CHECK(kinds(incoming) == "P1P1P2");
    REQUIRE(incoming.receive(hit_event(10, 7, hit_data(1, 1))));
    CHECK(kinds(incoming).empty());
    incoming.note_tick(9);
    CHECK(kinds(incoming).empty());
    incoming.note_tick(10);
    CHECK(kinds(incoming) == "R1R2");
    CHECK(incoming.counters().confirmed == 1);
    CHECK(incoming.counters().retracted == 2);
}

TEST_CASE("what the server said before one's own rules ran is told as its word alone", "[session][event]") {
    IncomingEvents incoming(layout(), 7, {});
    const model::Hit one{.x = 1, .damage = 1};
    REQUIRE(incoming.receive(hit_event(10, 7, hit_data(1, 1))));
    REQUIRE(incoming.receive(hit_event(10, 8, hit_data(1, 1))));
    incoming.predict(10, event_index<model::Hit>, &one);
    CHECK(kinds(incoming) == "A1A1");
    incoming.note_tick(12);
    // Its ticks are over: the server has said all about them.
    incoming.predict(11, event_index<model::Hit>, &one);
    CHECK(kinds(incoming).empty());
    CHECK(incoming.counters().predicted == 0);
}

TEST_CASE("more is not foreseen than is kept: then the server's word is told", "[session][event]") {
    IncomingEvents incoming(layout(), 7, {.predicted_max = 2});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        const model::Hit hit{.x = 1, .damage = i};
        incoming.predict(10, event_index<model::Hit>, &hit);
    }
    for (std::uint8_t i = 1; i <= 3; ++i) REQUIRE(incoming.receive(hit_event(10, 7, hit_data(1, i))));
    incoming.note_tick(10);
    CHECK(kinds(incoming) == "P1P2A3");
}

TEST_CASE("a server that speaks of ticks far ahead fills nobody's memory", "[session][event]") {
    IncomingEvents incoming(layout(), 7, {.predicted_max = 2});
    for (std::uint8_t i = 1; i <= 3; ++i)
        REQUIRE(incoming.receive(hit_event(std::numeric_limits<Tick>::max(), 7, hit_data(1, i))));
    for (std::uint8_t i = 1; i <= 3; ++i) {
        const model::Hit hit{.x = 1, .damage = i};
        incoming.predict(std::numeric_limits<Tick>::max(), event_index<model::Hit>, &hit);
    }
    CHECK(kinds(incoming) == "A1A2A3P3");
}
