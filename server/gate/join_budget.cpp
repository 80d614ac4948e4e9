// A bucket is one instant, the one at which it will be full: each attempt moves it on by the time that a token takes to come.
#include "server/gate/join_budget.h"

#include <algorithm>
#include <iterator>

namespace tidewire::server {

bool JoinBudget::take(std::string_view address, TimePoint now) {
    if (rate_.per_second <= 0) return true;
    const AddressKey key = address_key(address, *fronts_);
    if (key == AddressKey{}) return true;
    const auto each = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate_.per_second));
    const auto all = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(rate_.burst / rate_.per_second));
    const std::lock_guard lock(mutex_);
    if (full_at_.size() >= forget_at_) forget_full(now);
    if (full_at_.size() >= addresses_max && full_at_.count(key) == 0) return true;
    TimePoint& full_at = full_at_[key];
    const TimePoint then = std::max(full_at, now) + each;
    if (then - now > all) return false;
    full_at = then;
    return true;
}

std::size_t JoinBudget::size() const {
    const std::lock_guard lock(mutex_);
    return full_at_.size();
}

/// A walk over all of them, once a second at most.
void JoinBudget::forget_full(TimePoint now) {
    if (now - forgotten_at_ < std::chrono::seconds(1)) return;
    forgotten_at_ = now;
    for (auto entry = full_at_.begin(); entry != full_at_.end();)
        entry = entry->second <= now ? full_at_.erase(entry) : std::next(entry);
    forget_at_ = std::min(std::max<std::size_t>(1024, 2 * full_at_.size()), addresses_max);
}

}  // namespace tidewire::server
