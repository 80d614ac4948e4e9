// Which rows of two chunks differ: one pass over whole columns, in loops that compilers turn into vector instructions.

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

namespace {

/// Rows whose differences a loop collects in registers before it goes on to the next ones.
constexpr std::size_t block_rows = 16;

/// Bit i: the row at first + i differs in any of the columns.
std::uint64_t differing(const std::int32_t* a, const std::int32_t* b, std::size_t slot_count) {
    std::int32_t differs[block_rows] = {};
    for (std::size_t slot = 0; slot < slot_count; ++slot)
        for (std::size_t row = 0; row < block_rows; ++row)
            differs[row] |= a[slot * Chunk::rows + row] ^ b[slot * Chunk::rows + row];
    std::int32_t any = 0;
    for (const std::int32_t row : differs) any |= row;
    if (any == 0) return 0;
    std::uint64_t mask = 0;
    for (std::size_t row = 0; row < block_rows; ++row) mask |= std::uint64_t{differs[row] != 0} << row;
    return mask;
}

}  // namespace

std::uint64_t changed_rows(const Chunk& a, const Chunk& b, std::size_t slot_count) {
    const std::uint64_t both = a.present & b.present;
    if (&a == &b) return 0;
    std::uint64_t changed = 0;
    for (std::size_t row = 0; row < Chunk::rows && slot_count > 0; row += block_rows)
        changed |= differing(a.columns.data() + row, b.columns.data() + row, slot_count) << row;
    if (!a.records.empty() && !b.records.empty())
        for (std::uint64_t rest = both; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            if (!same_record(a.records[row], b.records[row])) changed |= std::uint64_t{1} << row;
        }
    return changed & both;
}

}  // namespace tidewire::replication
