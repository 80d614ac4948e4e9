// Time that this thread has had a processor for: on a busy machine it says more than a clock.
#pragma once

#include <time.h>

namespace tidewire::bench {

/// Microseconds since the thread began.
inline double processor_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

}  // namespace tidewire::bench
