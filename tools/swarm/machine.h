// What a swarm needs of its machine, and what it takes of it.
#pragma once

#include <cstddef>

#include "sdk/core/base/time.h"
#include "tidewire/result.h"

namespace tidewire::swarm {

/// Lets the process open so many sockets, and what else it needs, up to the hard limit. Errors: that is not enough.
Result<void> allow_sockets(std::size_t sockets);

/// Resident memory of this process, in 10^6 bytes; 0 where the system does not tell.
double resident_mb();

}  // namespace tidewire::swarm
