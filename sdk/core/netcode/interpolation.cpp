// Chunk by chunk: what is the same stays, what differs is decoded once, what moves is moved every time.
#include "sdk/core/netcode/interpolation.h"

#include <algorithm>
#include <cassert>

namespace tidewire::netcode {

using replication::Chunk;
using replication::ChunkPointer;
using replication::Snapshot;

namespace {

const ChunkPointer& chunk_of(const Snapshot& snapshot, std::size_t table, std::size_t chunk) {
    static const ChunkPointer none;
    if (table >= snapshot.tables.size() || chunk >= snapshot.tables[table].size()) return none;
    return snapshot.tables[table][chunk];
}

std::uint64_t present(const Chunk* chunk) { return chunk == nullptr ? 0 : chunk->present; }

EntityId entity_at(const Chunk& entities, std::size_t chunk, std::uint32_t row) {
    return {static_cast<std::uint32_t>(chunk * Chunk::rows) + row, static_cast<std::uint32_t>(entities.column(0)[row])};
}

/// The rows that hold the same entity in both chunks of the entity table.
std::uint64_t same_entities(const Chunk* a, const Chunk* b) {
    if (a == b) return present(a);
    std::uint64_t same = present(a) & present(b);
    for (std::uint64_t rest = same; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
        if (a->column(0)[row] != b->column(0)[row]) same &= ~(std::uint64_t{1} << row);
    }
    return same;
}

/// True when the row's record is the very one that `before`, which is drawn and untouched, had there.
bool shows_record(const Chunk* before, const Chunk& source, std::size_t row) {
    return before != nullptr && !source.records.empty() && before->records[row] == source.records[row];
}

}  // namespace

Picture::Picture(const replication::Layout& layout) : layout_(&layout), drawn_(layout.table_count()) {
    std::size_t size_max = 0;
    for (const StructInfo& component : layout.schema().components) {
        fields_.push_back(moving_fields(component));
        size_max = std::max<std::size_t>(size_max, component.size);
    }
    scratch_.resize(size_max);
}

void Picture::draw(const replication::SnapshotRing& ring, double tick, World& world) {
    const auto& snapshots = ring.all();
    assert(!snapshots.empty());
    const auto after = std::upper_bound(snapshots.begin(), snapshots.end(), tick,
                                        [](double t, const Snapshot& snapshot) { return t < snapshot.tick; });
    const Snapshot& from = after == snapshots.begin() ? snapshots.front() : *(after - 1);
    const Snapshot& to = after == snapshots.begin() || after == snapshots.end() ? from : *after;
    const double fraction = &from == &to ? 0 : (tick - from.tick) / (static_cast<double>(to.tick) - from.tick);

    const std::size_t stored = from.tables.empty() ? 0 : from.tables[0].size();
    for (std::size_t chunk = 0; chunk < std::max(stored, world.chunk_count()); ++chunk) {
        draw_entities(from, chunk, world);
        if (chunk >= world.chunk_count()) continue;  // an empty chunk of the snapshot, beyond what the world ever had
        for (std::uint16_t component = 0; component < fields_.size(); ++component) {
            draw_component(component, chunk, from, to, world);
            World::Chunk& target = world.component(component, chunk);
            drawn_[component + 1u][chunk].motions.move(fields_[component], fraction, target.values.get());
            target.touched = false;
        }
    }
}

void Picture::draw_entities(const Snapshot& from, std::size_t chunk, World& world) {
    for (auto& table : drawn_)
        if (table.size() <= chunk) table.resize(chunk + 1);
    const ChunkPointer& source = chunk_of(from, 0, chunk);
    Drawn& drawn = drawn_[0][chunk];
    const bool in_world = chunk < world.chunk_count();
    if (drawn.valid && drawn.from == source && !(in_world && world.entities(chunk).touched)) return;
    drawn.valid = true;
    drawn.from = source;

    if (in_world) {
        const World::EntityChunk& entities = world.entities(chunk);
        for (std::uint64_t rest = entities.present & ~present(source.get()); rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            world.despawn({static_cast<std::uint32_t>(chunk * Chunk::rows) + row, entities.generation[row]});
        }
    }
    for (std::uint64_t rest = present(source.get()); rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
        world.restore(entity_at(*source, chunk, row), static_cast<PlayerId>(source->column(1)[row]));
    }
    if (chunk < world.chunk_count()) world.entities(chunk).touched = false;
}

void Picture::draw_component(std::uint16_t component, std::size_t chunk, const Snapshot& from, const Snapshot& to,
                             World& world) {
    const std::size_t table = component + 1u;
    const ChunkPointer& source = chunk_of(from, table, chunk);
    const bool moves = !fields_[component].empty();
    const ChunkPointer& next = moves ? chunk_of(to, table, chunk) : source;
    World::Chunk& target = world.component(component, chunk);
    Drawn& drawn = drawn_[table][chunk];
    if (drawn.valid && drawn.from == source && drawn.to == next && !target.touched) return;
    const ChunkPointer before = drawn.valid && !target.touched ? drawn.from : nullptr;
    drawn.valid = true;
    drawn.from = source;
    drawn.to = next;
    drawn.motions.clear();

    const World::EntityChunk& entities = world.entities(chunk);
    const std::uint64_t rows = present(source.get()) & entities.present;
    const auto id_of = [&](std::uint32_t row) {
        return EntityId{static_cast<std::uint32_t>(chunk * Chunk::rows) + row, entities.generation[row]};
    };
    for (std::uint64_t rest = target.present & ~rows; rest != 0; rest &= rest - 1)
        world.remove(id_of(static_cast<std::uint32_t>(__builtin_ctzll(rest))), component);
    if (rows == 0) return;

    const std::uint32_t size = layout_->component(table).info().size;
    std::uint64_t movable = 0;
    if (next != nullptr && next != source)
        movable = replication::changed_rows(*source, *next, layout_->slot_count(table)) &
                  same_entities(chunk_of(from, 0, chunk).get(), chunk_of(to, 0, chunk).get());
    for (std::uint64_t rest = rows; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
        if (shows_record(before.get(), *source, row)) continue;
        std::byte* const value = world.add(id_of(row), component);
        replication::read_row(*layout_, table, *source, row, value);
        if ((movable >> row & 1) == 0) continue;
        layout_->component(table).dequantize(next->columns.data() + row, Chunk::rows, scratch_.data());
        drawn.motions.add(fields_[component], row * size, value, scratch_.data());
    }
}

void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world) {
    Picture(layout).draw(ring, tick, world);
}

}  // namespace tidewire::netcode
