// TCP_INFO, by the kernel's own header: the library's is older than the figures.
#include "sdk/net/tcp_info.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <limits>

namespace tidewire::net {

std::optional<TcpInfo> tcp_info(int fd) {
    // An older kernel fills a part of it.
    ::tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
    // Everything that is not acknowledged, sent or not.
    int queued = 0;
    if (::ioctl(fd, SIOCOUTQ, &queued) != 0) queued = 0;
    const std::uint64_t waiting = static_cast<std::uint64_t>(queued);
    const std::uint64_t unsent = info.tcpi_notsent_bytes;
    // There is no rtt of a stream that has had none.
    const bool has_min = info.tcpi_min_rtt != std::numeric_limits<std::uint32_t>::max();
    return TcpInfo{.rtt = Duration(info.tcpi_rtt),
                   .rtt_deviation = Duration(info.tcpi_rttvar),
                   .rtt_min = Duration(has_min ? info.tcpi_min_rtt : 0),
                   // Between the two calls acknowledgements may have come.
                   .unacknowledged_bytes = waiting > unsent ? waiting - unsent : 0,
                   .unacknowledged_packets = info.tcpi_unacked,
                   .unsent_bytes = unsent,
                   .retransmits = info.tcpi_total_retrans,
                   .congestion_window = info.tcpi_snd_cwnd,
                   .delivery_rate = info.tcpi_delivery_rate};
}

}  // namespace tidewire::net
