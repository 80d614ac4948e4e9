// How much memory a virtual run's server holds, apart from its clients and links in the same process. Only a program that links
// tidewire_server_heap counts: there operator new asks whether the server is being called.
#pragma once

#include <cstdint>

namespace tidewire::sim {

/// As long as one lives, what this thread allocates and frees is the server's.
class ServerCall {
public:
    ServerCall() { ++depth_; }
    ~ServerCall() { --depth_; }
    ServerCall(const ServerCall&) = delete;
    ServerCall& operator=(const ServerCall&) = delete;

    static bool running() { return depth_ > 0; }

private:
    inline static thread_local int depth_ = 0;
};

/// Bytes that servers of this program have allocated and not freed, as malloc rounds them. For differences: what was given to a server
/// when it was made, and is freed by it, was not counted.
std::int64_t server_heap_bytes();

/// How often servers of this program have asked for memory.
std::int64_t server_heap_allocations();

}  // namespace tidewire::sim
