// Sleeping on one descriptor: poll(2). Loops over many use a Poller.
#pragma once

#include "sdk/core/base/time.h"

namespace tidewire::net {

class Waker;

/// What to wait for.
struct Interest {
    bool readable = true;
    bool writable = false;
    /// Of a Poller that shares the descriptor with others, each with a thread of its own: one of them is woken, or a few, not all
    /// (EPOLLEXCLUSIVE). As it was at add(), so it stays.
    bool exclusive = false;
    friend bool operator==(const Interest&, const Interest&) = default;
};

/// Sleeps until `fd` is ready or failed, a signal comes, or `timeout` has passed; 0 only looks, Duration::max() has no limit.
/// Returns whether it is ready or failed. A negative `fd` or no interest at all only lets the time pass.
bool wait(int fd, Interest interest, Duration timeout);
/// The same, and `waker` ends it, too.
bool wait(int fd, Interest interest, const Waker& waker, Duration timeout);

}  // namespace tidewire::net
