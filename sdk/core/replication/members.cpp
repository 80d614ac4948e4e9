// A sorted list: groups have few parts, and most of their life they do not change.

#include "sdk/core/replication/members.h"

#include <algorithm>

#include "sdk/core/base/bits.h"

namespace tidewire::replication {

namespace {

bool before(const Members::Part& part, std::size_t chunk) { return part.chunk < chunk; }

constexpr std::uint64_t bit(std::uint32_t index) { return std::uint64_t{1} << (index % Chunk::rows); }
constexpr std::uint32_t chunk_of(std::uint32_t index) { return index / static_cast<std::uint32_t>(Chunk::rows); }

}  // namespace

std::size_t Members::count() const {
    std::size_t sum = 0;
    for (const Part& part : parts_) sum += bit_count(part.rows);
    return sum;
}

std::uint64_t Members::rows(std::size_t chunk) const {
    const auto found = std::lower_bound(parts_.begin(), parts_.end(), chunk, before);
    return found != parts_.end() && found->chunk == chunk ? found->rows : 0;
}

void Members::insert(std::uint32_t index) {
    const auto found = at_or_after(chunk_of(index));
    if (found != parts_.end() && found->chunk == chunk_of(index))
        found->rows |= bit(index);
    else
        parts_.insert(found, {chunk_of(index), bit(index)});
}

void Members::erase(std::uint32_t index) {
    const auto found = at_or_after(chunk_of(index));
    if (found == parts_.end() || found->chunk != chunk_of(index)) return;
    found->rows &= ~bit(index);
    if (found->rows == 0) parts_.erase(found);
}

void Members::set_rows(std::uint32_t chunk, std::uint64_t rows) {
    const auto found = at_or_after(chunk);
    const bool there = found != parts_.end() && found->chunk == chunk;
    if (rows == 0) {
        if (there) parts_.erase(found);
    } else if (there) {
        found->rows = rows;
    } else {
        parts_.insert(found, {chunk, rows});
    }
}

std::vector<Members::Part>::iterator Members::at_or_after(std::uint32_t chunk) {
    // Members are mostly added in order.
    if (parts_.empty() || parts_.back().chunk < chunk) return parts_.end();
    return std::lower_bound(parts_.begin(), parts_.end(), chunk, before);
}

Members all_members(const Snapshot& snapshot) {
    Members all;
    const std::size_t chunks = snapshot.tables.empty() ? 0 : snapshot.tables[0].size();
    for (std::size_t i = 0; i < chunks; ++i)
        if (const Chunk* const entities = snapshot.chunk(0, i); entities != nullptr)
            all.set_rows(static_cast<std::uint32_t>(i), entities->present);
    return all;
}

}  // namespace tidewire::replication
