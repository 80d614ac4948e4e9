// When inputs are due: once per tick period of the server, on a steady grid. It sends nothing and reads no clock.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire {

class InputSchedule {
public:
    /// `tick_rate` in Hz, above 0. The first input is due at `start`.
    InputSchedule(int tick_rate, TimePoint start);

    /// Counts what became due until `now`; true when anything did. After a pause no more than `catch_up` is made good; the rest of
    /// the time is dropped.
    bool advance(TimePoint now);
    /// Inputs that should have been sent by now.
    int due() const { return due_; }
    /// They were sent, or there was nothing to send.
    void settle() { due_ = 0; }
    /// When the next input becomes due; after the `now` of the last advance().
    TimePoint next() const { return instant(counted_); }

    /// A server that lacks inputs repeats the last one for a few ticks; older ones than this would only queue up there.
    static constexpr Duration catch_up = std::chrono::milliseconds(150);

private:
    /// From the start each time, so that rounding to microseconds never adds up.
    TimePoint instant(std::int64_t index) const { return start_ + Duration(index * 1'000'000 / tick_rate_); }

    std::int64_t tick_rate_;
    int due_max_;
    TimePoint start_;
    std::int64_t counted_ = 0;
    int due_ = 0;
};

}  // namespace tidewire
