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
    float accumulator = 0;  ///< Grows by `priority` each time the group has to wait.
    bool follows = false;   ///< It knows all that the next delta of the stream takes for known.
    bool verify = false;    ///< The client wants a keyframe to compare with, beside the next body.
};
static_assert(sizeof(Subscription) + sizeof(Wanted) <= 64, "5000 clients with 50 groups each must stay small");

/// Makes `subscriptions` (by group) what is wanted: what stays keeps its accumulator and what was written. The groups that are wanted
/// no more, and of which something was written, are added to `ended`; those that are wanted again go from there, for they will begin
/// anew.
void follow_wanted(std::span<const Wanted> wanted, std::vector<Subscription>& subscriptions,
                   std::vector<GroupId>& ended);

/// The group has to wait for another tick.
void wait(Subscription& subscription);

/// A group that could be written to the client at this tick.
struct Candidate {
    const Subscription* subscription = nullptr;
    std::size_t bytes = 0;  ///< Of its body and its head, as far as is known before they are made.
};

/// Bytes of one client's tick, of its own groups and of those that can wait.
struct Demand {
    std::size_t own = 0;
    std::size_t others = 0;
};

/// What one client has saved and what it owes. Each in bytes.
struct Allowance {
    std::int64_t saved = 0;     ///< For the groups that can wait. Below 0 when one was larger than what was left.
    std::int64_t own_debt = 0;  ///< What its own groups took beyond their share.
};

struct BudgetOptions {
    std::size_t bytes_per_tick = 0;  ///< 0: all that there is.
    std::size_t groups_max = 1024;   ///< At one tick; a client refuses more.
};

/// The rules of choice:
/// - Own groups are always chosen. They may take three quarters of the budget; what they need beyond is paid in later ticks.
/// - Of the others, the most urgent comes first and may overdraw; the rest must fit. So no group starves, however large it is
///   and however small the budget, and in the long run no client gets more than its budget and what its own groups need.
/// - Unspent bytes are saved up to burst_ticks budgets.
/// Groups are chosen by what they are expected to take, before anything is made; what they took is paid afterwards, and an error is
/// made good in later ticks.
class Budget {
public:
    static constexpr std::int64_t burst_ticks =
        4;  ///< A burst of this many ticks still fits the socket buffer of a slow link.

    explicit Budget(BudgetOptions options)
        : bytes_per_tick_(static_cast<std::int64_t>(options.bytes_per_tick)), groups_max_(options.groups_max) {}

    /// Whether the bytes of candidates count.
    bool limits_bytes() const { return bytes_per_tick_ != 0; }
    /// Fills `chosen` with indexes into `candidates`, own ones and then the most urgent first where there may not be room for all.
    /// Of more own groups than groups_max, the most urgent.
    void choose(std::span<const Candidate> candidates, const Allowance& allowance,
                std::vector<std::uint32_t>& chosen) const;
    /// Whether so much can be had at once: then choose() would choose all of it, if it is of at most groups_max groups.
    bool affords(const Demand& demand, const Allowance& allowance) const;
    /// Once a tick, when something was written.
    void pay(const Demand& written, Allowance& allowance) const;

private:
    /// What the others may take, and would leave nothing of.
    std::int64_t left_for_others(std::int64_t own_bytes, Allowance& allowance) const;

    std::int64_t bytes_per_tick_;
    std::size_t groups_max_;
};

}  // namespace tidewire::server
