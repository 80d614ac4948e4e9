// By the frame's length, and a little towards the clock.
#include "sdk/core/netcode/frame_clock.h"

#include <algorithm>

namespace tidewire::netcode {

TimePoint FrameClock::advance(Duration length, TimePoint now) {
    const TimePoint next = shown_ + std::max(length, Duration(0));
    const Duration behind = now - next;
    if (behind > reanchor_beyond)
        shown_ = now;
    else if (behind >= -reanchor_beyond)
        shown_ = std::max(shown_, next + behind / pull_divisor);
    return shown_;
}

TimePoint FrameClock::advance(TimePoint now) {
    shown_ = std::max(shown_, now);
    return shown_;
}

}  // namespace tidewire::netcode
