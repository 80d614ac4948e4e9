// Unmasks, parses, lets lie and masks again.
#include "tools/sim/forger.h"

#include <stdexcept>
#include <variant>

#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"

namespace tidewire::sim {

namespace {

Bytes forged_message(ByteSpan message, const std::function<void(wire::InputMessage&)>& forge) {
    const Result<wire::Message> parsed = wire::parse_message(message, {});
    const auto* const input = parsed ? std::get_if<wire::InputMessage>(&*parsed) : nullptr;
    if (input == nullptr) return Bytes(message.begin(), message.end());
    wire::InputMessage changed = *input;
    forge(changed);
    return wire::encode(changed);
}

}  // namespace

Bytes forged(std::span<const ByteSpan> frames, const std::function<void(wire::InputMessage&)>& forge) {
    Bytes rest;
    for (const ByteSpan part : frames) rest.insert(rest.end(), part.begin(), part.end());
    Bytes out;
    for (std::size_t begin = 0; begin < rest.size();) {
        const ByteSpan input = ByteSpan(rest).subspan(begin);
        const auto parsed = ws::parse_frame_header(input, ws::Role::Server);
        if (!parsed || !*parsed) throw std::runtime_error("what the client sends does not end with a frame");
        ws::FrameHeader header = (*parsed)->header;
        const MutableByteSpan payload =
            MutableByteSpan(rest).subspan(begin + (*parsed)->bytes, static_cast<std::size_t>(header.payload_bytes));
        begin += (*parsed)->bytes + payload.size();
        ws::apply_mask(payload, header.mask, 0);
        Bytes message = header.opcode == ws::Opcode::Binary ? forged_message(payload, forge)
                                                            : Bytes(payload.begin(), payload.end());
        header.payload_bytes = message.size();
        ws::apply_mask(message, header.mask, 0);
        const ws::HeaderBytes head = ws::to_bytes(header);
        const ByteSpan head_bytes = head;
        out.insert(out.end(), head_bytes.begin(), head_bytes.end());
        out.insert(out.end(), message.begin(), message.end());
    }
    return out;
}

}  // namespace tidewire::sim
