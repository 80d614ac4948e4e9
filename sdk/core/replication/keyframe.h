// A whole snapshot as planes: for each table the indexes that have a row, then every column on its own.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// One table of a keyframe.
struct TablePlanes {
    std::uint16_t table = 0;
    Bytes present;  ///< The rows' indexes, ascending, as varint gaps.
    Bytes planes;   ///< Column after column, each as byte planes of its differences from row to row: zstd likes them.
};

/// Tables without rows are left out.
std::vector<TablePlanes> encode_planes(const Layout& layout, const Snapshot& snapshot);

/// Views of the same, as they come from the wire.
struct TablePlanesView {
    std::uint16_t table = 0;
    ByteSpan present;
    ByteSpan planes;
};

/// Errors blame the peer, for the reasons that apply_delta() lists.
Result<Snapshot> decode_planes(const Layout& layout, std::span<const TablePlanesView> tables, Tick tick,
                               std::uint32_t entities_max);

}  // namespace tidewire::replication
