// The operating system's clock and generator of random bytes.
#pragma once

#include <chrono>

#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"

namespace tidewire::net {

/// CLOCK_MONOTONIC.
TimePoint now();

/// CLOCK_REALTIME, in whole seconds of Unix time: for what other machines have stamped.
std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds> wall_clock();

/// The kernel's generator (getrandom), read in blocks.
RandomSource system_random();

}  // namespace tidewire::net
