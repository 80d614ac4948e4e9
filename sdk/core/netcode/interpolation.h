// The picture between two snapshots, field by field as the schema says.
#pragma once

#include "sdk/core/replication/snapshot.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

/// Makes `world` what lies at `tick` (with its fraction) in the ring: entities and held fields of the snapshot at or
/// before it, interpolated fields between that one and the next. Before the oldest or after the newest it holds.
/// Precondition: the ring has a snapshot.
void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world);

}  // namespace tidewire::netcode
