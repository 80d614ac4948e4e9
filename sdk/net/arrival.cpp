// The kernel stamps by the time of day, which may jump: what matters is how long ago that was.
#include "sdk/net/arrival.h"

#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sdk/net/system.h"

namespace tidewire::net {

namespace {

/// Longer ago nothing that is read now has come: the clock was set meanwhile.
constexpr Duration ago_max = std::chrono::seconds(10);

Duration to_duration(const timespec& time) {
    return Duration(std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000);
}

std::optional<timespec> stamp_of(msghdr& message) {
    for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(control), sizeof stamp);
        return stamp;
    }
    return std::nullopt;
}

}  // namespace

bool note_arrivals(int fd) {
    const int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

ssize_t receive_noted(int fd, MutableByteSpan buffer, std::optional<TimePoint>& arrived) {
    iovec vector{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(timespec))> control;
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(fd, &message, 0);
    if (count <= 0) return count;
    if (const auto stamp = stamp_of(message)) {
        timespec today{};
        clock_gettime(CLOCK_REALTIME, &today);
        arrived = now() - std::clamp(to_duration(today) - to_duration(*stamp), Duration(0), ago_max);
    }
    return count;
}

}  // namespace tidewire::net
