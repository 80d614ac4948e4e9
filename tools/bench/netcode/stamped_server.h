// A real server in a thread of its own that notes when each tick began and how long its thread has computed.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "sdk/core/base/time.h"
#include "tidewire/game.h"
#include "tidewire/result.h"
#include "tidewire/server_options.h"

namespace tidewire::bench {

class StampedServer {
public:
    /// Listens on a free port of 127.0.0.1 and runs until it goes, on processor 0. `game` must outlive it.
    static Result<std::unique_ptr<StampedServer>> start(const Game& game, ServerOptions options);
    ~StampedServer();

    std::uint16_t port() const;
    /// When the tick began; `never` for one that is not among the last thousands.
    TimePoint began(Tick tick) const;
    /// Seconds that the server's thread has had a processor for.
    double cpu_seconds();

private:
    struct Server;
    StampedServer();

    std::unique_ptr<Server> server_;
    std::vector<std::atomic<std::int64_t>> stamps_;  // by tick, around
    std::thread thread_;
};

}  // namespace tidewire::bench
