// What a fan-out tells of: a state with some ticks before it, and who is told of which groups of it. A room's scene is its newest tick;
// that of its stand is an older one.
#pragma once

#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/held_ticks.h"
#include "server/room/interest.h"

namespace tidewire::server {

/// All of it must outlive whoever looks at it, and is as of the newest snapshot. Asked thousands of times in a tick.
struct Scene {
    const Tick& newest;  ///< Of that snapshot; 0: there is none.
    const replication::Layout& layout;
    const replication::SnapshotRing& snapshots;
    const InterestGroups& interest;
    const HeldTicks& held;
    int tick_rate;

    Tick tick() const { return newest; }
};

}  // namespace tidewire::server
