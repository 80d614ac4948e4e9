// Two of the scenarios with real sockets, a real server and real time: their figures vary from run to run.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"
#include "tidewire/result.h"
#include "tools/bench/netcode/crowd.h"
#include "tools/bench/netcode/rate_drop.h"

namespace tidewire::bench {

struct PairOptions {
    std::size_t others = 99;
    Appetite slow{};  ///< Of the hundredth.
    int pairs = 5;
    Duration length = std::chrono::seconds(5);  ///< That is measured, of each run.
    std::uint64_t seed = 1;
};

/// Medians over pairs of runs, one with the slow client and one without, alternating which comes first.
struct PairFigures {
    double cpu_ratio = 0;  ///< Of the server's thread.
    double p99_ratio = 0;  ///< Of the others' time from the tick's begin to the client.
    double cpu_percent = 0;
    double p99_ms = 0;  ///< Without it.
};

Result<PairFigures> run_slow_peer_pairs(const PairOptions& options);

/// The same drop as run_rate_drop()'s, made by tidewire-badnet's proxy.
Result<RateDropFigures> run_rate_drop_sockets(const RateDropOptions& options);

}  // namespace tidewire::bench
