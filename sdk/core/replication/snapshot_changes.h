// Which rows differ between two snapshots, compared once for all streams that go from the one to the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

/// The rows of one chunk that are not what they were.
struct ChunkChanges {
    std::uint64_t changed = 0;    ///< Both snapshots have them, and they differ; see changed_rows().
    std::uint64_t come_gone = 0;  ///< One of the snapshots has them.
    std::uint64_t has = 0;        ///< The later one has them.

    std::uint64_t any() const { return changed | come_gone; }
};

/// Of one chunk of a table, in both snapshots; null where there is none.
inline ChunkChanges changes_between(const Chunk* before, const Chunk* after, std::size_t slot_count) {
    const std::uint64_t was = before == nullptr ? 0 : before->present;
    const std::uint64_t is = after == nullptr ? 0 : after->present;
    if (before == after) return {.has = is};
    return {(was & is) == 0 ? 0 : changed_rows(*before, *after, slot_count), was ^ is, is};
}

class SnapshotChanges {
public:
    /// All three must outlive it.
    SnapshotChanges(const Layout& layout, const Snapshot& before, const Snapshot& after)
        : layout_(&layout),
          before_(&before),
          after_(&after),
          before_tick_(before.tick),
          after_tick_(after.tick),
          tables_(layout.table_count()) {}

    /// From now on it is of these two, and nothing is known of them.
    void restart(const Snapshot& before, const Snapshot& after) {
        before_ = &before;
        after_ = &after;
        before_tick_ = before.tick;
        after_tick_ = after.tick;
        for (Table& table : tables_) {
            table.chunks.clear();
            table.sharing = Sharing::Unknown;
        }
    }
    Tick before_tick() const { return before_tick_; }

    const ChunkChanges& rows(std::size_t table, std::size_t index) {
        std::vector<Known>& chunks = tables_[table].chunks;
        if (index >= chunks.size()) chunks.resize(std::max({index + 1, chunks_before(table), chunks_after(table)}));
        Known& known = chunks[index];
        if (!known.is_known) known = {find(table, index), true};
        return known.changes;
    }
    /// Whether both share all chunks of a table: most tables change in few ticks.
    bool shares(std::size_t table) {
        Table& of = tables_[table];
        if (of.sharing == Sharing::Unknown) of.sharing = find_shared(table) ? Sharing::All : Sharing::Some;
        return of.sharing == Sharing::All;
    }
    /// Whether it is of these two. A ring may have put others in their places.
    bool is_of(const Snapshot& before, const Snapshot& after) const {
        return before_ == &before && after_ == &after && before_tick_ == before.tick && after_tick_ == after.tick;
    }

private:
    enum class Sharing : std::uint8_t { Unknown, All, Some };
    struct alignas(32) Known {
        ChunkChanges changes;
        bool is_known = false;
    };
    struct Table {
        std::vector<Known> chunks;  // as far as somebody asked
        Sharing sharing = Sharing::Unknown;
    };

    std::size_t chunks_before(std::size_t table) const { return before_->table(table).size(); }
    std::size_t chunks_after(std::size_t table) const { return after_->table(table).size(); }
    ChunkChanges find(std::size_t table, std::size_t index) const {
        return changes_between(before_->chunk(table, index), after_->chunk(table, index), layout_->slot_count(table));
    }
    bool find_shared(std::size_t table) const {
        const TableChunks before = before_->table(table);
        const TableChunks after = after_->table(table);
        for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i)
            if (before[i] != after[i]) return false;
        return true;
    }

    const Layout* layout_;
    const Snapshot* before_;
    const Snapshot* after_;
    Tick before_tick_;
    Tick after_tick_;
    std::vector<Table> tables_;
};

}  // namespace tidewire::replication
