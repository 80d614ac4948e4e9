// A Tick of the wire as a replica takes it.
#pragma once

#include <vector>

#include "sdk/core/replication/replica.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::session {

/// One update for each body, in their order; bodies that may be packed are unpacked, all together within `limits`. The result points
/// into the message and into `inflated`, which grows to as many as are packed and may be given again for the next Tick: then it takes no
/// memory anew. `dictionary` may be null. Errors blame the peer.
Result<std::vector<replication::GroupUpdate>> unpack_updates(const wire::TickMessage& message, wire::Limits limits,
                                                             const wire::Dictionary* dictionary,
                                                             std::vector<Bytes>& inflated);

}  // namespace tidewire::session
