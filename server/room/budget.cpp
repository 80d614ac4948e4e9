// A token bucket with a debt, emptied in the order of the accumulators.
#include "server/room/budget.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tidewire::server {

namespace {

constexpr float accumulator_max = 0x1p23F;  // Beyond it a float does not grow by 1 any more.

float urgency(const Subscription& subscription) {
    return std::min(subscription.accumulator + subscription.priority, accumulator_max);
}

}  // namespace

void follow_wanted(std::span<const Wanted> wanted, std::vector<Subscription>& subscriptions,
                   std::vector<GroupId>& ended) {
    auto next = wanted.begin();  // both are by group
    std::erase_if(subscriptions, [&](const Subscription& subscription) {
        while (next != wanted.end() && next->group < subscription.group) ++next;
        if (next != wanted.end() && next->group == subscription.group) return false;
        // Of what was never written the client knows nothing that could end.
        if (subscription.written != 0) ended.push_back(subscription.group);
        return true;
    });
    auto at = subscriptions.begin();
    for (const Wanted& each : wanted) {
        if (at == subscriptions.end() || at->group != each.group) {
            at = subscriptions.insert(at, {.group = each.group});
            std::erase(ended, each.group);
        }
        at->rate = each.rate;
        at->own = each.own;
        at->priority = each.priority;
        ++at;
    }
}

void wait(Subscription& subscription) { subscription.accumulator = urgency(subscription); }

void Budget::choose(std::span<const Candidate> candidates, const Allowance& allowance,
                    std::vector<std::uint32_t>& chosen) const {
    chosen.resize(candidates.size());
    std::iota(chosen.begin(), chosen.end(), 0U);
    // Newcomers may come with a group. Where there is room for three with each, nobody needs to be first.
    const bool waited = std::any_of(candidates.begin(), candidates.end(),
                                    [](const Candidate& each) { return each.subscription->accumulator > 0; });
    if (bytes_per_tick_ == 0 && candidates.size() <= groups_max_ / 4 && !waited) return;

    std::sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
        const Subscription& one = *candidates[a].subscription;
        const Subscription& other = *candidates[b].subscription;
        if (one.own != other.own) return one.own;
        return urgency(one) != urgency(other) ? urgency(one) > urgency(other) : a < b;
    });
    if (bytes_per_tick_ != 0) {
        std::size_t own_bytes = 0;
        for (const Candidate& each : candidates) own_bytes += each.subscription->own ? each.bytes : 0;
        Allowance after = allowance;
        std::int64_t left = left_for_others(static_cast<std::int64_t>(own_bytes), after);
        std::size_t count = 0;
        bool first = true;
        for (const std::uint32_t i : chosen) {
            if (!candidates[i].subscription->own) {
                const auto bytes = static_cast<std::int64_t>(candidates[i].bytes);
                if (left <= 0) break;
                if (!std::exchange(first, false) && bytes > left) continue;
                left -= bytes;
            }
            chosen[count++] = i;
        }
        chosen.resize(count);
    }
    if (chosen.size() > groups_max_) chosen.resize(groups_max_);
}

bool Budget::affords(const Demand& demand, const Allowance& allowance) const {
    if (bytes_per_tick_ == 0) return true;
    Allowance after = allowance;
    return static_cast<std::int64_t>(demand.others) <= left_for_others(static_cast<std::int64_t>(demand.own), after);
}

void Budget::pay(const Demand& written, Allowance& allowance) const {
    if (bytes_per_tick_ == 0) return;
    const std::int64_t left = left_for_others(static_cast<std::int64_t>(written.own), allowance);
    allowance.saved = left - static_cast<std::int64_t>(written.others);
}

/// The own groups' debt in `allowance` is what it is afterwards.
std::int64_t Budget::left_for_others(std::int64_t own_bytes, Allowance& allowance) const {
    // At least one byte: the smallest budget saves, too.
    const std::int64_t others_share = std::max<std::int64_t>(bytes_per_tick_ / 4, 1);
    const std::int64_t due = own_bytes + allowance.own_debt;
    const std::int64_t paid = std::min(due, bytes_per_tick_ - others_share);
    allowance.own_debt = std::min(due - paid, burst_ticks * bytes_per_tick_);
    return std::min(allowance.saved + bytes_per_tick_ - paid, burst_ticks * bytes_per_tick_);
}

}  // namespace tidewire::server
