// setsockopt(2).
#include "sdk/net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

namespace tidewire::net {

namespace {

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

int to_int(std::size_t bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

/// At least 1: zero would be the kernel's own figure.
template <class Unit>
int at_least_one(Duration duration) {
    return static_cast<int>(std::max<std::int64_t>(std::chrono::ceil<Unit>(duration).count(), 1));
}

}  // namespace

void set_options(int fd, const SocketOptions& options) {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    if (options.no_delay) set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (options.send_buffer_bytes > 0) set(fd, SOL_SOCKET, SO_SNDBUF, to_int(options.send_buffer_bytes));
    if (options.unsent_bytes_max > 0) set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, to_int(options.unsent_bytes_max));
    if (options.unacknowledged_max > Duration::zero())
        set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, at_least_one<milliseconds>(options.unacknowledged_max));
    if (options.keepalive_after > Duration::zero()) {
        set(fd, IPPROTO_TCP, TCP_KEEPIDLE, at_least_one<seconds>(options.keepalive_after));
        if (options.keepalive_period > Duration::zero())
            set(fd, IPPROTO_TCP, TCP_KEEPINTVL, at_least_one<seconds>(options.keepalive_period));
        if (options.keepalive_probes > 0) set(fd, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_probes);
        set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    }
}

}  // namespace tidewire::net
