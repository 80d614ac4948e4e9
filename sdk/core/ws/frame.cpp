// Frame headers.
#include "sdk/core/ws/frame.h"

#include <algorithm>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::ws {
namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_16 = 126;
constexpr std::uint8_t length_64 = 127;

Unexpected protocol_error(const char* reason) {
    return unexpected(Blame::Peer, reason, static_cast<std::uint16_t>(CloseCode::ProtocolError));
}

}  // namespace

Result<std::optional<ParsedHeader>> parse_frame_header(ByteSpan input, Role receiver) {
    using Parsed = std::optional<ParsedHeader>;
    if (input.empty()) return Parsed();
    const auto first = std::to_integer<std::uint8_t>(input[0]);
    const auto opcode = static_cast<std::uint8_t>(first & 0x0f);
    if (first & reserved_bits) return protocol_error("a frame has reserved bits set, and no extension was agreed");
    if ((opcode > 2 && opcode < 8) || opcode > 10) return protocol_error("a frame has a reserved opcode");
    FrameHeader header;
    header.opcode = static_cast<Opcode>(opcode);
    header.fin = (first & fin_bit) != 0;
    if (is_control(header.opcode) && !header.fin) return protocol_error("a control frame is fragmented");

    if (input.size() < 2) return Parsed();
    const auto second = std::to_integer<std::uint8_t>(input[1]);
    const auto length = static_cast<std::uint8_t>(second & ~mask_bit);
    header.masked = (second & mask_bit) != 0;
    if (receiver == Role::Server && !header.masked) return protocol_error("a client's frame is not masked");
    if (receiver == Role::Client && header.masked) return protocol_error("a server's frame is masked");
    if (is_control(header.opcode) && length > control_payload_bytes_max)
        return protocol_error("a control frame has more than 125 bytes");

    std::size_t at = 2;
    header.payload_bytes = length;
    if (length == length_16) {
        if (input.size() < at + 2) return Parsed();
        header.payload_bytes = load_big_endian<std::uint16_t>(input.subspan(at, 2));
        if (header.payload_bytes < length_16) return protocol_error("a frame's length is not in its shortest form");
        at += 2;
    } else if (length == length_64) {
        if (input.size() < at + 8) return Parsed();
        header.payload_bytes = load_big_endian<std::uint64_t>(input.subspan(at, 8));
        if (header.payload_bytes <= 0xffff) return protocol_error("a frame's length is not in its shortest form");
        if (header.payload_bytes >> 63) return protocol_error("a frame's length has its highest bit set");
        at += 8;
    }
    if (header.masked) {
        if (input.size() < at + header.mask.size()) return Parsed();
        std::memcpy(header.mask.data(), input.data() + at, header.mask.size());
        at += header.mask.size();
    }
    return Parsed(ParsedHeader{header, at});
}

HeaderBytes to_bytes(const FrameHeader& header) {
    HeaderBytes out;
    const auto put = [&](std::uint64_t value, std::size_t bytes) {
        for (std::size_t i = bytes; i-- > 0;) out.data[out.size++] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
    };
    put((header.fin ? fin_bit : 0U) | static_cast<std::uint64_t>(header.opcode), 1);
    const std::uint64_t mask = header.masked ? mask_bit : 0U;
    if (header.payload_bytes < length_16) {
        put(mask | header.payload_bytes, 1);
    } else if (header.payload_bytes <= 0xffff) {
        put(mask | length_16, 1);
        put(header.payload_bytes, 2);
    } else {
        put(mask | length_64, 1);
        put(header.payload_bytes, 8);
    }
    if (header.masked)
        for (const std::byte byte : header.mask) out.data[out.size++] = byte;
    return out;
}

}  // namespace tidewire::ws
