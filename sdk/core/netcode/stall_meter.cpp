// The rise of lateness from one snapshot to the next.
#include "sdk/core/netcode/stall_meter.h"

#include <algorithm>

namespace tidewire::netcode {

void StallMeter::observe(Tick tick, TimePoint now) {
    const Duration latency = now.time_since_epoch() - tick_period_ * static_cast<std::int64_t>(tick);
    if (latency_ && latency - *latency_ >= stall_min) {
        ++count_;
        longest_ = std::max(longest_, latency - *latency_);
    }
    latency_ = latency;
}

}  // namespace tidewire::netcode
