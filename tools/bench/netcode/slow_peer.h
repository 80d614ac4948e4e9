// One client among many whose link cannot carry the state, or who does not read: what the others, the server's memory and it itself feel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

/// Absent: the same run without it. Throttled: 8 KiB/s. Silent: from five seconds on it never reads. Napping: it does not read for five
/// seconds of every fifteen.
enum class SlowPeer : std::uint8_t { Absent, Throttled, Silent, Napping };
/// "absent", "throttled", "silent", "napping".
const char* name_of(SlowPeer kind);

struct SlowPeerOptions {
    SlowPeer kind = SlowPeer::Throttled;
    std::size_t others = 99;
    std::size_t bytes_per_second = 8 * 1024;  ///< Of the throttled one's link to it.
    Duration length = std::chrono::minutes(10);
    std::uint64_t seed = 1;
};

struct SlowPeerFigures {
    std::uint64_t others_hash = 0;  ///< Over every byte of each of the others' streams.
    std::uint64_t others_bytes = 0;
    double others_ticks_per_second = 0;  ///< Each, on average.
    std::uint64_t faults = 0;   ///< Snapshots, of anybody, that are not the server's of that tick; and desyncs.
    bool slow_playing = false;  ///< At the end.
    double slow_ticks_per_second = 0;
    double slow_age_ms_max = 0;  ///< Of its newest snapshot, from five seconds on.
    /// Of a throttled one: by how much a snapshot was older than its link allows, at most; never above 0. What the link allows is
    /// promised_age_ms() of the largest tick that was on its way then, and on average it is `slow_age_ms_allowed_mean`.
    double slow_age_ms_beyond_max = -1e9;
    double slow_age_ms_allowed_mean = 0;
    double server_heap_kib = 0;         ///< What the server alone holds, on average over the last tenth of the time.
    double server_heap_growth_kib = 0;  ///< Since the second tenth.
    double server_heap_kib_max = 0;     ///< From there on.
};

SlowPeerFigures run_slow_peer(const SlowPeerOptions& options);

}  // namespace tidewire::bench
