// A group is written down when its members change for the first time; until then it is as it was.
#include "server/room/held_ticks.h"

#include <algorithm>
#include <cassert>

#include "sdk/core/replication/row_sets.h"

namespace tidewire::server {

using replication::Members;

const Members& HeldTick::members(GroupId group, const InterestGroups& now) const {
    const auto found = changed.find(group);
    return found == changed.end() ? now.members(group) : found->second.members;
}

const Members& HeldTick::stayed(GroupId group, const InterestGroups& now) const {
    const auto found = changed.find(group);
    return found == changed.end() ? now.members(group) : found->second.stayed;
}

HeldTickPointer HeldTicks::hold(const replication::Snapshot& newest) {
    const auto found = std::find_if(held_.begin(), held_.end(),
                                    [&](const auto& held) { return held->snapshot.tick == newest.tick; });
    if (found != held_.end()) return *found;
    if (held_.size() >= most_) return nullptr;
    held_.push_back(std::make_shared<HeldTick>(HeldTick{.snapshot = newest, .changed = {}}));
    return held_.back();
}

void HeldTicks::note_tick(const InterestGroups& interest, Tick tick) {
    std::erase_if(held_, [](const auto& held) { return held.use_count() == 1; });
    for (const auto& held : held_) {
        for (const GroupId group : interest.changed()) {
            const auto [known, first] = held->changed.try_emplace(group);
            if (first) {
                const Members* const before = interest.members_at(group, tick - 1);
                assert(before != nullptr && "a room holds the tick before");
                known->second.members = known->second.stayed = *before;
            }
            known->second.stayed = replication::both(known->second.stayed, interest.members(group));
        }
    }
}

const HeldTick* HeldTicks::find(Tick tick) const {
    const auto found =
        std::find_if(held_.begin(), held_.end(), [&](const auto& held) { return held->snapshot.tick == tick; });
    return found == held_.end() ? nullptr : found->get();
}

}  // namespace tidewire::server
