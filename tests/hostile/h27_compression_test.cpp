// H27: what compression tells of a secret beside text that an attacker has chosen. Messages of players' words are never compressed, so that
// their sizes tell lengths and nothing else.
#include <map>

#include "sdk/core/wire/envelope.h"
#include "tests/hostile/victim.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// The cold messages that a peer was sent, by kind: whether each was stored, and its size.
struct ColdMessage {
    std::string kind;
    bool stored;
    std::size_t bytes;
};

std::string kind_of(const wire::Message& message) {
    static const char* const names[] = {"Hello",   "Welcome", "Goodbye", "Ping",  "Pong", "Resource", "Desync",
                                        "Suspend", "Event",   "Request", "Reply", "RoomList", "Tick", "Input", "Part"};
    return names[message.index()];
}

ColdMessage look_at(ByteSpan message) {
    const auto parsed = wire::parse_message(message, {});
    REQUIRE(parsed);
    const auto envelope = wire::parse_envelope(message.front());
    REQUIRE(envelope);
    return {kind_of(*parsed), envelope->coding == wire::Coding::Stored, message.size()};
}

}  // namespace

TEST_CASE("H27: a server compresses no event, reply or Ping, however well it would go", "[H27]") {
    tidewire::test::Duel duel;
    Stage stage(duel.game, {});
    RawPeer& bob = stage.open();
    std::map<std::string, int> stored;
    bob.on_message = [&](ByteSpan bytes) {
        const ColdMessage message = look_at(bytes);
        CAPTURE(message.kind, message.bytes);
        if (message.kind == "Event" || message.kind == "Reply" || message.kind == "Ping" || message.kind == "Pong")
            CHECK(message.stored);
        stored[message.kind] += message.stored ? 1 : 0;
    };
    stage.say_message(bob, wire::encode(hello_for(stage.schema(), "bob")));
    const auto chat = [&](const std::string& text) {
        const duel::Chat said{.text = text};
        const Bytes data = replication::encode_event(stage.room().layout(), event_index<duel::Chat>, &said);
        stage.say_message(bob, wire::encode(wire::Event{.type = event_index<duel::Chat>, .data = data}));
        stage.run_tick();
    };
    for (const char letter : {'a', 'b', 'c'}) chat(std::string(4000, letter));
    const duel::Buy buy{.item = 9};
    const Bytes data = replication::encode_event(stage.room().layout(), event_index<duel::Buy>, &buy);
    stage.say_message(bob, wire::encode(wire::Request{.id = 1, .type = event_index<duel::Buy>, .data = data}));
    stage.say_message(bob, wire::encode(wire::Ping{.id = 1, .sent_us = 1}));
    stage.run_for(2s);
    CHECK(stored["Event"] == 3);
    CHECK(stored["Reply"] == 1);
    CHECK(stored["Ping"] >= 1);
    CHECK(stored["Pong"] == 1);
}

TEST_CASE("H27: an event with a secret in it has the same size beside every guess of the same length", "[H27]") {
    const std::string secret = "token=6f1d2c3b4a596877";
    std::map<std::size_t, int> sizes;
    for (const std::string& guess :
         {secret, std::string("token=0000000000000000"), std::string("qwertyuiopasdfghjklzxc")}) {
        REQUIRE(guess.size() == secret.size());
        tidewire::test::Duel duel;
        Stage stage(duel.game, {});
        RawPeer& bob = stage.join("bob");
        stage.run_tick();
        bob.on_message = [&](ByteSpan bytes) {
            const ColdMessage message = look_at(bytes);
            if (message.kind == "Event") ++sizes[message.bytes];
        };
        const duel::Chat said{.text = secret + std::string(300, '.') + guess};
        const Bytes data = replication::encode_event(stage.room().layout(), event_index<duel::Chat>, &said);
        stage.say_message(bob, wire::encode(wire::Event{.type = event_index<duel::Chat>, .data = data}));
        stage.run_tick();
    }
    REQUIRE(sizes.size() == 1);
    CHECK(sizes.begin()->second == 3);
}

TEST_CASE("H27: a client compresses nothing: not its Hello, and not what its player says", "[H27]") {
    ClientOptions options;
    options.player_name = std::string(64, 'n');
    Victim victim(Victim::Until::Opened, options);
    const auto check_said = [&](const char* kind) {
        Bytes said = victim.said();
        int found = 0;
        for (std::size_t at = 0; at < said.size();) {
            const auto parsed = ws::parse_frame_header(ByteSpan(said).subspan(at), ws::Role::Server);
            REQUIRE((parsed && *parsed));
            const ws::FrameHeader& header = (*parsed)->header;
            const MutableByteSpan payload =
                MutableByteSpan(said).subspan(at + (*parsed)->bytes, static_cast<std::size_t>(header.payload_bytes));
            ws::apply_mask(payload, header.mask, 0);
            at += (*parsed)->bytes + payload.size();
            if (header.opcode != ws::Opcode::Binary) continue;
            const ColdMessage message = look_at(payload);
            CAPTURE(message.kind);
            CHECK(message.stored);
            found += message.kind == kind ? 1 : 0;
        }
        CHECK(found == 1);
        victim.take_headers();
    };
    check_said("Hello");
    victim.hear_message(wire::encode(tidewire::test::good_welcome()));
    victim.take_headers();
    const tidewire::test::model::Note note{.text = std::string(2000, 'a'), .to = 1};
    REQUIRE(victim.peer().send_event(event_index<tidewire::test::model::Note>, &note, victim.now()));
    victim.poll();
    check_said("Event");
    victim.peer().close(std::string(250, 'b'), victim.now());
    victim.poll();
    check_said("Goodbye");
}
