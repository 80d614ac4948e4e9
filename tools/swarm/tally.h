// What the clients of one thread have measured; tallies of several add up.
#pragma once

#include <cstdint>

#include "sdk/core/session/client_session.h"
#include "tools/swarm/histogram.h"
#include "tools/swarm/reasons.h"

namespace tidewire::swarm {

struct Tally {
    // Of all clients, all the time.
    std::uint64_t joins = 0;            ///< Tried.
    std::uint64_t joins_succeeded = 0;  ///< They had the first state.
    Reasons join_failures{};
    Reasons disconnects{};     ///< Of those who had joined and did not want to leave.
    std::uint64_t leaves = 0;  ///< By their own will, before the end.
    Histogram join{};          ///< From the first packet to the first state.
    std::uint64_t keyframes = 0;
    std::uint64_t desyncs = 0;

    // Of clients that have settled.
    double client_seconds = 0;
    session::ClientCounters settled{};
    Histogram state_age{};  ///< Of the newest state when something arrived.
    Histogram rtt{};

    // Of the thread.
    Histogram lag{};           ///< From when something was due to when it was done.
    double cpu_seconds = 0;    ///< All threads together.
    double busiest_share = 0;  ///< Of a processor, of the busiest thread.

    void merge(const Tally& other);
};

/// What `now` has beyond `before`, added to `sum`.
void add_difference(session::ClientCounters& sum, const session::ClientCounters& now,
                    const session::ClientCounters& before);

}  // namespace tidewire::swarm
