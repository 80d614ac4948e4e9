// The floor under the fan-out bench. See bare_fanout.cpp.
#pragma once

#include <cstddef>

namespace tidewire::bench {

struct FanoutLoadShape {
    int tick_rate = 30;
    std::size_t payload_bytes = 200;  ///< Of a message to each client; 12 to 65535.
};

/// Prints its port, serves until SIGTERM, then prints the median of the milliseconds in which a tick's messages left. The exit code.
int bare_fanout(const FanoutLoadShape& shape);

}  // namespace tidewire::bench
