// Ticks that stay when the history has gone on: a client that is being told of one in parts, for longer than the history reaches, goes on
// from there. Each costs the chunks that have changed since, at most the world, and the members of the groups that have.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "sdk/core/replication/members.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/interest.h"

namespace tidewire::server {

struct HeldTick {
    struct Group {
        replication::Members members;  ///< At the tick.
        replication::Members stayed;   ///< Of those, in each tick since then.
    };
    replication::Snapshot snapshot;
    std::map<GroupId, Group> changed;  ///< Groups whose members were others at any tick since then.

    /// Of a group that has not changed all are as they are now.
    const replication::Members& members(GroupId group, const InterestGroups& now) const;
    const replication::Members& stayed(GroupId group, const InterestGroups& now) const;
};

/// Held by all views whose transfer began with it, and by the list: what the bodies of one fan-out refer to must not go with the view
/// that asked for them.
using HeldTickPointer = std::shared_ptr<const HeldTick>;

class HeldTicks {
public:
    /// At most `most` at a time.
    explicit HeldTicks(std::size_t most) : most_(most) {}

    /// Keeps the newest tick as long as somebody has the pointer. Null when there are as many as may be.
    HeldTickPointer hold(const replication::Snapshot& newest);
    /// After each tick of `interest`: forgets what nobody has any more.
    void note_tick(const InterestGroups& interest, Tick tick);
    /// Null when it is not held. Valid until the next note_tick().
    const HeldTick* find(Tick tick) const;
    std::size_t size() const { return held_.size(); }

private:
    std::size_t most_;
    std::vector<std::shared_ptr<HeldTick>> held_;  // few
};

}  // namespace tidewire::server
