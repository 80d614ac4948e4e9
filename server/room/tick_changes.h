// What changed up to the newest tick, by the tick that it is counted from: streams add what they ask for, and find what others did.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sdk/core/replication/snapshot_changes.h"

namespace tidewire::server {

class TickChanges {
public:
    /// Both snapshots must stay until clear().
    replication::SnapshotChanges& between(const replication::Layout& layout, const replication::Snapshot& before,
                                          const replication::Snapshot& newest) {
        for (std::size_t i = 0; i < used_; ++i)
            if (all_[i]->before_tick() == before.tick) return *all_[i];
        if (used_ == all_.size())
            all_.push_back(std::make_unique<replication::SnapshotChanges>(layout, before, newest));
        else
            all_[used_]->restart(before, newest);
        return *all_[used_++];
    }
    /// A new tick: the memory stays, what was compared goes.
    void clear() { used_ = 0; }

private:
    std::vector<std::unique_ptr<replication::SnapshotChanges>> all_;  // few: bodies that go on begin at the tick before
    std::size_t used_ = 0;
};

}  // namespace tidewire::server
