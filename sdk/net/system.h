// The operating system's clock and generator of random bytes.
#pragma once

#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"

namespace tidewire::net {

/// CLOCK_MONOTONIC.
TimePoint now();

/// The kernel's generator (getrandom), read in blocks.
RandomSource system_random();

}  // namespace tidewire::net
