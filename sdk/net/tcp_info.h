// What the kernel knows of a TCP stream: for a look once a second, when a client's link is to be judged from below.
#pragma once

#include <cstdint>
#include <optional>

#include "sdk/core/base/time.h"

namespace tidewire::net {

struct TcpInfo {
    Duration rtt{};                            ///< Smoothed.
    Duration rtt_deviation{};                  ///< Mean.
    Duration rtt_min{};                        ///< Of the last minutes; zero where the kernel has none.
    std::uint64_t unacknowledged_bytes = 0;    ///< On their way.
    std::uint32_t unacknowledged_packets = 0;  ///< On their way.
    std::uint64_t unsent_bytes = 0;            ///< Taken by the kernel, and waiting in it.
    std::uint32_t retransmits = 0;             ///< Packets since the stream began.
    std::uint32_t congestion_window = 0;       ///< Packets that may be on their way.
    std::uint64_t delivery_rate = 0;           ///< Bytes a second that the peer has acknowledged lately; 0: not known.
};

/// Empty when `fd` is no TCP stream. Two system calls.
std::optional<TcpInfo> tcp_info(int fd);

}  // namespace tidewire::net
