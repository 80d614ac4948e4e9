// What was in each group, at every tick whose snapshot is held: a client that comes late needs the members of its own baseline.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sdk/core/base/ring_queue.h"
#include "sdk/core/replication/members.h"
#include "server/room/interest_ids.h"

namespace tidewire::server {

/// Members never change once they are committed; those that no held tick needs are used again for new ones.
class GroupHistory {
public:
    explicit GroupHistory(std::size_t ticks_held) : ticks_held_(ticks_held) {}

    // Changes of the coming tick.
    void insert(GroupId group, std::uint32_t index);
    void erase(GroupId group, std::uint32_t index);
    /// From now on members() are those of `tick`. Precondition: ticks rise.
    void commit(Tick tick);

    /// Of the last committed tick.
    const replication::Members& members(GroupId group) const;
    /// Null when the tick is not held. Valid as long as it is.
    const replication::Members* members_at(GroupId group, Tick tick) const;
    /// The groups whose members are others than a tick before, by id.
    std::span<const GroupId> changed() const { return changed_; }
    bool holds(Tick tick) const { return tick >= oldest() && tick <= newest_; }
    /// The oldest tick that is held.
    Tick oldest() const;
    /// Changes of groups that are remembered: each is a copy of one group's members.
    std::size_t change_count() const { return superseded_.size(); }

private:
    struct Version {
        Tick from;
        std::unique_ptr<replication::Members> members;
    };
    struct Stream {
        replication::Members next;
        std::vector<Version> versions;  // oldest first; an empty group has none before its first
        bool touched = false;
    };
    struct Superseded {
        Tick at;
        GroupId group;
    };

    Stream& stream(GroupId group);
    const Stream* find(GroupId group) const;
    Stream& touch(GroupId group);
    std::unique_ptr<replication::Members> copy(const replication::Members& members);
    void drop_old();

    std::size_t ticks_held_;
    Tick newest_ = 0;
    std::vector<Stream> public_;
    std::vector<Stream> private_;
    std::vector<GroupId> touched_;
    std::vector<GroupId> changed_;
    RingQueue<Superseded> superseded_;
    std::vector<std::unique_ptr<replication::Members>> spare_;
};

}  // namespace tidewire::server
