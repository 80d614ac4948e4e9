// Whose turn it is: chooses among the groups of one client when they need more bytes than the client may get in a tick.
// It knows neither what groups are nor what their bodies say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sdk/core/replication/rate.h"
#include "server/room/interest_ids.h"
#include "server/room/interest_relevance.h"

namespace tidewire::server {

/// What the server remembers of one client and one group.
struct Subscription {
    GroupId group = group_always;
    replication::Rate rate = replication::Rate::Full;          ///< That the client should get.
    replication::Rate written_rate = replication::Rate::Full;  ///< Of the stream that the last written body belongs to.
    bool own = false;
    Tick written = 0;  ///< The tick of the last body written; 0: none yet, it needs a keyframe.
    float priority = 1;
    float accumulator = 0;  ///< Grows by `priority` each time the group is not chosen.
    bool follows = false;   ///< It knows all that the next delta of the stream takes for known.
    bool verify = false;    ///< The client wants a keyframe to compare with, beside the next body.
};
static_assert(sizeof(Subscription) + sizeof(Wanted) <= 64, "5000 clients with 50 groups each must stay small");

/// Makes `subscriptions` (by group) what is wanted: what stays keeps its accumulator and what was written. The groups that are wanted
/// no more, and of which something was written, are added to `ended`.
void follow_wanted(std::span<const Wanted> wanted, std::vector<Subscription>& subscriptions,
                   std::vector<GroupId>& ended);

/// A group that could be written to the client at this tick.
struct Candidate {
    Subscription* subscription = nullptr;
    std::size_t bytes = 0;  ///< Of its body and its head.
};

/// What all groups of one client together would take at this tick. In bytes.
struct Demand {
    std::size_t own = 0;
    std::size_t others = 0;
};

/// What one client has saved and what it owes. Each in bytes.
struct Allowance {
    std::int64_t saved = 0;     ///< For the groups that can wait. Below 0 when one was larger than what was left.
    std::int64_t own_debt = 0;  ///< What its own groups took beyond their share.
};

/// The rules of choice, with scratch memory for one thread:
/// - Own groups are always chosen. They may take three quarters of the budget; what they need beyond is paid in later ticks.
/// - Of the others, the largest accumulator comes first and may overdraw; the rest must fit. So no group starves, however large it is
///   and however small the budget, and in the long run no client gets more than its budget and what its own groups need.
/// - Unspent bytes are saved up to burst_ticks budgets.
class Budget {
public:
    static constexpr std::int64_t burst_ticks =
        4;  ///< A burst of this many ticks still fits the socket buffer of a slow link.

    /// 0: everything is always chosen.
    explicit Budget(std::size_t bytes_per_tick) : bytes_per_tick_(static_cast<std::int64_t>(bytes_per_tick)) {}

    /// Once a tick. Fills `chosen` with indexes into `candidates`, ascending, and moves the accumulators. `candidates` are of
    /// different groups.
    void choose(std::span<const Candidate> candidates, Allowance& allowance, std::vector<std::uint32_t>& chosen);
    /// Instead of choose(), for a client whose accumulators are all 0: true when there is enough for everything, and it is paid for.
    /// Otherwise nothing changes.
    bool take_all(const Demand& demand, Allowance& allowance) const;

private:
    std::int64_t pay_own(std::int64_t own_bytes, Allowance& allowance) const;

    std::int64_t bytes_per_tick_;
    std::vector<std::uint32_t> waiting_;
};

}  // namespace tidewire::server
