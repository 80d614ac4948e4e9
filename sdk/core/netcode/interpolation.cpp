// Chunk by chunk: what is the same stays, what differs is decoded once, what moves is moved every time.
#include "sdk/core/netcode/interpolation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace tidewire::netcode {

using replication::Chunk;
using replication::ChunkPointer;
using replication::Snapshot;

namespace {

constexpr double two_pi = 6.283185307179586476925;

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

bool same_row(const Chunk& a, const Chunk& b, std::size_t row) {
    for (std::size_t i = row; i < a.columns.size(); i += Chunk::rows)
        if (a.columns[i] != b.columns[i]) return false;
    return true;
}

template <class T>
double load_as(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return static_cast<double>(value);
}

double load(Scalar scalar, const std::byte* at) {
    switch (scalar) {
        case Scalar::Bool:
        case Scalar::UInt8:
            return load_as<std::uint8_t>(at);
        case Scalar::Int8:
            return load_as<std::int8_t>(at);
        case Scalar::Int16:
            return load_as<std::int16_t>(at);
        case Scalar::UInt16:
            return load_as<std::uint16_t>(at);
        case Scalar::Int32:
            return load_as<std::int32_t>(at);
        case Scalar::UInt32:
            return load_as<std::uint32_t>(at);
        case Scalar::Int64:
            return load_as<std::int64_t>(at);
        case Scalar::UInt64:
            return load_as<std::uint64_t>(at);
        case Scalar::Float:
            return load_as<float>(at);
        case Scalar::Double:
            return load_as<double>(at);
    }
    return 0;
}

template <class T>
void store_as(double value, std::byte* at) {
    const T stored = static_cast<T>(value);
    std::memcpy(at, &stored, sizeof(T));
}

/// `value` lies between two values of this type, so it fits once it is rounded.
void store(Scalar scalar, double value, std::byte* at) {
    switch (scalar) {
        case Scalar::Bool:
        case Scalar::UInt8:
            return store_as<std::uint8_t>(std::round(value), at);
        case Scalar::Int8:
            return store_as<std::int8_t>(std::round(value), at);
        case Scalar::Int16:
            return store_as<std::int16_t>(std::round(value), at);
        case Scalar::UInt16:
            return store_as<std::uint16_t>(std::round(value), at);
        case Scalar::Int32:
            return store_as<std::int32_t>(std::round(value), at);
        case Scalar::UInt32:
            return store_as<std::uint32_t>(std::round(value), at);
        case Scalar::Int64:
            return store_as<std::int64_t>(std::round(value), at);
        case Scalar::UInt64:
            return store_as<std::uint64_t>(std::round(value), at);
        case Scalar::Float:
            return store_as<float>(value, at);
        case Scalar::Double:
            return store_as<double>(value, at);
    }
}

/// 64-bit integers beyond the 53 bits of a double hold: a line between them would not end where it must.
bool has_exact_doubles(Scalar scalar) { return scalar != Scalar::Int64 && scalar != Scalar::UInt64; }
constexpr double exact_max = 9007199254740992.0;

}  // namespace

Picture::Picture(const replication::Layout& layout) : layout_(&layout), drawn_(layout.table_count()) {
    std::size_t size_max = 0;
    for (const StructInfo& component : layout.schema().components) {
        std::vector<Field>& fields = fields_.emplace_back();
        size_max = std::max<std::size_t>(size_max, component.size);
        for (const FieldInfo& field : component.fields) {
            if (field.interpolation == Interpolation::Hold || field.scalar == Scalar::Bool) continue;
            fields.push_back({&field, field.interpolation == Interpolation::Angle});
        }
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
            move(component, drawn_[component + 1u][chunk], fraction, target.values.get());
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

    const replication::StructLayout& layout = layout_->component(table);
    const bool may_move = next != nullptr && next != source;
    const std::uint64_t movable =
        may_move ? next->present & same_entities(chunk_of(from, 0, chunk).get(), chunk_of(to, 0, chunk).get()) : 0;
    for (std::uint64_t rest = rows; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
        std::byte* const value = world.add(id_of(row), component);
        layout.dequantize(source->columns.data() + row, Chunk::rows, value);
        if ((movable >> row & 1) == 0 || same_row(*source, *next, row)) continue;
        layout.dequantize(next->columns.data() + row, Chunk::rows, scratch_.data());
        add_motions(component, row, value, scratch_.data(), drawn.motions);
    }
}

void Picture::add_motions(std::uint16_t component, std::uint32_t row, const std::byte* from, const std::byte* to,
                          std::vector<Motion>& motions) const {
    const std::size_t first = motions.size();
    const std::vector<Field>& fields = fields_[component];
    for (std::uint16_t i = 0; i < fields.size(); ++i) {
        const FieldInfo& field = *fields[i].info;
        const double start = load(field.scalar, from + field.offset);
        const double end = load(field.scalar, to + field.offset);
        double delta = end - start;
        if (fields[i].is_angle) delta = std::remainder(delta, two_pi);
        if (delta == 0 || !std::isfinite(delta)) continue;
        if (field.snap > 0 && std::abs(delta) > field.snap) {
            motions.resize(first);
            return;
        }
        if (!has_exact_doubles(field.scalar) && std::max(std::abs(start), std::abs(end)) > exact_max) continue;
        const std::uint32_t size = layout_->component(component + 1u).info().size;
        motions.push_back({row * size + field.offset, i, start, delta});
    }
}

void Picture::move(std::uint16_t component, const Drawn& drawn, double fraction, std::byte* values) const {
    for (const Motion& motion : drawn.motions) {
        const Field& field = fields_[component][motion.field];
        double value = motion.from + motion.delta * fraction;
        // The shorter arc may leave the declared range on the side where the circle closes.
        if (field.is_angle && value > field.info->max) value -= two_pi;
        if (field.is_angle && value < field.info->min) value += two_pi;
        if (field.is_angle) value = std::clamp(value, field.info->min, field.info->max);
        store(field.info->scalar, value, values + motion.offset);
    }
}

void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world) {
    Picture(layout).draw(ring, tick, world);
}

}  // namespace tidewire::netcode
