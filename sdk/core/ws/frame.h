// The header of one frame (RFC 6455 5.2): reader and writer. What frames mean together stands in message_reader.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sdk/core/base/bytes.h"
#include "sdk/core/ws/mask.h"
#include "sdk/core/ws/options.h"
#include "tidewire/result.h"

namespace tidewire::ws {

enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

constexpr bool is_control(Opcode opcode) { return opcode >= Opcode::Close; }

inline constexpr std::size_t frame_header_bytes_max = 14;
inline constexpr std::size_t control_payload_bytes_max = 125;

struct FrameHeader {
    Opcode opcode = Opcode::Binary;
    bool fin = true;  ///< The last frame of its message.
    bool masked = false;
    MaskKey mask{};
    std::uint64_t payload_bytes = 0;
};

struct ParsedHeader {
    FrameHeader header;
    std::size_t bytes;  ///< Of the header itself.
};

/// Reads one frame header from the front of `input`. Empty when `input` ends before the header does; consumes nothing then.
/// Errors (1002) come with the first byte that shows them: reserved bits and opcodes, a control frame that is fragmented or
/// over 125 bytes, a mask where `receiver` must not see one or none where it must, a length that is not the shortest form.
Result<std::optional<ParsedHeader>> parse_frame_header(ByteSpan input, Role receiver);

/// A header as it goes on the wire.
struct HeaderBytes {
    std::array<std::byte, frame_header_bytes_max> data;
    std::size_t size = 0;
    operator ByteSpan() const { return {data.data(), size}; }
};

HeaderBytes to_bytes(const FrameHeader& header);

}  // namespace tidewire::ws
