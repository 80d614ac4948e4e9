// Replaces the global operators. What the server gives away and others free, as the events for its log, stays counted: a run that
// looks at the memory has none of them meanwhile.
#include "tools/sim/server_heap.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> server_bytes{0};
std::atomic<std::int64_t> server_allocations{0};

std::int64_t size_of(void* block) { return static_cast<std::int64_t>(malloc_usable_size(block)); }

}  // namespace

std::int64_t tidewire::sim::server_heap_bytes() { return server_bytes.load(std::memory_order_relaxed); }
std::int64_t tidewire::sim::server_heap_allocations() { return server_allocations.load(std::memory_order_relaxed); }

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) std::abort();
    if (tidewire::sim::ServerCall::running()) {
        server_bytes.fetch_add(size_of(block), std::memory_order_relaxed);
        server_allocations.fetch_add(1, std::memory_order_relaxed);
    }
    return block;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
[[gnu::noinline]] void operator delete(void* block) noexcept {
    if (tidewire::sim::ServerCall::running())
        server_bytes.fetch_sub(size_of(block), std::memory_order_relaxed);
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
