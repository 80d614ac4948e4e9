// A token bucket with a debt, emptied in the order of the accumulators.
#include "server/room/budget.h"

#include <algorithm>
#include <utility>

namespace tidewire::server {

namespace {

constexpr float accumulator_max = 0x1p23F;  // Beyond it a float does not grow by 1 any more.

}  // namespace

void follow_wanted(std::span<const Wanted> wanted, std::vector<Subscription>& subscriptions,
                   std::vector<GroupId>& ended) {
    const auto before = [](const auto& each, GroupId group) { return each.group < group; };
    std::erase_if(subscriptions, [&](const Subscription& subscription) {
        const auto found = std::lower_bound(wanted.begin(), wanted.end(), subscription.group, before);
        if (found != wanted.end() && found->group == subscription.group) return false;
        // Of what was never written the client knows nothing that could end.
        if (subscription.written != 0) ended.push_back(subscription.group);
        return true;
    });
    auto at = subscriptions.begin();
    for (const Wanted& each : wanted) {
        if (at == subscriptions.end() || at->group != each.group) at = subscriptions.insert(at, {.group = each.group});
        at->rate = each.rate;
        at->own = each.own;
        at->priority = each.priority;
        ++at;
    }
}

void Budget::choose(std::span<const Candidate> candidates, Allowance& allowance, std::vector<std::uint32_t>& chosen) {
    chosen.clear();
    waiting_.clear();
    std::int64_t own_bytes = 0;
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
        Subscription& subscription = *candidates[i].subscription;
        if (bytes_per_tick_ == 0 || subscription.own) {
            own_bytes += static_cast<std::int64_t>(candidates[i].bytes);
            subscription.accumulator = 0;
            chosen.push_back(i);
        } else {
            subscription.accumulator = std::min(subscription.accumulator + subscription.priority, accumulator_max);
            waiting_.push_back(i);
        }
    }
    if (bytes_per_tick_ == 0) return;

    allowance.saved = std::min(allowance.saved + pay_own(own_bytes, allowance), burst_ticks * bytes_per_tick_);
    std::sort(waiting_.begin(), waiting_.end(), [&](std::uint32_t a, std::uint32_t b) {
        const float of_a = candidates[a].subscription->accumulator;
        const float of_b = candidates[b].subscription->accumulator;
        return of_a != of_b ? of_a > of_b : a < b;
    });
    bool first = true;
    for (const std::uint32_t i : waiting_) {
        if (allowance.saved <= 0) break;
        const auto bytes = static_cast<std::int64_t>(candidates[i].bytes);
        if (!std::exchange(first, false) && bytes > allowance.saved) continue;
        allowance.saved -= bytes;
        candidates[i].subscription->accumulator = 0;
        chosen.push_back(i);
    }
    std::sort(chosen.begin(), chosen.end());
}

bool Budget::take_all(const Demand& demand, Allowance& allowance) const {
    if (bytes_per_tick_ == 0) return true;
    Allowance after = allowance;
    const std::int64_t left = pay_own(static_cast<std::int64_t>(demand.own), after);
    const auto others = static_cast<std::int64_t>(demand.others);
    after.saved = std::min(after.saved + left, burst_ticks * bytes_per_tick_) - others;
    if (after.saved < 0) return false;
    allowance = after;
    return true;
}

/// Returns what this tick's budget leaves for the others.
std::int64_t Budget::pay_own(std::int64_t own_bytes, Allowance& allowance) const {
    // At least one byte: the smallest budget saves, too.
    const std::int64_t others_share = std::max<std::int64_t>(bytes_per_tick_ / 4, 1);
    const std::int64_t due = own_bytes + allowance.own_debt;
    const std::int64_t paid = std::min(due, bytes_per_tick_ - others_share);
    allowance.own_debt = std::min(due - paid, burst_ticks * bytes_per_tick_);
    return bytes_per_tick_ - paid;
}

}  // namespace tidewire::server
