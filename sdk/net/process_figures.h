// What the operating system says of this process: memory, processor time, descriptors.
#pragma once

#include <cstdint>

namespace tidewire::net {

/// Figures that the system does not tell stay 0.
struct ProcessFigures {
    std::uint64_t resident_bytes = 0;    ///< Memory that is in the machine, not swapped out.
    double cpu_seconds = 0;              ///< Of all threads since the start, user and system.
    std::uint64_t open_descriptors = 0;  ///< Files and sockets.
    std::uint64_t descriptors_max = 0;   ///< What `ulimit -n` allows.
    double started = 0;                  ///< Seconds since 1970, to a hundredth.
};

/// As of now. Reads a few files of /proc: for a figure a second, not for every tick.
ProcessFigures process_figures();

}  // namespace tidewire::net
