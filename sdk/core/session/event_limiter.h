// Holds one client's events to a rate, on both ends: a client refuses to send more, a server closes who does.
#pragma once

#include <cstddef>

#include "sdk/core/ws/token_bucket.h"
#include "tidewire/event_rate.h"

namespace tidewire::session {

class EventLimiter {
public:
    EventLimiter(const EventRate& rate, TimePoint now)
        : rate_(rate), events_(rate.burst, now), bytes_(rate.bytes_burst, now) {}

    const EventRate& rate() const { return rate_; }
    /// False when the event is one too many, or its bytes are.
    bool take(std::size_t bytes, TimePoint now) {
        return events_.take(rate_.per_second, rate_.burst, now) &&
               bytes_.take(rate_.bytes_per_second, rate_.bytes_burst, now, static_cast<double>(bytes));
    }

private:
    EventRate rate_;
    ws::TokenBucket events_;
    ws::TokenBucket bytes_;
};

}  // namespace tidewire::session
