// The difference of two snapshots as bytes. One section per table; the decoder trusts nothing.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"

namespace tidewire::replication {

// A body is sections in the order of their tables, then a zero. All numbers are varints; signed ones are zigzag.
//   section: tables since the last one (from 1; the first counts from table -1), bytes that follow, removed, added, changed
//   removed: rows, then per row: gap                 gap: indexes passed over since the list's last row
//   added:   rows, then per row: gap, every slot
//   changed: rows, then per row: gap, a mask of slots in whole bytes, the difference of each slot in it
// A table without difference has no section. An entity that is removed takes its rows of all tables with it. An entity
// whose generation changed is removed and added in one section, so nothing of the old one survives.

/// What turns `baseline` into `next`. Both must be of `layout`.
Bytes encode_delta(const Layout& layout, const Snapshot& baseline, const Snapshot& next);

/// `baseline` with `body` applied, at `tick`. Errors blame the peer: truncated or trailing bytes, rows that are not
/// there, indexes from `entities_max` on, values outside the schema's ranges, components of entities that are not alive.
Result<Snapshot> apply_delta(const Layout& layout, const Snapshot& baseline, ByteSpan body, Tick tick,
                             std::uint32_t entities_max);

}  // namespace tidewire::replication
