// An input for each tick, an acknowledgement of each, a Pong for each Ping.
#include "tests/hostile/play.h"

#include <utility>
#include <variant>

namespace tidewire::hostile {

std::shared_ptr<Play> play(Stage& stage, RawPeer& peer, std::function<Bytes(Tick)> data) {
    auto state = std::make_shared<Play>();
    const auto take = [&stage, &peer, state, data](ByteSpan message, auto& self) -> void {
        const auto parsed = wire::parse_message(message, {});
        REQUIRE(parsed);
        const auto answer = [&peer](const Bytes& bytes) { append(peer.to_say, client_frame(binary_frame, bytes)); };
        if (const auto* const tick = std::get_if<wire::TickMessage>(&*parsed)) {
            state->newest = tick->tick;
            ++state->ticks;
            const Bytes input = data(tick->tick + 2);
            answer(wire::encode(wire::InputMessage{.tick = tick->tick + 2, .ack_tick = tick->tick, .data = input}));
        } else if (const auto* const ping = std::get_if<wire::Ping>(&*parsed)) {
            answer(wire::encode(wire::Pong{.id = ping->id,
                                           .sent_us = ping->sent_us,
                                           .received_us = stage.now().time_since_epoch().count(),
                                           .hold_us = 0}));
        } else if (const auto* const part = std::get_if<wire::Part>(&*parsed)) {
            state->parts += part->bytes.size();
            answer(wire::encode(wire::InputMessage{.ack_tick = state->newest, .parts_received = state->parts}));
            if (part->offset == 0) state->whole.clear();
            append(state->whole, part->bytes);
            if (state->whole.size() == part->total) self(std::exchange(state->whole, {}), self);
        }
    };
    peer.on_message = [take](ByteSpan message) { take(message, take); };
    return state;
}

}  // namespace tidewire::hostile
