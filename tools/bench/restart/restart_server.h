// The server of the bench of restarts, as a process of its own: tells a number in each tick, counts what each player tells, and keeps both
// through a restart.
#pragma once

#include <cstdint>
#include <string>

#include "tidewire/result.h"

namespace tidewire::bench {

struct RestartServerOptions {
    std::uint16_t port = 0;
    int tick_rate = 30;
    std::uint32_t players_max = 64;
    std::string save_directory{};
};

/// Runs until SIGTERM. Prints one line of JSON when its port is open, one for each room that it restores or saves, and one at its end.
Result<void> serve_restart(const RestartServerOptions& options);

}  // namespace tidewire::bench
