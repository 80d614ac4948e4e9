// Durations as the system calls want them.
#pragma once

#include <time.h>

#include "sdk/core/base/time.h"

namespace tidewire::net {

/// A negative duration is zero: it is due already.
inline timespec to_timespec(Duration duration) {
    if (duration < Duration::zero()) duration = Duration::zero();
    timespec time{};
    time.tv_sec = static_cast<time_t>(duration.count() / 1'000'000);
    time.tv_nsec = static_cast<long>(duration.count() % 1'000'000 * 1000);
    return time;
}

}  // namespace tidewire::net
