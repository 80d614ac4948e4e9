// H12: bytes that are well-formed and values that are not. What a game gets to see always satisfies its schema.
#include <cmath>

#include "sdk/core/base/random.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/event_codec.h"
#include "tests/hostile/stage.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// A varint of any length, of values around every edge.
void append_any_varint(Bytes& out, SeededRandom& random) {
    static constexpr std::uint64_t edges[] = {
        0, 1, 2, 3, 4, 18, 19, 20, 127, 128, 255, 256, 65535, 65536, 0xffffffffULL, 0x100000000ULL, ~std::uint64_t{0}};
    std::uint64_t value = random.below(4) == 0 ? random.next() : edges[random.below(std::size(edges))];
    for (std::uint32_t padding = random.below(20) == 0 ? random.below(12) : 0;; value >>= 7) {
        const auto low = static_cast<unsigned>(value & 0x7f);
        const bool more = value >> 7 != 0 || padding > 0;
        if (value >> 7 == 0 && padding > 0) --padding;
        out.push_back(static_cast<std::byte>(more ? low | 0x80 : low));
        if (!more) return;
    }
}

struct Seen {
    int inputs = 0;
    int chats = 0;
    int purchases = 0;
    int bad = 0;
};

}  // namespace

TEST_CASE("H12: whatever values come, the rules and the game see what the schema allows, or nothing", "[H12]") {
    const std::uint64_t seed = GENERATE(41U, 42U, 43U);
    CAPTURE(seed);
    SeededRandom random(seed);
    Seen seen;
    test::Duel duel;
    duel.game.apply_input = [&](Sim&, Entity, std::uint16_t type, const std::byte* input) {
        duel::Move move;
        std::memcpy(&move, input, sizeof move);
        unsigned char fire;
        std::memcpy(&fire, input + offsetof(duel::Move, fire), 1);
        ++seen.inputs;
        seen.bad += type != 0 || move.dx < -1 || move.dx > 1 || fire > 1 ? 1 : 0;
    };
    duel.game.on_event[event_index<duel::Chat>] = [&](ServerSim&, Player, const void* event) {
        const auto& chat = *static_cast<const duel::Chat*>(event);
        ++seen.chats;
        seen.bad += chat.text.size() > 4096 || !valid_utf8(as_bytes(chat.text)) ? 1 : 0;
    };
    duel.game.on_event[event_index<duel::Fired>] = [&](ServerSim&, Player, const void* event) {
        const auto& fired = *static_cast<const duel::Fired*>(event);
        seen.bad += !std::isfinite(fired.x) || fired.x < -512 || fired.x > 512 ? 1 : 0;
    };
    duel.game.on_request[event_index<duel::Buy>] = [&](ServerSim&, Player, const void* event,
                                                       const EmitEvent& reply) -> Result<void> {
        const auto& buy = *static_cast<const duel::Buy*>(event);
        ++seen.purchases;
        seen.bad += buy.item > 9 ? 1 : 0;
        const duel::Bought bought{};
        reply(event_index<duel::Bought>, &bought);
        return {};
    };
    ServerOptions options;
    options.client_events = {.per_second = 1e6, .burst = 1e6, .bytes_per_second = 1e9, .bytes_burst = 1e9};
    Stage stage(duel.game, options);
    stage.keeps_events = false;
    RawPeer* peer = nullptr;
    std::uint32_t request = 1;
    int refused = 0;
    for (int round = 0; round < 6000; ++round) {
        if (peer == nullptr || peer->closing_at || peer->over) {
            refused += peer != nullptr && (peer->close_code == 1007 || peer->close_code == 1009) ? 1 : 0;
            peer = &stage.join("eve");
        }
        Bytes data;
        const std::uint32_t kind = random.below(6);
        // A purchase has one number, and an input two.
        const std::uint32_t numbers = kind > 3 ? 1 : 1 + random.below(3);
        for (std::uint32_t i = 0; i < numbers; ++i) append_any_varint(data, random);
        const Tick next = stage.room().tick_number() + 1;
        switch (kind) {
            case 0:
            case 1:
                // Of type 0 with two scalars it is good now and then.
                stage.say_message(*peer,
                                  wire::encode(wire::InputMessage{
                                      .tick = next,
                                      .ack_tick = 0,
                                      .type = static_cast<std::uint16_t>(random.below(8) == 0 ? random.below(9) : 0),
                                      .data = data}));
                break;
            case 2: {
                const duel::Chat chat{.text = std::string(random.below(40), random.below(4) == 0 ? '\xc3' : 'a')};
                Bytes encoded = replication::encode_event(stage.room().layout(), event_index<duel::Chat>, &chat);
                if (random.below(2) == 0 && !encoded.empty())
                    encoded[random.below(static_cast<std::uint32_t>(encoded.size()))] =
                        static_cast<std::byte>(random.below(256));
                stage.say_message(*peer, wire::encode(wire::Event{.type = event_index<duel::Chat>, .data = encoded}));
                break;
            }
            case 3:
                stage.say_message(*peer, wire::encode(wire::Event{.type = static_cast<std::uint16_t>(random.below(7)),
                                                                  .data = data}));
                break;
            default:
                stage.say_message(
                    *peer, wire::encode(wire::Request{.id = ++request, .type = event_index<duel::Buy>, .data = data}));
        }
        stage.run_tick();
        if (round % 200 == 0) {
            RawPeer* const kept = peer->over ? nullptr : peer;
            stage.sweep();
            peer = kept;
        }
    }
    CHECK(seen.bad == 0);
    CHECK(seen.inputs > 100);
    CHECK(seen.chats > 100);
    CHECK(seen.purchases > 100);
    CHECK(refused > 100);
    print_figure("H12", std::to_string(seen.inputs) + " inputs, " + std::to_string(seen.chats) + " chats and " +
                            std::to_string(seen.purchases) + " purchases reached the game, all within the schema; " +
                            std::to_string(refused) + " connections were closed for others");
}
