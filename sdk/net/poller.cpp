// epoll.
#include "sdk/net/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "sdk/net/timespec.h"

namespace tidewire::net {

namespace {

epoll_event to_event(std::uint64_t key, Interest interest) {
    epoll_event event{};
    event.events = (interest.readable ? EPOLLIN : 0U) | (interest.writable ? EPOLLOUT : 0U) |
                   (interest.exclusive ? static_cast<std::uint32_t>(EPOLLEXCLUSIVE) : 0U);
    event.data.u64 = key;
    return event;
}

}  // namespace

Poller::Poller(Descriptor epoll) : epoll_(std::move(epoll)) { ready_.reserve(ready_max); }

Result<Poller> Poller::create() {
    Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll.valid())
        return unexpected(Blame::Machine, std::string("could not make an epoll set: ") + std::strerror(errno));
    return Poller(std::move(epoll));
}

Result<void> Poller::add(int fd, std::uint64_t key, Interest interest) {
    epoll_event event = to_event(key, interest);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return unexpected(Blame::Machine, std::string("could not add to an epoll set: ") + std::strerror(errno));
    return {};
}

void Poller::modify(int fd, std::uint64_t key, Interest interest) {
    epoll_event event = to_event(key, interest);
    // The kernel modifies nothing that is exclusive.
    if (interest.exclusive) remove(fd);
    [[maybe_unused]] const int status =
        ::epoll_ctl(epoll_.get(), interest.exclusive ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    assert(status == 0 && "modify() needs a descriptor that was added");
}

void Poller::remove(int fd) {
    [[maybe_unused]] const int status = ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    assert(status == 0 && "remove() needs a descriptor that was added and is still open");
}

std::span<const Poller::Ready> Poller::wait(Duration timeout) {
    std::array<epoll_event, ready_max> events;
    const timespec limit = to_timespec(timeout);
    const bool limited = timeout != Duration::max();
    int count = ::epoll_pwait2(epoll_.get(), events.data(), ready_max, limited ? &limit : nullptr, nullptr);
    if (count < 0 && errno == ENOSYS) {
        // Linux before 5.11 counts in milliseconds; rounded up, so that nobody wakes before the time and spins.
        const Duration rest = std::clamp(timeout, Duration::zero(), Duration(std::chrono::hours(1)));
        const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(rest).count();
        count = ::epoll_wait(epoll_.get(), events.data(), ready_max, limited ? static_cast<int>(milliseconds) : -1);
    }
    ready_.clear();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const bool over = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
        ready_.push_back({.key = event.data.u64,
                          .readable = over || (event.events & EPOLLIN) != 0,
                          .writable = (event.events & EPOLLOUT) != 0,
                          .hangup = over});
    }
    return ready_;
}

}  // namespace tidewire::net
