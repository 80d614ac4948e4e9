// Traces as snapshots, made straight from the columns: no world stands behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"
#include "tools/bench/trace.h"

namespace tidewire::bench {

/// One snapshot for each frame, of ticks 1, 2, 3 …; row i is entity i. Chunks that did not change are shared, as a capture shares
/// them. Errors: Caller when the layout's only component has not one slot for each column, or when a value is beyond its slot's range.
Result<std::vector<replication::Snapshot>> make_snapshots(const replication::Layout& layout, const Trace& trace);

/// The trace with `letters` columns more, which never change: for each row a name of its own, made from the seed.
Trace with_names(const Trace& trace, std::size_t letters, std::uint64_t seed);

}  // namespace tidewire::bench
