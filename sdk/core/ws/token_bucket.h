// A rate limit with a burst: tokens come back with time, each event takes some.
#pragma once

#include <algorithm>

#include "sdk/core/base/time.h"

namespace tidewire::ws {

class TokenBucket {
public:
    TokenBucket(double burst, TimePoint now) : tokens_(burst), filled_(now) {}

    /// False when fewer are left; none is taken then.
    bool take(double per_second, double burst, TimePoint now, double count = 1) {
        const double seconds = std::chrono::duration<double>(std::max(now - filled_, Duration::zero())).count();
        tokens_ = std::min(burst, tokens_ + seconds * per_second);
        filled_ = std::max(filled_, now);
        if (tokens_ < count) return false;
        tokens_ -= count;
        return true;
    }

private:
    double tokens_;
    TimePoint filled_;
};

}  // namespace tidewire::ws
