// One input as bytes: its quantised scalars as zigzag varints, in declaration order.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/layout.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// Out of range saturates; NaN becomes 0.
Bytes encode_input(const StructLayout& layout, const std::byte* aggregate);

/// Writes layout.info().size bytes. Errors blame the peer: wrong length, values outside the schema's ranges.
Result<void> decode_input(const StructLayout& layout, ByteSpan data, std::byte* aggregate);

}  // namespace tidewire::replication
