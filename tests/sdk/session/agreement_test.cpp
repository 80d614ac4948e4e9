// The sentences of a refusal, and which message may come when.
#include "sdk/core/session/agreement.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/ws/close_code.h"
#include "tests/sdk/session/messages.h"
#include "tests/sdk/wire/dictionaries.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;

namespace {

const Build ours{1, "0.1.0", "game", 0x1234, {}};

const wire::Dictionary& dictionary() {
    static const wire::Dictionary dictionary = sample_dictionary();
    return dictionary;
}

/// A client session in this state, that lacks the dictionary that the server uses, with nothing left to poll.
ClientSession client_in(ClientState state, TimePoint now) {
    ClientSession session(schema(), {}, now);
    if (state >= ClientState::Joining) session.transport_opened(now);
    wire::Welcome welcome = good_welcome();
    welcome.dictionary = dictionary().id();
    if (state >= ClientState::Playing) session.receive(wire::encode(welcome), now);
    if (state == ClientState::Closed) session.close(1000, "enough", now);
    sent(session);
    events(session);
    REQUIRE(session.state() == state);
    return session;
}

ServerSession server_in(ServerState state, const replication::Layout& layout, TimePoint now) {
    ServerSession session(layout, {}, now);
    if (state >= ServerState::Joining) session.receive(wire::encode(good_hello()), now);
    if (state >= ServerState::Playing)
        session.welcome({.player = 7, .tick_rate = 30, .tick = 0, .entities_max = 256}, now);
    if (state == ServerState::Closed) session.close(1000, "enough", now);
    sent(session);
    events(session);
    REQUIRE(session.state() == state);
    return session;
}

/// One good message of each kind, in the order of wire::Message.
std::vector<Bytes> one_of_each(Source& source) {
    source.world.spawn(0);
    source.capture(1);
    const model::Steer steer{};
    const Bytes data = replication::encode_input(source.layout.input(0), reinterpret_cast<const std::byte*>(&steer));
    const model::Hit strike{.damage = 3};
    const Bytes hit = replication::encode_event(source.layout, 1, &strike);
    return {wire::encode(good_hello()),
            wire::encode(good_welcome()),
            wire::encode(wire::Goodbye{.close_code = 1001, .reason = "the room ends"}),
            wire::encode(wire::Ping{.id = 1, .sent_us = 5}),
            wire::encode(wire::Pong{.id = 1, .sent_us = 5}),
            wire::encode(wire::Resource{
                .kind = wire::Resource::Kind::Dictionary, .id = dictionary().id(), .data = dictionary().bytes()}),
            wire::encode(wire::Desync{.tick = 1}),
            wire::encode(wire::Suspend{.suspended = true}),
            wire::encode(wire::Event{.type = 1, .data = hit}),
            wire::encode(wire::Request{.id = 1, .type = 1, .data = hit}),
            wire::encode(wire::Reply{.id = 1, .type = 1, .data = hit}),
            keyframe_message(1, source.keyframe_body(1)),
            wire::encode(wire::InputMessage{.tick = 1, .ack_tick = 0, .type = 0, .data = data})};
}

constexpr const char* names[] = {"Hello",   "Welcome", "Goodbye", "Ping",  "Pong", "Resource", "Desync",
                                 "Suspend", "Event",   "Request", "Reply", "Tick", "Input"};

}  // namespace

TEST_CASE("equal builds may talk, whatever their SDK's version and schema's name", "[session][agreement]") {
    CHECK_FALSE(refuse_protocol(ours, ours).has_value());
    CHECK_FALSE(refuse_protocol({1, "0.9.0", "other", 0x99}, ours).has_value());
    CHECK_FALSE(refuse_schema(build_of(schema()), schema()).has_value());
    CHECK_FALSE(refuse_schema({1, "0.9.0", "other", schema().hash, {}}, schema()).has_value());
}

TEST_CASE("another schema is refused with both names and hashes and the remedy", "[session][agreement]") {
    SchemaInfo server = schema();
    server.hash = 0x1234;
    const auto refusal = refuse_schema({1, "0.1.0", "game", 0xabcdef0123456789, {}}, server);
    REQUIRE(refusal.has_value());
    CHECK(refusal->close_code == 4000);
    CHECK(refusal->sentence ==
          "the client was built with schema \"game\" 0xabcdef0123456789, the server with \"test\" 0x0000000000001234; "
          "build both from the same .fbs");
}

TEST_CASE("a client that tells its schema hears what differs, or is served", "[session][agreement]") {
    SchemaInfo server = schema();
    server.hash = 0x1234;
    const std::vector<std::uint32_t> same = replication::fingerprint(schema());
    CHECK_FALSE(refuse_schema({1, "", "test", 7, same}, server).has_value());

    SchemaInfo older = schema();
    older.components = older.components.first(2);
    CHECK_FALSE(refuse_schema({1, "", "test", 7, replication::fingerprint(older)}, server).has_value());

    server.components = server.components.first(4);
    const auto newer = refuse_schema({1, "", "test", 7, same}, server);
    REQUIRE(newer.has_value());
    CHECK(newer->close_code == 4000);
    CHECK(newer->sentence ==
          "the client was built with schema \"test\" 0x0000000000000007, the server with \"test\" 0x0000000000001234; "
          "the client knows 5 components, this server 4; update the server");
}

