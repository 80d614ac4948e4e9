// What others would send for a tick: the sizes that Tidewire's delta is measured against. Nothing here decodes.
// Bit packing after Fiedler ("Snapshot Compression", 2015), and two ways to leave the work to zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct ZSTD_CCtx_s;

namespace tidewire::bench {

/// A frame of a trace, row by row. Two frames of one call are equally long, whole rows.
using Frame = std::span<const std::int32_t>;

/// Every column of every row in its width, in bits: what a frame without a baseline costs.
std::size_t bitpack_full_bytes(std::span<const unsigned> widths, std::size_t rows);

/// One bit per row says whether it changed. A changed row has for each column two bits and what they announce: nothing,
/// a delta of 4 or of 8 bits (signed), or the value in its width, whichever is smallest.
std::size_t bitpack_delta_bytes(Frame before, Frame after, std::span<const unsigned> widths);

/// The gaps between the changed rows, then column by column their zigzag deltas, compressed as a zstd frame of its own:
/// level 1, no dictionary, neither magic number nor content size nor checksum. The numbers are varints, or byte planes
/// (all low bytes, then all second bytes, as many planes as the column needs): varints are the smaller of the two by 3 %
/// where most rows tumble to rest (cubes) and planes by 3 % where all turn (arena), so both are tried and the smaller
/// frame counts; which it is costs nothing here.
std::size_t columns_zstd1_bytes(Frame before, Frame after, std::size_t columns);

/// A frame without a baseline: the byte planes of each column's values, or of their differences to the row before, as zigzag numbers,
/// in one zstd frame as columns_zstd1_bytes() has it, but of level 19. The smaller of the two.
std::size_t planes_zstd19_bytes(Frame frame, std::size_t columns);

struct ZstdContextDeleter {
    void operator()(ZSTD_CCtx_s* context) const;
};

/// Per changed row the gap, a mask of its changed columns and their zigzag deltas, all varints, through one zstd stream
/// of level 1 that is flushed after each tick: what is repeated from tick to tick is found in the window.
class VarintZstdStream {
public:
    explicit VarintZstdStream(std::size_t columns);  ///< At most 32.

    /// Sends the tick; returns its size in bytes.
    std::size_t send(Frame before, Frame after);

private:
    std::size_t columns_;
    std::unique_ptr<ZSTD_CCtx_s, ZstdContextDeleter> context_;
};

}  // namespace tidewire::bench
