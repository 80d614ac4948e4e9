// The layout of a Part behind its envelope: lane (8 bits), id, offset and total (32 bits each), then its bytes to the end.
// Private to this room.
#pragma once

#include "sdk/core/wire/codec.h"

namespace tidewire::wire {

inline constexpr std::size_t part_head_bytes = 1 + 3 * 4;

/// `rest` is what follows the envelope. Whether the part is the next of its transfer is the session's to know.
Result<Message> parse_part(ByteSpan rest, const Limits& limits);

}  // namespace tidewire::wire
