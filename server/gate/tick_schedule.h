// When the room's ticks are due: fixed steps from the start, so that no rounding adds up. It reads no clock.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::server {

class TickSchedule {
public:
    /// `tick_rate` in Hz, above 0. The first tick is due one step after `start`.
    TickSchedule(int tick_rate, TimePoint start) : tick_rate_(tick_rate), start_(start) {}

    TimePoint due() const { return start_ + Duration(static_cast<std::int64_t>(step_) * 1'000'000 / tick_rate_); }
    /// The tick that is due was run, or is left out.
    void advance() { ++step_; }
    /// From `now` to the tick that is due, in ticks; negative when it should have run.
    double ticks_until_due(TimePoint now) const {
        return static_cast<double>((due() - now).count()) * tick_rate_ / 1'000'000;
    }

private:
    int tick_rate_;
    TimePoint start_;
    std::uint64_t step_ = 1;
};

}  // namespace tidewire::server
