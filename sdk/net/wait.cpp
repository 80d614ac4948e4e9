// poll(2) with microseconds.
#include "sdk/net/wait.h"

#include <poll.h>

#include <array>
#include <span>

#include "sdk/net/timespec.h"
#include "sdk/net/waker.h"

namespace tidewire::net {

namespace {

pollfd entry_of(int fd, Interest interest) {
    pollfd entry{};
    // A descriptor of no interest would still report a hang-up, again and again.
    entry.fd = interest.readable || interest.writable ? fd : -1;
    entry.events = static_cast<short>((interest.readable ? POLLIN : 0) | (interest.writable ? POLLOUT : 0));
    return entry;
}

bool wait(std::span<pollfd> entries, Duration timeout) {
    const timespec limit = to_timespec(timeout);
    return ::ppoll(entries.data(), entries.size(), timeout == Duration::max() ? nullptr : &limit, nullptr) > 0;
}

}  // namespace

bool wait(int fd, Interest interest, Duration timeout) {
    pollfd entry = entry_of(fd, interest);
    return wait({&entry, 1}, timeout);
}

bool wait(int fd, Interest interest, const Waker& waker, Duration timeout) {
    std::array entries{entry_of(fd, interest), entry_of(waker.fd(), {})};
    return wait(entries, timeout);
}

}  // namespace tidewire::net
