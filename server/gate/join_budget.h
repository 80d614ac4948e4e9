// How often somebody may try to join: a token bucket for each address. All shards ask it.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string_view>

#include "sdk/core/base/time.h"
#include "server/gate/address_key.h"
#include "tidewire/admission_options.h"

namespace tidewire::server {

/// Safe to be called from any thread.
class JoinBudget {
public:
    /// Addresses that are remembered until their buckets are full again, of about 80 bytes each. Whoever comes from so many within a minute
    /// is not held up by a limit for each; further ones are let through uncounted.
    static constexpr std::size_t addresses_max = 65'536;

    /// `fronts` must outlive it.
    JoinBudget(JoinRate rate, const Fronts& fronts) : rate_(rate), fronts_(&fronts) {}

    /// One attempt. False: one too many, and it costs nothing.
    bool take(std::string_view address, TimePoint now);
    /// Addresses that are remembered.
    std::size_t size() const;

private:
    void forget_full(TimePoint now);

    const JoinRate rate_;
    const Fronts* fronts_;
    mutable std::mutex mutex_;
    std::map<AddressKey, TimePoint> full_at_;  // when the bucket of the address has all its tokens again
    std::size_t forget_at_ = 1024;             // so many entries
    TimePoint forgotten_at_{};
};

}  // namespace tidewire::server
