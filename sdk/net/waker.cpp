// eventfd(2).
#include "sdk/net/waker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace tidewire::net {

Result<Waker> Waker::create() {
    Descriptor descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!descriptor.valid())
        return unexpected(Blame::Machine, std::string("could not make an eventfd: ") + std::strerror(errno));
    return Waker(std::move(descriptor));
}

void Waker::wake() const {
    const int interrupted_errno = errno;  // a signal handler must not change it
    const std::uint64_t one = 1;
    // The only failure is a full counter, and then it is readable already.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_.get(), &one, sizeof one);
    errno = interrupted_errno;
}

void Waker::reset() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(descriptor_.get(), &count, sizeof count);
}

}  // namespace tidewire::net
