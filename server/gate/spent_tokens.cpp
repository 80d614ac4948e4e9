// A set, and another that says which element goes first.
#include "server/gate/spent_tokens.h"

#include <cstring>

namespace tidewire::server {

std::size_t SpentTokens::Hash::operator()(const Id& id) const {
    std::size_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);
    return hash;
}

SpentTokens::Outcome SpentTokens::spend(const Id& id, SystemTime expires, SystemTime now) {
    const std::lock_guard lock(mutex_);
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
        forgotten_ = by_expiry_.begin()->first;
        ids_.erase(by_expiry_.begin()->second);
        by_expiry_.erase(by_expiry_.begin());
    }
    if (expires <= forgotten_) return Outcome::Expired;
    if (ids_.count(id) != 0) return Outcome::Replayed;
    if (ids_.size() >= entries_max_) return Outcome::Full;
    ids_.insert(id);
    by_expiry_.emplace(expires, id);
    return Outcome::Fresh;
}

void SpentTokens::give_back(const Id& id, SystemTime expires) {
    const std::lock_guard lock(mutex_);
    if (by_expiry_.erase({expires, id}) != 0) ids_.erase(id);
}

}  // namespace tidewire::server
