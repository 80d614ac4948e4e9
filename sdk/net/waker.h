// Wakes a sleeping Poller from another thread or a signal handler: an eventfd.
#pragma once

#include "sdk/net/socket.h"
#include "tidewire/result.h"

namespace tidewire::net {

class Waker {
public:
    static Result<Waker> create();

    /// Makes fd() readable until reset(). Safe in signal handlers and from any thread while the Waker lives.
    void wake() const;
    /// The poller's thread has seen it. Call before looking at what the wake-up was for.
    void reset();
    int fd() const { return descriptor_.get(); }

private:
    explicit Waker(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    Descriptor descriptor_;
};

}  // namespace tidewire::net
