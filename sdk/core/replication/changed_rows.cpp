// Which rows of two chunks differ: one pass over whole columns, in loops that compilers turn into vector instructions.

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

namespace {

constexpr std::size_t rows_per_byte = 8;

/// Bit i: row i differs in any of the columns.
std::uint64_t differing(const std::int32_t* a, const std::int32_t* b, std::size_t slot_count) {
    // Column after column, as they lie in memory: a snapshot that was not just made comes from far.
    std::int32_t differs[Chunk::rows] = {};
    for (std::size_t slot = 0; slot < slot_count; ++slot, a += Chunk::rows, b += Chunk::rows)
        for (std::size_t row = 0; row < Chunk::rows; ++row) differs[row] |= a[row] ^ b[row];
    std::uint64_t mask = 0;
    for (std::size_t first = 0; first < Chunk::rows; first += rows_per_byte) {
        std::uint32_t byte = 0;
        for (std::size_t i = 0; i < rows_per_byte; ++i) byte |= std::uint32_t{differs[first + i] != 0} << i;
        mask |= std::uint64_t{byte} << first;
    }
    return mask;
}

}  // namespace

std::uint64_t changed_rows(const Chunk& a, const Chunk& b, std::size_t slot_count) {
    const std::uint64_t both = a.present & b.present;
    if (&a == &b) return 0;
    std::uint64_t changed = 0;
    if (slot_count > 0) changed = differing(a.columns.data(), b.columns.data(), slot_count);
    if (!a.records.empty() && !b.records.empty())
        for (std::uint64_t rest = both; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            if (!same_record(a.records[row], b.records[row])) changed |= std::uint64_t{1} << row;
        }
    return changed & both;
}

}  // namespace tidewire::replication
