// Which rows differ between two snapshots, compared once for all streams that go from the one to the other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

/// The rows of one chunk that are not what they were.
struct ChunkChanges {
    std::uint64_t changed = 0;    ///< Both snapshots have them, and they differ; see changed_rows().
    std::uint64_t come_gone = 0;  ///< One of the snapshots has them.

    std::uint64_t any() const { return changed | come_gone; }
};

/// Of one chunk of a table, in both snapshots; null where there is none.
inline ChunkChanges changes_between(const Chunk* before, const Chunk* after, std::size_t slot_count) {
    if (before == after) return {};
    const std::uint64_t was = before == nullptr ? 0 : before->present;
    const std::uint64_t is = after == nullptr ? 0 : after->present;
    return {(was & is) == 0 ? 0 : changed_rows(*before, *after, slot_count), was ^ is};
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
          chunks_(layout.table_count()) {}

    ChunkChanges rows(std::size_t table, std::size_t index) {
        std::vector<std::optional<ChunkChanges>>& known = chunks_[table];
        if (known.size() <= index) known.resize(index + 1);
        if (!known[index])
            known[index] =
                changes_between(before_->chunk(table, index), after_->chunk(table, index), layout_->slot_count(table));
        return *known[index];
    }
    /// Whether it is of these two. A ring may have put others in their places.
    bool is_of(const Snapshot& before, const Snapshot& after) const {
        return before_ == &before && after_ == &after && before_tick_ == before.tick && after_tick_ == after.tick;
    }

private:
    const Layout* layout_;
    const Snapshot* before_;
    const Snapshot* after_;
    Tick before_tick_;
    Tick after_tick_;
    std::vector<std::vector<std::optional<ChunkChanges>>> chunks_;  // [table][chunk]: as far as somebody asked
};

}  // namespace tidewire::replication
