// poll(2) with microseconds.
#include "sdk/net/wait.h"

#include <poll.h>

#include "sdk/net/timespec.h"

namespace tidewire::net {

bool wait(int fd, Interest interest, Duration timeout) {
    pollfd entry{};
    // A descriptor of no interest would still report a hang-up, again and again.
    entry.fd = interest.readable || interest.writable ? fd : -1;
    entry.events = static_cast<short>((interest.readable ? POLLIN : 0) | (interest.writable ? POLLOUT : 0));
    const timespec limit = to_timespec(timeout);
    return ::ppoll(&entry, 1, timeout == Duration::max() ? nullptr : &limit, nullptr) > 0;
}

}  // namespace tidewire::net
