// An event as bytes: of a struct its quantised scalars as an input has them, of a table its record.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/layout.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// Precondition: type < layout.event_count(). What does not fit its range is made to.
Bytes encode_event(const Layout& layout, std::uint16_t type, const void* aggregate);

/// Writes every field of `aggregate`, which is alive. Errors blame the peer: a type that the schema does not have, truncated or
/// trailing bytes, values outside the schema's ranges; nothing is written then.
Result<void> decode_event(const Layout& layout, std::uint16_t type, ByteSpan data, void* aggregate);

/// The errors of decode_event() alone.
Result<void> check_event(const Layout& layout, std::uint16_t type, ByteSpan data);

}  // namespace tidewire::replication
