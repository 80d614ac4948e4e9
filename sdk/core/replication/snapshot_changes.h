// Which rows differ between two snapshots, compared once for all streams that go from the one to the other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

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

    /// The rows of one chunk that both snapshots have and that differ; see changed_rows().
    std::uint64_t rows(std::size_t table, std::size_t index) {
        const Chunk* const before = before_->chunk(table, index);
        const Chunk* const after = after_->chunk(table, index);
        if (before == after || before == nullptr || after == nullptr) return 0;
        std::vector<std::optional<std::uint64_t>>& known = chunks_[table];
        if (known.size() <= index) known.resize(after_->tables[table].size());
        if (!known[index]) known[index] = changed_rows(*before, *after, layout_->slot_count(table));
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
    std::vector<std::vector<std::optional<std::uint64_t>>> chunks_;  // [table][chunk]: as far as somebody asked
};

}  // namespace tidewire::replication
