// The clocks, and getrandom(2).
#include "sdk/net/system.h"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tidewire::net {

namespace {

/// One call for many mask keys. getrandom() gives up to 256 bytes whole and uninterrupted.
struct Block {
    std::array<std::byte, 256> bytes{};
    std::size_t used = sizeof bytes;
};

/// Without it every mask key and token would be guessable: there is nothing to go on with.
void fill(std::byte* to, std::size_t count) {
    while (count > 0) {
        const ssize_t got = ::getrandom(to, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            std::abort();
        }
        to += got;
        count -= static_cast<std::size_t>(got);
    }
}

}  // namespace

std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds> wall_clock() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

TimePoint now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return TimePoint(Duration(std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000));
}

RandomSource system_random() {
    return [](MutableByteSpan out) {
        // Of the thread, not of the source: copies of a source must never give the same bytes twice.
        thread_local Block block;
        while (!out.empty()) {
            if (out.size() >= block.bytes.size()) {
                fill(out.data(), out.size());
                return;
            }
            if (block.used == block.bytes.size()) {
                fill(block.bytes.data(), block.bytes.size());
                block.used = 0;
            }
            const std::size_t count = std::min(out.size(), block.bytes.size() - block.used);
            std::memcpy(out.data(), block.bytes.data() + block.used, count);
            std::memset(block.bytes.data() + block.used, 0, count);
            block.used += count;
            out = out.subspan(count);
        }
    };
}

}  // namespace tidewire::net
