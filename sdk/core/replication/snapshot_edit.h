// A snapshot under change: chunks are copied when they are first written to and shared with the old one otherwise.
#pragma once

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

class SnapshotEdit {
public:
    /// `layout` must outlive the edit; `base` is copied, at the cost of its pointers.
    SnapshotEdit(const Layout& layout, const Snapshot& base);

    const Layout& layout() const { return *layout_; }
    /// What the edit began with.
    const Snapshot& base() const { return base_; }
    /// As it is now; null without rows.
    const Chunk* chunk(std::size_t table, std::size_t index) const {
        return index < own_[table].size() && own_[table][index] ? own_[table][index].get() : base_.chunk(table, index);
    }
    std::uint64_t present(std::size_t table, std::size_t index) const {
        const Chunk* const found = chunk(table, index);
        return found == nullptr ? 0 : found->present;
    }
    bool has(std::size_t table, std::uint32_t entity) const {
        return (present(table, entity / Chunk::rows) >> (entity % Chunk::rows) & 1) != 0;
    }
    /// Of the entity at an index; 0 when there is none.
    std::uint32_t generation(std::uint32_t entity) const;

    /// A chunk of our own, to write to.
    Chunk& edit(std::size_t table, std::size_t index);
    /// Adds a row of zeros; nothing happens when it is there.
    Chunk& add(std::size_t table, std::uint32_t entity);
    /// Nothing happens when it is not there.
    void remove(std::size_t table, std::uint32_t entity);
    /// The entity and all its components.
    void remove_entity(std::uint32_t entity);

    Snapshot finish(Tick tick) &&;

private:
    const Layout* layout_;
    Snapshot base_;
    std::vector<std::vector<std::shared_ptr<Chunk>>> own_;  // [table][chunk]; shared later, as ChunkPointer says
};

}  // namespace tidewire::replication
