// A process that can open nothing more, for tests of what becomes of those who come then.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace tidewire::test {

/// As long as it lives, below the first descriptor that is free when it begins.
class NoDescriptors {
public:
    NoDescriptors() {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &limit_) == 0);
        const int next = ::dup(0);
        REQUIRE(next >= 0);
        ::close(next);
        rlimit full = limit_;
        full.rlim_cur = static_cast<rlim_t>(next);
        REQUIRE(setrlimit(RLIMIT_NOFILE, &full) == 0);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &limit_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit limit_{};
};

}  // namespace tidewire::test
