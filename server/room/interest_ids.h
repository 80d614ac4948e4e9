// The numbers of groups: what the ranges of the 16 bits mean, and who hands out those that are not fixed.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/base/ring_queue.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// 0 and 1, then the cells of the grid, then what games, teams and owners take; with bit 15 the private group of one player.
using GroupId = std::uint16_t;

inline constexpr GroupId group_always = 0;  ///< Everybody is subscribed, at full rate.
inline constexpr GroupId group_nobody = 1;  ///< Nobody ever is.
inline constexpr GroupId group_first_cell = 2;
inline constexpr GroupId group_private = 0x8000;  ///< The bit; the private groups begin here.
inline constexpr GroupId group_none = 0xffff;     ///< No group: there is no such entity, or no such tick.
inline constexpr std::uint32_t private_groups_max = group_none - group_private;

constexpr bool is_private(GroupId group) { return group != group_none && (group & group_private) != 0; }

/// What GroupIds has handed out.
struct SavedGroupIds {
    struct Returned {
        Tick from = 0;
        GroupId id = group_none;
    };
    GroupId next = group_none;
    std::vector<Returned> returned{};
};

/// Ids from `first` up to, not including, `end`. One that was given back is used again before a new one, but not too early.
class GroupIds {
public:
    GroupIds(GroupId first, GroupId end) : next_(first), end_(end) { assert(first <= end); }

    /// Empty when all are taken or not yet free again.
    std::optional<GroupId> take(Tick now) {
        if (!returned_.empty() && returned_.front().from <= now) {
            const GroupId id = returned_.front().id;
            returned_.pop_front();
            return id;
        }
        if (next_ == end_) return std::nullopt;
        return next_++;
    }
    /// `from`: the tick at which nobody can mean the old group by it any more. Rises from call to call.
    void give_back(GroupId id, Tick from) { returned_.push_back({from, id}); }

    SavedGroupIds save() const {
        SavedGroupIds saved{.next = next_};
        for (const SavedGroupIds::Returned& each : returned_) saved.returned.push_back(each);
        return saved;
    }
    /// Precondition: none of them was taken, and `saved` is of ids from the same first one on.
    void restore(const SavedGroupIds& saved) {
        next_ = saved.next;
        for (const SavedGroupIds::Returned& each : saved.returned) returned_.push_back(each);
    }

private:
    RingQueue<SavedGroupIds::Returned> returned_;
    GroupId next_;
    GroupId end_;
};

}  // namespace tidewire::server
