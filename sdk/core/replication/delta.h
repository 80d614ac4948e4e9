// The difference of two snapshots as bytes. One section per table; the decoder trusts nothing.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// What turns `baseline` into `next`. Both must be of `layout`.
Bytes encode_delta(const Layout& layout, const Snapshot& baseline, const Snapshot& next);

/// `baseline` with `body` applied, at `tick`. Errors blame the peer: truncated or trailing bytes, rows that are not
/// there, indexes from `entities_max` on, values outside the schema's ranges, components of entities that are not alive.
Result<Snapshot> apply_delta(const Layout& layout, const Snapshot& baseline, ByteSpan body, Tick tick,
                             std::uint32_t entities_max);

}  // namespace tidewire::replication
