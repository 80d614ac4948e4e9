// Copy on write, by chunk.

#include "sdk/core/replication/snapshot_edit.h"

namespace tidewire::replication {

SnapshotEdit::SnapshotEdit(const Layout& layout, const Snapshot& base)
    : layout_(&layout), base_(base), own_(layout.table_count()) {
    base_.tables.resize(layout.table_count());
}

std::uint32_t SnapshotEdit::generation(std::uint32_t entity) const {
    if (!has(0, entity)) return 0;
    return static_cast<std::uint32_t>(chunk(0, entity / Chunk::rows)->column(0)[entity % Chunk::rows]);
}

Chunk& SnapshotEdit::edit(std::size_t table, std::size_t index) {
    if (own_[table].size() <= index) own_[table].resize(index + 1);
    std::shared_ptr<Chunk>& own = own_[table][index];
    if (!own) {
        const Chunk* const before = base_.chunk(table, index);
        own = before != nullptr ? std::make_shared<Chunk>(*before) : std::make_shared<Chunk>(*layout_, table);
    }
    return *own;
}

Chunk& SnapshotEdit::add(std::size_t table, std::uint32_t entity) {
    Chunk& chunk = edit(table, entity / Chunk::rows);
    chunk.present |= std::uint64_t{1} << (entity % Chunk::rows);
    return chunk;
}

void SnapshotEdit::remove(std::size_t table, std::uint32_t entity) {
    if (!has(table, entity)) return;
    const std::size_t row = entity % Chunk::rows;
    Chunk& chunk = edit(table, entity / Chunk::rows);
    chunk.present &= ~(std::uint64_t{1} << row);
    for (std::size_t slot = 0; slot < layout_->slot_count(table); ++slot) chunk.column(slot)[row] = 0;
    if (!chunk.records.empty()) chunk.records[row] = nullptr;
}

void SnapshotEdit::remove_entity(std::uint32_t entity) {
    for (std::size_t table = 0; table < layout_->table_count(); ++table) remove(table, entity);
}

Snapshot SnapshotEdit::finish(Tick tick) && {
    for (std::size_t table = 0; table < own_.size(); ++table) {
        std::vector<ChunkPointer>& chunks = base_.tables[table];
        if (chunks.size() < own_[table].size()) chunks.resize(own_[table].size());
        for (std::size_t i = 0; i < own_[table].size(); ++i) {
            std::shared_ptr<Chunk>& own = own_[table][i];
            if (!own) continue;
            if (own->present == 0)
                chunks[i] = nullptr;
            else
                chunks[i] = std::move(own);
        }
    }
    base_.tick = tick;
    return std::move(base_);
}

}  // namespace tidewire::replication
