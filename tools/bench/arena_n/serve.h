// The server's process of the workload: a gate and a shard, and how long each tick took.
#pragma once

#include <chrono>
#include <cstdint>

#include "tidewire/result.h"
#include "tools/bench/arena_n/game.h"

namespace tidewire::bench::arena_n {

struct ServeOptions {
    std::uint32_t clients = 1;
    Sight sight{};
    std::uint32_t shards = 1;
    std::uint32_t spectators = 0;
    std::chrono::milliseconds spectator_delay{0};
};

/// Prints its port, runs until SIGTERM, and prints its figures in one line: those since the last SIGUSR1. Errors: the machine's.
Result<void> serve(const ServeOptions& options);

}  // namespace tidewire::bench::arena_n
