// How often the link stood still: a snapshot came much later than the one before it promised. On an ordered stream a lost packet
// holds up all that follows it, so this is what loss looks like.
#pragma once

#include <cstdint>
#include <optional>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

class StallMeter {
public:
    /// Later by this: half of what a sender waits before it sends again (RFC 6298 as Linux has it: 200 ms), and more than jitter does.
    static constexpr Duration stall_min = std::chrono::milliseconds(100);

    explicit StallMeter(Duration tick_period) : tick_period_(tick_period) {}

    /// A snapshot of this tick arrived. Ticks rise; those that a server leaves out are no stall.
    void observe(Tick tick, TimePoint now);

    std::uint64_t count() const { return count_; }
    /// By how much the worst of them was late.
    Duration longest() const { return longest_; }

private:
    Duration tick_period_;
    std::optional<Duration> latency_;  // of the newest, on an arbitrary origin
    std::uint64_t count_ = 0;
    Duration longest_{0};
};

}  // namespace tidewire::netcode
