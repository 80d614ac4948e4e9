// From a world to a snapshot and back: capture() and restore().

#include <algorithm>
#include <cassert>

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

namespace {

/// `made`, or the previous chunk when it says the same. Null without rows.
ChunkPointer share(const Chunk& made, const ChunkPointer& previous) {
    if (made.present == 0) return nullptr;
    if (previous && *previous == made) return previous;
    return std::make_shared<const Chunk>(made);
}

/// Takes the snapshots of one table's chunks, in one chunk of its own that is copied only when it says something new.
class TableCapture {
public:
    TableCapture(std::size_t slot_count, const Snapshot* previous, std::size_t table)
        : slot_count_(slot_count), previous_(previous), table_(table) {}

    ChunkPointer previous(std::size_t index) const {
        if (previous_ == nullptr || table_ >= previous_->tables.size()) return nullptr;
        const auto& chunks = previous_->tables[table_];
        return index < chunks.size() ? chunks[index] : nullptr;
    }

    /// Whether the chunk must be looked at again; previous() has it otherwise.
    bool is_stale(bool touched) const { return touched || previous_ == nullptr; }

    Chunk& clear(std::uint64_t present) {
        if (scratch_.columns.empty()) scratch_ = Chunk(slot_count_);
        std::fill(scratch_.columns.begin(), scratch_.columns.end(), 0);
        scratch_.present = present;
        return scratch_;
    }

private:
    std::size_t slot_count_;
    const Snapshot* previous_;
    std::size_t table_;
    Chunk scratch_{0};
};

std::vector<ChunkPointer> capture_entities(World& world, const Snapshot* previous) {
    TableCapture table(2, previous, 0);
    std::vector<ChunkPointer> chunks(world.chunk_count());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        World::EntityChunk& entities = world.entities(i);
        const ChunkPointer before = table.previous(i);
        if (!table.is_stale(entities.touched)) {
            chunks[i] = before;
            continue;
        }
        entities.touched = false;
        if (entities.present == 0) continue;
        Chunk& made = table.clear(entities.present);
        for (std::uint64_t rest = entities.present; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            made.column(0)[row] = static_cast<std::int32_t>(entities.generation[row]);
            made.column(1)[row] = static_cast<std::int32_t>(entities.owner[row]);
        }
        chunks[i] = share(made, before);
    }
    return chunks;
}

/// The rows of a chunk that were the same entities in the previous snapshot.
std::uint64_t surviving_rows(const World::EntityChunk& entities, const Chunk* before) {
    std::uint64_t surviving = before == nullptr ? 0 : entities.present & before->present;
    for (std::uint64_t rest = surviving; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
        if (static_cast<std::uint32_t>(before->column(0)[row]) != entities.generation[row])
            surviving &= ~(std::uint64_t{1} << row);
    }
    return surviving;
}

std::vector<ChunkPointer> capture_component(const StructLayout& layout, std::uint16_t component, World& world,
                                            const Snapshot* previous, QuantizeCounters& counters) {
    TableCapture table(layout.slot_count(), previous, component + std::size_t{1});
    std::vector<ChunkPointer> chunks(world.chunk_count());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        World::Chunk& values = world.component(component, i);
        const ChunkPointer before = table.previous(i);
        if (!table.is_stale(values.touched)) {
            chunks[i] = before;
            continue;
        }
        values.touched = false;
        if (values.present == 0) continue;
        Chunk& made = table.clear(values.present);
        const Chunk* const entities_before = previous == nullptr ? nullptr : previous->chunk(0, i);
        const std::uint64_t known = before ? before->present & surviving_rows(world.entities(i), entities_before) : 0;
        for (std::uint64_t rest = values.present; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            if ((known >> row & 1) != 0)
                for (std::size_t slot = 0; slot < layout.slot_count(); ++slot)
                    made.column(slot)[row] = before->column(slot)[row];
            std::byte* const aggregate = values.values.get() + row * layout.info().size;
            layout.quantize(aggregate, made.columns.data() + row, Chunk::rows, counters);
            layout.dequantize(made.columns.data() + row, Chunk::rows, aggregate);
        }
        chunks[i] = share(made, before);
    }
    return chunks;
}

}  // namespace

Snapshot capture(const Layout& layout, World& world, const Snapshot* previous, Tick tick, QuantizeCounters& counters) {
    Snapshot snapshot;
    snapshot.tick = tick;
    snapshot.tables.reserve(layout.table_count());
    snapshot.tables.push_back(capture_entities(world, previous));
    for (std::size_t table = 1; table < layout.table_count(); ++table)
        snapshot.tables.push_back(capture_component(layout.component(table), static_cast<std::uint16_t>(table - 1),
                                                    world, previous, counters));
    return snapshot;
}

void restore(const Layout& layout, const Snapshot& snapshot, World& world) {
    const std::size_t chunks = std::max(world.chunk_count(), snapshot.tables.empty() ? 0 : snapshot.tables[0].size());
    for (std::size_t i = 0; i < chunks; ++i) {
        const Chunk* const entities = snapshot.chunk(0, i);
        for (std::uint32_t row = 0; row < Chunk::rows; ++row) {
            const auto index = static_cast<std::uint32_t>(i * Chunk::rows + row);
            if (entities == nullptr || (entities->present >> row & 1) == 0) {
                world.despawn(world.at(index));
                continue;
            }
            const EntityId id{index, static_cast<std::uint32_t>(entities->column(0)[row])};
            world.restore(id, static_cast<PlayerId>(entities->column(1)[row]));
            for (std::size_t table = 1; table < layout.table_count(); ++table) {
                const auto component = static_cast<std::uint16_t>(table - 1);
                const Chunk* const values = snapshot.chunk(table, i);
                if (values == nullptr || (values->present >> row & 1) == 0) {
                    world.remove(id, component);
                    continue;
                }
                layout.component(table).dequantize(values->columns.data() + row, Chunk::rows, world.add(id, component));
            }
        }
    }
}

}  // namespace tidewire::replication
