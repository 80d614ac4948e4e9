// Which group an entity was in at an older tick: a log of moves, chained by entity.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/base/ring_queue.h"
#include "server/room/interest_ids.h"

namespace tidewire::server {

class GroupMoves {
public:
    /// The entity at `index` was in `before` until now. At most once a tick for each index; ticks do not fall.
    void add(Tick tick, std::uint32_t index, GroupId before) {
        if (index >= newest_.size()) newest_.resize(index + std::size_t{1});
        newest_[index] = log_.push_back({.tick = tick, .before = before, .previous = newest_[index]});
    }
    /// Forgets what only ticks before `oldest` need.
    void drop_before(Tick oldest) {
        while (!log_.empty() && log_.front().tick <= oldest) log_.pop_front();
    }
    /// `now` is where the entity at `index` is at the newest tick. Costs the moves that it has made since `tick`.
    GroupId group_at(std::uint32_t index, Tick tick, GroupId now) const {
        GroupId group = now;
        std::uint64_t number = index < newest_.size() ? newest_[index] : 0;
        while (number >= log_.first() && log_[number].tick > tick) {
            group = log_[number].before;
            number = log_[number].previous;
        }
        return group;
    }

private:
    struct Move {
        Tick tick;
        GroupId before;
        std::uint64_t previous;  // the number of the same entity's move before this; 0: none
    };

    RingQueue<Move> log_;
    std::vector<std::uint64_t> newest_;  // by index: the number of its last move
};

}  // namespace tidewire::server
