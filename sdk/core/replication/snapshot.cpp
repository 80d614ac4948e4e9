// Comparing, hashing and keeping snapshots. Taking them from a world is in capture.cpp.

#include "sdk/core/replication/snapshot.h"

#include <algorithm>
#include <cassert>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/record.h"

namespace tidewire::replication {

namespace {

std::size_t chunk_count(const Snapshot& snapshot, std::size_t table) {
    return table < snapshot.tables.size() ? snapshot.tables[table].size() : 0;
}

std::uint64_t present(const Chunk* chunk) { return chunk == nullptr ? 0 : chunk->present; }

bool same_chunk(const Chunk* a, const Chunk* b) {
    if (a == b) return true;
    if (present(a) != present(b)) return false;
    return present(a) == 0 || *a == *b;
}

std::string difference_of_row(const Layout& layout, std::size_t table, std::uint32_t row, const Chunk* actual,
                              const Chunk* expected) {
    const std::uint64_t bit = std::uint64_t{1} << row;
    const bool is_there = (present(actual) & bit) != 0;
    const bool should_be = (present(expected) & bit) != 0;
    const std::string what = table == 0 ? "" : layout.table_name(table) + " ";
    if (is_there != should_be) return what + (is_there ? "is there, expected none" : "is missing");
    if (layout.is_record(table) && !same_record(actual->records[row], expected->records[row]))
        return first_record_difference(layout.component(table).info(), *actual->records[row], *expected->records[row]);
    for (std::size_t slot = 0; slot < layout.slot_count(table); ++slot) {
        const std::int32_t is = actual->column(slot)[row];
        const std::int32_t should = expected->column(slot)[row];
        if (is != should)
            return layout.slot_name(table, slot) + " is " + std::to_string(is) + ", expected " + std::to_string(should);
    }
    return {};
}

}  // namespace

bool same_state(const Snapshot& a, const Snapshot& b) {
    const std::size_t tables = std::max(a.tables.size(), b.tables.size());
    for (std::size_t table = 0; table < tables; ++table) {
        const std::size_t chunks = std::max(chunk_count(a, table), chunk_count(b, table));
        for (std::size_t i = 0; i < chunks; ++i)
            if (!same_chunk(a.chunk(table, i), b.chunk(table, i))) return false;
    }
    return true;
}

std::size_t bytes_beyond(const Snapshot* before, const Snapshot& snapshot) {
    std::size_t bytes = 0;
    for (std::size_t table = 0; table < snapshot.tables.size(); ++table) {
        bytes += snapshot.tables[table].capacity() * sizeof(ChunkPointer);
        for (std::size_t i = 0; i < snapshot.tables[table].size(); ++i) {
            const Chunk* const each = snapshot.chunk(table, i);
            if (each == nullptr || (before != nullptr && each == before->chunk(table, i))) continue;
            bytes += sizeof *each + each->columns.capacity() * sizeof(std::int32_t) +
                     each->records.capacity() * sizeof(RecordPointer);
        }
    }
    return bytes;
}

std::uint64_t state_hash(const Snapshot& snapshot) {
    // A sum of one hash a row: rows may be added, replaced and taken away in any order.
    std::uint64_t sum = 0;
    for (std::size_t table = 0; table < snapshot.tables.size(); ++table) {
        for (std::size_t i = 0; i < snapshot.tables[table].size(); ++i) {
            const Chunk* const chunk = snapshot.chunk(table, i);
            const std::size_t slots = chunk == nullptr ? 0 : chunk->columns.size() / Chunk::rows;
            for (std::uint64_t rest = present(chunk); rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
                std::uint64_t hash = hash_combine(table + 1, i * Chunk::rows + row);
                for (std::size_t slot = 0; slot < slots; ++slot)
                    hash = hash_combine(hash, static_cast<std::uint32_t>(chunk->column(slot)[row]));
                if (!chunk->records.empty() && chunk->records[row])
                    hash = hash_combine(hash, fnv1a(*chunk->records[row]));
                sum += hash;
            }
        }
    }
    return sum;
}

std::string first_difference(const Layout& layout, const Snapshot& actual, const Snapshot& expected) {
    for (std::size_t table = 0; table < layout.table_count(); ++table) {
        const std::size_t chunks = std::max(chunk_count(actual, table), chunk_count(expected, table));
        for (std::size_t i = 0; i < chunks; ++i) {
            const Chunk* const is = actual.chunk(table, i);
            const Chunk* const should = expected.chunk(table, i);
            if (same_chunk(is, should)) continue;
            for (std::uint64_t rest = present(is) | present(should); rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                const std::string difference = difference_of_row(layout, table, row, is, should);
                if (!difference.empty()) return "entity " + std::to_string(i * Chunk::rows + row) + ": " + difference;
            }
        }
    }
    return {};
}

void SnapshotPool::give_back(Snapshot snapshot) {
    tables_.resize(std::max(tables_.size(), snapshot.tables.size()));
    for (std::size_t table = 0; table < snapshot.tables.size(); ++table) {
        std::vector<std::shared_ptr<Chunk>>& spare = tables_[table].spare;
        // A tick needs no more than there are in one snapshot. What was many once must not stay for ever.
        const std::size_t spare_max = 2 * snapshot.tables[table].size();
        for (ChunkPointer& chunk : snapshot.tables[table])
            if (chunk.use_count() == 1 && spare.size() < spare_max)
                spare.push_back(std::const_pointer_cast<Chunk>(std::move(chunk)));
        snapshot.tables[table].clear();
    }
    if (spare_.empty()) spare_.push_back(std::move(snapshot));
}

Snapshot SnapshotPool::take() {
    if (spare_.empty()) return {};
    Snapshot taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
}

ChunkPointer SnapshotPool::copy_of(const Chunk& chunk, std::size_t table) {
    if (table >= tables_.size() || tables_[table].spare.empty()) return std::make_shared<const Chunk>(chunk);
    std::shared_ptr<Chunk> copy = std::move(tables_[table].spare.back());
    tables_[table].spare.pop_back();
    *copy = chunk;
    return copy;
}

Chunk& SnapshotPool::scratch(const Layout& layout, std::size_t table) {
    tables_.resize(std::max(tables_.size(), table + 1));
    std::unique_ptr<Chunk>& scratch = tables_[table].scratch;
    if (!scratch) scratch = std::make_unique<Chunk>(layout, table);
    return *scratch;
}

const Snapshot& SnapshotRing::push(Snapshot snapshot, SnapshotPool* pool) {
    assert(ring_.empty() || snapshot.tick > ring_.back().tick);
    ring_.push_back(std::move(snapshot));
    while (ring_.size() > capacity_) {
        Snapshot oldest = std::move(ring_.front());
        ring_.pop_front();
        if (pool != nullptr) pool->give_back(std::move(oldest));
    }
    return ring_.back();
}

void SnapshotRing::clear() {
    for (; !ring_.empty(); ring_.pop_front()) ring_.front() = {};
}

const Snapshot* SnapshotRing::find(Tick tick) const {
    const auto found = std::lower_bound(ring_.begin(), ring_.end(), tick,
                                        [](const Snapshot& snapshot, Tick wanted) { return snapshot.tick < wanted; });
    return found != ring_.end() && found->tick == tick ? &*found : nullptr;
}

}  // namespace tidewire::replication
