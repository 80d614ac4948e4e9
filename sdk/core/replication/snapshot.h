// The quantised state of a group at one tick, in columns. Chunks that did not change are shared between snapshots, so a
// snapshot costs what changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/ring_queue.h"
#include "sdk/core/replication/layout.h"
#include "tidewire/state.h"

namespace tidewire::replication {

/// What a component that is a table holds for one entity (record.h). Shared because a name outlives thousands of snapshots
/// that would each copy it; the last of them frees it.
using RecordPointer = std::shared_ptr<const Bytes>;

inline bool same_record(const RecordPointer& a, const RecordPointer& b) { return a == b || (a && b && *a == *b); }

/// 64 consecutive entity indexes of one table. Rows that are not present are zero, or null, so chunks compare as a whole.
struct Chunk {
    static constexpr std::size_t rows = World::chunk_entities;

    explicit Chunk(std::size_t slot_count) : columns(slot_count * rows) {}
    /// As wide as the table says.
    Chunk(const Layout& layout, std::size_t table)
        : columns(layout.slot_count(table) * rows), records(layout.is_record(table) ? rows : 0) {}

    std::uint64_t present = 0;
    std::vector<std::int32_t> columns;   ///< columns[slot * rows + row]
    std::vector<RecordPointer> records;  ///< Of a component that is a table: 64, and no columns. Otherwise none.

    const std::int32_t* column(std::size_t slot) const { return columns.data() + slot * rows; }
    std::int32_t* column(std::size_t slot) { return columns.data() + slot * rows; }
    friend bool operator==(const Chunk& a, const Chunk& b) {
        return a.present == b.present && a.columns == b.columns &&
               std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(), same_record);
    }
};

/// The rows that both have and that differ in any column or in their record. Precondition: both have `slot_count` columns.
std::uint64_t changed_rows(const Chunk& a, const Chunk& b, std::size_t slot_count);

/// Null stands for a chunk without rows. Shared because snapshots of many ticks, and the worlds of many readers, hold the
/// same unchanged chunk, and the last of them frees it.
using ChunkPointer = std::shared_ptr<const Chunk>;

/// The chunks of one table of a snapshot, for who looks up many.
class TableChunks {
public:
    explicit TableChunks(std::span<const ChunkPointer> chunks) : chunks_(chunks) {}
    const Chunk* operator[](std::size_t index) const { return index < chunks_.size() ? chunks_[index].get() : nullptr; }
    std::uint64_t present(std::size_t index) const {
        const Chunk* const chunk = (*this)[index];
        return chunk == nullptr ? 0 : chunk->present;
    }
    std::size_t size() const { return chunks_.size(); }

private:
    std::span<const ChunkPointer> chunks_;
};

struct Snapshot {
    Tick tick = 0;
    std::vector<std::vector<ChunkPointer>> tables;  ///< [table][chunk]

    TableChunks table(std::size_t index) const {
        return TableChunks(index < tables.size() ? std::span<const ChunkPointer>(tables[index])
                                                 : std::span<const ChunkPointer>());
    }
    const Chunk* chunk(std::size_t table, std::size_t index) const {
        return table < tables.size() && index < tables[table].size() ? tables[table][index].get() : nullptr;
    }
};

/// Equal state whatever the ticks and however chunks are shared.
bool same_state(const Snapshot& a, const Snapshot& b);

/// Memory of a snapshot beside one that it shares chunks with, nearly: most are those of the tick before. Null: all of it.
std::size_t bytes_beyond(const Snapshot* before, const Snapshot& snapshot);

/// Order-independent hash of the state, the same on every machine; the tick is not in it. An empty world hashes to 0.
std::uint64_t state_hash(const Snapshot& snapshot);

/// The first difference in a sentence ("entity 7: game.Pos.x is 120, expected 121"); empty when there is none.
std::string first_difference(const Layout& layout, const Snapshot& actual, const Snapshot& expected);

/// The memory of snapshots that nobody needs any more, for the next ones: a world in motion makes as many chunks in each tick as go with
/// the oldest.
class SnapshotPool {
public:
    /// Keeps what nobody else holds. Nobody on another thread may be about to let go of it.
    void give_back(Snapshot snapshot);

    /// Without chunks; its lists have room.
    Snapshot take();
    ChunkPointer copy_of(const Chunk& chunk, std::size_t table);
    /// A chunk of this table to work on; what is in it is anything.
    Chunk& scratch(const Layout& layout, std::size_t table);

private:
    struct Table {
        std::vector<std::shared_ptr<Chunk>> spare;
        std::unique_ptr<Chunk> scratch;
    };
    std::vector<Table> tables_;
    std::vector<Snapshot> spare_;
};

/// Quantises what was touched since `previous` (null: everything), rounds the world's values to what a reader will get, clears
/// the touched marks and shares every chunk, and every record, that did not change. `pool`, where there is one, has the memory.
Snapshot capture(const Layout& layout, World& world, const Snapshot* previous, Tick tick, QuantizeCounters& counters,
                 SnapshotPool* pool = nullptr);

/// Writes one row of a component into its aggregate, which must be alive: dequantised fields, or a decoded record.
/// Precondition: the row is present, and check_row() accepts it.
void read_row(const Layout& layout, std::size_t table, const Chunk& chunk, std::size_t row, std::byte* aggregate);

/// Writes a snapshot into a world: entities, components and dequantised values.
void restore(const Layout& layout, const Snapshot& snapshot, World& world);

/// The last `capacity` snapshots by tick. Ticks rise but may have gaps.
class SnapshotRing {
public:
    explicit SnapshotRing(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {
        ring_.reserve(capacity_ + 1);
    }

    /// Precondition: snapshot.tick is above newest()'s. What goes for it goes to `pool`, where there is one. All others stay where
    /// they are in memory.
    const Snapshot& push(Snapshot snapshot, SnapshotPool* pool = nullptr);
    /// Null when the tick is not held.
    const Snapshot* find(Tick tick) const;
    const Snapshot* newest() const { return ring_.empty() ? nullptr : &ring_.back(); }
    /// Oldest first.
    const RingQueue<Snapshot>& all() const { return ring_; }
    void clear();

private:
    std::size_t capacity_;
    RingQueue<Snapshot> ring_;
};

}  // namespace tidewire::replication
