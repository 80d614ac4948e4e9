// Counts every allocation of the program: it defines the global operators, so one file of a test program includes it.
#pragma once

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace tidewire::test {

inline std::size_t live_bytes = 0;
inline std::size_t allocations = 0;

}  // namespace tidewire::test

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) std::abort();
    tidewire::test::live_bytes += malloc_usable_size(block);
    ++tidewire::test::allocations;
    return block;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
[[gnu::noinline]] void operator delete(void* block) noexcept {
    tidewire::test::live_bytes -= malloc_usable_size(block);
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
