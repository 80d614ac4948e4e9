// From a world to a snapshot and back: capture() and restore().

#include <algorithm>
#include <cassert>

#include "sdk/core/replication/record.h"
#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

namespace {

const ChunkPointer no_chunk;

/// Takes the snapshots of one table's chunks, in one chunk of its own that is copied only when it says something new.
class TableCapture {
public:
    TableCapture(const Layout& layout, const Snapshot* previous, std::size_t table, SnapshotPool& pool)
        : previous_(previous), table_(table), pool_(pool), scratch_(pool.scratch(layout, table)) {}

    const ChunkPointer& previous(std::size_t index) const {
        if (previous_ == nullptr || table_ >= previous_->tables.size()) return no_chunk;
        const auto& chunks = previous_->tables[table_];
        return index < chunks.size() ? chunks[index] : no_chunk;
    }

    /// Whether the chunk must be looked at again; previous() has it otherwise.
    bool is_stale(bool touched) const { return touched || previous_ == nullptr; }

    /// A chunk with these rows. Those in `known` are what `before` says; all others are zero, or null.
    Chunk& begin(std::uint64_t present, const Chunk* before, std::uint64_t known) {
        scratch_.present = present;
        if (known == 0) {
            std::fill(scratch_.columns.begin(), scratch_.columns.end(), 0);
            std::fill(scratch_.records.begin(), scratch_.records.end(), nullptr);
            return scratch_;
        }
        scratch_.columns = before->columns;
        scratch_.records = before->records;
        for (std::uint64_t rest = before->present & ~known; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            for (std::size_t i = row; i < scratch_.columns.size(); i += Chunk::rows) scratch_.columns[i] = 0;
            if (!scratch_.records.empty()) scratch_.records[row] = nullptr;
        }
        return scratch_;
    }

    /// What was begun, or the previous chunk when it says the same. Null without rows.
    ChunkPointer share(const ChunkPointer& previous) const {
        if (scratch_.present == 0) return nullptr;
        if (previous && *previous == scratch_) return previous;
        return pool_.copy_of(scratch_, table_);
    }

private:
    const Snapshot* previous_;
    std::size_t table_;
    SnapshotPool& pool_;
    Chunk& scratch_;
};

void capture_entities(World& world, TableCapture& table, std::vector<ChunkPointer>& chunks) {
    chunks.resize(world.chunk_count());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        World::EntityChunk& entities = world.entities(i);
        const ChunkPointer& before = table.previous(i);
        if (!table.is_stale(entities.touched)) {
            chunks[i] = before;
            continue;
        }
        entities.touched = false;
        if (entities.present == 0) continue;
        Chunk& made = table.begin(entities.present, nullptr, 0);
        for (std::uint64_t rest = entities.present; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            made.column(0)[row] = static_cast<std::int32_t>(entities.generation[row]);
            made.column(1)[row] = static_cast<std::int32_t>(entities.owner[row]);
        }
        chunks[i] = table.share(before);
    }
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

/// The aggregates of a chunk of columns, as slots; then the world's own become what the slots say.
void quantize_rows(const StructLayout& layout, World::Chunk& values, Chunk& made, QuantizeCounters& counters) {
    const std::size_t size = layout.info().size;
    layout.quantize_rows({values.values.get(), size, values.present}, made.columns.data(), Chunk::rows, counters);
    for (std::uint64_t rest = values.present; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
        layout.dequantize(made.columns.data() + row, Chunk::rows, values.values.get() + row * size);
    }
}

/// The same of a chunk of records: those that say what they said before stay the same objects.
void encode_rows(const StructInfo& info, World::Chunk& values, Chunk& made, QuantizeCounters& counters) {
    for (std::uint64_t rest = values.present; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
        std::byte* const aggregate = values.values.get() + row * info.size;
        const QuantizeCounters before = counters;
        Bytes bytes = encode_record(info, aggregate, counters);
        if (counters != before) {
            const auto decoded = decode_record(info, bytes, aggregate);
            assert(decoded.has_value());
            static_cast<void>(decoded);
        }
        RecordPointer& record = made.records[row];
        if (!record || *record != bytes) record = std::make_shared<const Bytes>(std::move(bytes));
    }
}

void capture_component(const Layout& layout, std::size_t number, World& world, TableCapture& table,
                       const Snapshot* previous, QuantizeCounters& counters, std::vector<ChunkPointer>& chunks) {
    const StructLayout& fields = layout.component(number);
    chunks.resize(world.chunk_count());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        World::Chunk& values = world.component(static_cast<std::uint16_t>(number - 1), i);
        const ChunkPointer& before = table.previous(i);
        if (!table.is_stale(values.touched)) {
            chunks[i] = before;
            continue;
        }
        values.touched = false;
        if (values.present == 0) continue;
        const Chunk* const entities_before = previous == nullptr ? nullptr : previous->chunk(0, i);
        const std::uint64_t surviving = surviving_rows(world.entities(i), entities_before);
        Chunk& made =
            table.begin(values.present, before.get(), before ? before->present & values.present & surviving : 0);
        if (layout.is_record(number))
            encode_rows(fields.info(), values, made, counters);
        else
            quantize_rows(fields, values, made, counters);
        chunks[i] = table.share(before);
    }
}

}  // namespace

void read_row(const Layout& layout, std::size_t table, const Chunk& chunk, std::size_t row, std::byte* aggregate) {
    const StructLayout& fields = layout.component(table);
    if (!layout.is_record(table)) return fields.dequantize(chunk.columns.data() + row, Chunk::rows, aggregate);
    const auto decoded = decode_record(fields.info(), *chunk.records[row], aggregate);
    assert(decoded.has_value() && "check_row() refuses such records");
    static_cast<void>(decoded);
}

Snapshot capture(const Layout& layout, World& world, const Snapshot* previous, Tick tick, QuantizeCounters& counters,
                 SnapshotPool* pool) {
    SnapshotPool own;
    SnapshotPool& memory = pool == nullptr ? own : *pool;
    Snapshot snapshot = memory.take();
    snapshot.tick = tick;
    snapshot.tables.resize(layout.table_count());
    for (std::size_t number = 0; number < snapshot.tables.size(); ++number) {
        TableCapture table(layout, previous, number, memory);
        if (number == 0)
            capture_entities(world, table, snapshot.tables[number]);
        else
            capture_component(layout, number, world, table, previous, counters, snapshot.tables[number]);
    }
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
                read_row(layout, table, *values, row, world.add(id, component));
            }
        }
    }
}

}  // namespace tidewire::replication
