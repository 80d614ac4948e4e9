// A trace as a flight recording, as if a room had told it: what the built-in code tables are trained on.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"

namespace tidewire::bench {

/// One group with everything in it, by the built-in tables. Precondition: snapshots of consecutive ticks. Errors: Machine, with the
/// file's name.
Result<void> record(const replication::Layout& layout, std::uint16_t tick_rate,
                    std::span<const replication::Snapshot> snapshots, const std::string& path);

}  // namespace tidewire::bench
