// Appends the parts of a flight recording to bytes, in their order: the file is whoever keeps them.
#pragma once

#include <cstddef>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/flight_format.h"
#include "sdk/core/wire/message.h"

namespace tidewire::wire {

/// The beginning of a recording: magic, version and header. Preconditions: texts are UTF-8, ids are the hashes of their bytes, and
/// everything is within FlightLimits.
void append_flight_header(Bytes& out, const FlightHeader& header);

/// One Tick record. Preconditions: at most tick_bodies_max bodies; the tick is above the last one's.
void append_flight_tick(Bytes& out, const TickMessage& message);

}  // namespace tidewire::wire
