// Which of many descriptors are ready: epoll, level-triggered. It owns none of them and calls nobody back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/net/socket.h"
#include "sdk/net/wait.h"
#include "tidewire/result.h"

namespace tidewire::net {

/// For one thread; wake it from others by a Waker that was added.
class Poller {
public:
    static Result<Poller> create();

    /// `key` comes back with each readiness: the caller's own number for the descriptor. Precondition: `fd` was not added.
    Result<void> add(int fd, std::uint64_t key, Interest interest);
    /// Precondition: `fd` was added. An interest in nothing still reports a hang-up.
    void modify(int fd, std::uint64_t key, Interest interest);
    /// Call before the descriptor is closed. Readiness that wait() has returned already still names its key.
    void remove(int fd);

    struct Ready {
        std::uint64_t key = 0;
        bool readable = false;  ///< Also at the end of the stream and after an error: read() tells which.
        bool writable = false;
        bool hangup = false;  ///< Both directions are over, or the descriptor failed.
    };
    static constexpr std::size_t ready_max = 256;
    /// Sleeps until something is ready or `timeout` has passed; 0 only looks, Duration::max() has no limit. The empty span also
    /// means that a signal came. At most ready_max at once, the others at the next call; valid until then.
    std::span<const Ready> wait(Duration timeout);

private:
    explicit Poller(Descriptor epoll);

    Descriptor epoll_;
    std::vector<Ready> ready_;
};

}  // namespace tidewire::net
