// Every limit of the operator's port, with its default, unit and reason.
#pragma once

#include <cstddef>

#include "sdk/core/base/time.h"

namespace tidewire::server {

struct AdminLimits {
    /// At once, above 0. Beyond them an old one goes, for sockets that say nothing, or do not end, must not keep the operator out.
    std::size_t connections_max = 8;
    std::size_t body_bytes_max = 4 * 1024;  ///< Of a request: an order takes a hundred.
    /// The machine is out of descriptors or memory: so long nobody is accepted, for some to become free.
    Duration accept_pause = std::chrono::milliseconds(50);
    /// From the accepted stream to the whole request, and from the answer to its end; progress extends neither.
    Duration request_within = std::chrono::seconds(5);
    Duration answer_within = std::chrono::seconds(5);
};

}  // namespace tidewire::server