TEST_CASE("another protocol version is refused with both versions and the remedy", "[session][agreement]") {
    const auto newer = refuse_protocol({2, "0.2.0", "game", 0x1234, {}}, ours);
    REQUIRE(newer.has_value());
    CHECK(newer->close_code == 4001);
    CHECK(newer->sentence ==
          "the client speaks protocol version 2 (Tidewire 0.2.0), the server 1 (Tidewire 0.1.0); update the server");
    const auto older = refuse_protocol({0, "", "game", 7, {}}, ours);
    REQUIRE(older.has_value());
    CHECK(older->sentence == "the client speaks protocol version 0, the server 1 (Tidewire 0.1.0); update the client");
}

TEST_CASE("what a stranger calls its schema cannot spoil the sentence", "[session][agreement]") {
    const std::string name = "a\nb\x1b[31m\xc2\x9b" + std::string(500, 'x');
    const auto refusal = refuse_schema({1, "", name, 1, {}}, schema());
    REQUIRE(refusal.has_value());
    CHECK(refusal->sentence.find("\"a?b?[31m?xxx") != std::string::npos);
    CHECK(refusal->sentence.size() < 256);
}

TEST_CASE("names of players are short and printable", "[session][agreement]") {
    for (const char* good : {"a", "Zo\xc3\xab", "\xe6\xb8\xb8\xe6\x88\x8f", "two words", "\xc2\xa0"}) {
        CAPTURE(good);
        CHECK_FALSE(refuse_player_name(good).has_value());
    }
    CHECK_FALSE(refuse_player_name(std::string(64, 'n')).has_value());
    for (const std::string& bad : {std::string(), std::string(65, 'n'), std::string("a\nb"), std::string(1, '\0'),
                                   std::string("\x7f"), std::string("\x1b[2J"), std::string("c1\xc2\x85")}) {
        CAPTURE(bad);
        const auto refusal = refuse_player_name(bad);
        REQUIRE(refusal.has_value());
        CHECK(refusal->close_code == 1008);
    }
}

TEST_CASE("a code that no close frame may carry becomes 1000", "[session][agreement]") {
    CHECK(close_code_on_wire(4000) == 4000);
    CHECK(close_code_on_wire(1002) == 1002);
    for (const int code : {0, 999, 1005, 1006, 1015, 2999, 5000, 65535})
        CHECK(close_code_on_wire(static_cast<std::uint16_t>(code)) == 1000);
}

TEST_CASE("a client takes each message in the states that allow it and no other", "[session][agreement]") {
    const std::vector<std::vector<ClientState>> allowed = {
        {},                                            // Hello
        {ClientState::Joining},                        // Welcome
        {ClientState::Joining, ClientState::Playing},  // Goodbye
        {ClientState::Playing},                        // Ping
        {ClientState::Playing},                        // Pong
        {ClientState::Playing},                        // Resource
        {},                                            // Desync
        {},                                            // Suspend
        {ClientState::Playing},                        // Event
        {},                                            // Request
        {ClientState::Playing},                        // Reply
        {ClientState::Playing},                        // Tick
        {},                                            // Input
    };
    Source source;
    const std::vector<Bytes> messages = one_of_each(source);
    for (const ClientState state :
         {ClientState::Connecting, ClientState::Joining, ClientState::Playing, ClientState::Closed}) {
        for (std::size_t kind = 0; kind < messages.size(); ++kind) {
            CAPTURE(static_cast<int>(state), names[kind]);
            ClientSession session = client_in(state, at(0s));
            session.receive(messages[kind], at(1s));
            const auto& states = allowed[kind];
            if (state == ClientState::Closed) {
                CHECK(events(session).empty());
                CHECK_FALSE(session.poll_transmit());
            } else if (std::find(states.begin(), states.end(), state) != states.end()) {
                CHECK((session.state() == ClientState::Playing || kind == 2));
            } else {
                CHECK(session.state() == ClientState::Closed);
                REQUIRE(session.wants_close().has_value());
                CHECK(session.wants_close()->close_code == 4003);
                CHECK(session.wants_close()->reason.find(names[kind]) != std::string::npos);
                // Before the transport is open there is nobody to say goodbye to.
                if (state != ClientState::Connecting) refused(session, 4003);
            }
        }
    }
}

TEST_CASE("a server takes each message in the states that allow it and no other", "[session][agreement]") {
    const std::vector<std::vector<ServerState>> allowed = {
        {ServerState::Greeting},                                              // Hello
        {},                                                                   // Welcome
        {ServerState::Greeting, ServerState::Joining, ServerState::Playing},  // Goodbye
        {ServerState::Playing},                                               // Ping
        {ServerState::Playing},                                               // Pong
        {},                                                                   // Resource
        {ServerState::Playing},                                               // Desync
        {ServerState::Playing},                                               // Suspend
        {ServerState::Playing},                                               // Event
        {ServerState::Playing},                                               // Request
        {},                                                                   // Reply
        {},                                                                   // Tick
        {ServerState::Playing},                                               // Input
    };
    Source source;
    const std::vector<Bytes> messages = one_of_each(source);
    for (const ServerState state :
         {ServerState::Greeting, ServerState::Joining, ServerState::Playing, ServerState::Closed}) {
        for (std::size_t kind = 0; kind < messages.size(); ++kind) {
            CAPTURE(static_cast<int>(state), names[kind]);
            ServerSession session = server_in(state, source.layout, at(0s));
            session.receive(messages[kind], at(1s));
            const auto& states = allowed[kind];
            if (state == ServerState::Closed) {
                CHECK(events(session).empty());
                CHECK_FALSE(session.poll_transmit());
            } else if (std::find(states.begin(), states.end(), state) != states.end()) {
                CHECK((session.state() != ServerState::Closed) == (kind != 2));
            } else {
                const std::string reason = refused(session, 4003);
                CHECK(reason.find(names[kind]) != std::string::npos);
            }
        }
    }
}
