// H11: FlatBuffers that point where they should not. Whatever bytes come, a message costs the server little, leaves nothing behind, and
// ends at most its own connection.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/event_codec.h"
#include "tests/hostile/stage.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// One of each that a client may send.
std::vector<Bytes> honest_messages(const SchemaInfo& schema) {
    const replication::Layout layout(schema);
    wire::Hello hello = hello_for(schema, "eve");
    hello.schema_prints.assign(600, 0x5a5a5a5a);
    hello.code_tables.assign(20, 7);
    const duel::Chat chat{.text = std::string(300, 'c')};
    const Bytes event = replication::encode_event(layout, event_index<duel::Chat>, &chat);
    const Bytes input{std::byte{2}, std::byte{0}};
    return {
        wire::encode(hello),
        wire::encode(wire::InputMessage{.tick = 4, .ack_tick = 0, .data = input, .view_tick = 1, .parts_received = 0}),
        wire::encode(wire::Event{.type = event_index<duel::Chat>, .data = event}),
        wire::encode(wire::Request{.id = 9, .type = event_index<duel::Chat>, .data = event}),
        wire::encode(wire::Ping{.id = 1, .sent_us = 2}),
        wire::encode(wire::Pong{.id = 1, .sent_us = 2, .received_us = 3, .hold_us = 4}),
        wire::encode(wire::Desync{.tick = 1, .group = 2, .difference = "x is 1, not 2"}),
        wire::encode(wire::Suspend{.suspended = true}),
        wire::encode_stored(wire::Goodbye{.close_code = 1000, .reason = "bye"})};
}

void mutate(Bytes& message, SeededRandom& random) {
    for (std::uint32_t change = 0; change <= random.below(4); ++change) {
        if (message.size() < 2) return;
        const std::size_t at = 1 + random.below(static_cast<std::uint32_t>(message.size() - 1));
        static constexpr unsigned words[] = {0, 1, 4, 0x7f, 0x80, 0xff};
        switch (random.below(5)) {
            case 0:
                message[at] = static_cast<std::byte>(random.below(256));
                break;
            case 1:  // an offset or a length: small, large or negative
                for (std::size_t i = at & ~std::size_t{3}; i < std::min(message.size(), (at & ~std::size_t{3}) + 4);
                     ++i)
                    message[i] = static_cast<std::byte>(words[random.below(6)]);
                break;
            case 2:
                message.resize(at);
                break;
            case 3:
                message.resize(message.size() + random.below(64), std::byte{0});
                break;
            default:
                message[at] ^= static_cast<std::byte>(1U << random.below(8));
        }
    }
}

}  // namespace

TEST_CASE("H11: no table of the wire holds tables, so that no message makes the verifier look at anything twice",
          "[H11]") {
    std::ifstream file(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/schema/wire.fbs");
    REQUIRE(file.good());
    std::stringstream stream;
    stream << file.rdbuf();
    const std::string text = stream.str();
    std::set<std::string> tables;
    const std::regex definition("(table|union) (\\w+)");
    for (auto it = std::sregex_iterator(text.begin(), text.end(), definition); it != std::sregex_iterator(); ++it)
        tables.insert((*it)[2]);
    REQUIRE(tables.size() > 10);
    int unions = 0;
    const std::regex field("\\n  (\\w+): \\[?(\\w+)\\]?");
    for (auto it = std::sregex_iterator(text.begin(), text.end(), field); it != std::sregex_iterator(); ++it) {
        CAPTURE(std::string((*it)[1]));
        // The one exception: the union in the root, which holds one of them.
        if (tables.count((*it)[2]) != 0) {
            CHECK((*it)[2] == "ColdMessage");
            ++unions;
        }
    }
    CHECK(unions == 1);
}

TEST_CASE("H11: changed messages cost a bounded number of allocations, and leave no memory behind", "[H11]") {
    const std::uint64_t seed = GENERATE(31U, 32U, 33U);
    CAPTURE(seed);
    SeededRandom random(seed);
    test::Duel duel;
    Stage stage(duel.game, {});
    stage.keeps_events = false;
    const auto messages = honest_messages(stage.schema());
    stage.run_for(3s);
    const std::int64_t alone = Stage::heap_bytes();
    std::int64_t allocations_max = 0;
    std::map<int, int> codes;
    for (int round = 0; round < 4000; ++round) {
        const std::size_t which = random.below(static_cast<std::uint32_t>(messages.size()));
        Bytes message = messages[which];
        mutate(message, random);
        // The first is for who has said nothing, and all others for who plays.
        RawPeer& peer = which == 0 ? stage.open() : stage.join("eve");
        const std::int64_t before = Stage::heap_allocations();
        stage.say_message(peer, message);
        const std::int64_t allocations = Stage::heap_allocations() - before;
        // A Hello that is still good makes a player.
        if (which != 0 || peer.closing_at) allocations_max = std::max(allocations_max, allocations);
        ++codes[peer.close_code];
        duel.heard.clear();
        CAPTURE(round, which, peer.close_reason);
        CHECK((peer.close_code == 0 || peer.close_code == 1000 || peer.close_code == 1002 || peer.close_code == 1003 ||
               peer.close_code == 1007 || peer.close_code == 1008 || peer.close_code == 1009 ||
               peer.close_code == 4000 || peer.close_code == 4001 || peer.close_code == 4003 ||
               (peer.close_code >= 1000 && which == 8)));
        stage.reset(peer);
        if (round % 50 == 0) {
            stage.run_tick();
            stage.sweep();
        }
    }
    stage.sweep();
    stage.run_for(3s);
    CHECK(stage.gate().connection_count() == 0);
    CHECK(stage.room().player_count() == 0);
    CHECK(codes[1007] > 500);
    CHECK(allocations_max <= 64);
    CHECK(Stage::heap_bytes() - alone < 64 * 1024);
    print_figure("H11", "4000 changed messages: " + std::to_string(codes[1007]) + " refused as invalid, " +
                            std::to_string(codes[0]) + " taken; at most " + std::to_string(allocations_max) +
                            " allocations for one, " + std::to_string(Stage::heap_bytes() - alone) +
                            " bytes left behind");
}
