// Chunk by chunk: what is the same stays, what differs is decoded once, what moves is moved every time.
#include "sdk/core/netcode/interpolation.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "sdk/core/replication/scalar_io.h"

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

/// True when the row's record is the very one that `before`, which is drawn and untouched, had there.
bool shows_record(const Chunk* before, const Chunk& source, std::size_t row) {
    return before != nullptr && !source.records.empty() && before->records[row] == source.records[row];
}

/// The rotations are opposite ways to say the same when this is negative: the shorter way is to the other's negative.
double dot(const std::array<double, 4>& a, const std::array<double, 4>& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
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
    const ChunkPointer before = drawn.valid && !target.touched ? drawn.from : nullptr;
    drawn.valid = true;
    drawn.from = source;
    drawn.to = next;
    drawn.motions.clear();
    drawn.rotations.clear();

    const World::EntityChunk& entities = world.entities(chunk);
    const std::uint64_t rows = present(source.get()) & entities.present;
    const auto id_of = [&](std::uint32_t row) {
        return EntityId{static_cast<std::uint32_t>(chunk * Chunk::rows) + row, entities.generation[row]};
    };
    for (std::uint64_t rest = target.present & ~rows; rest != 0; rest &= rest - 1)
        world.remove(id_of(static_cast<std::uint32_t>(__builtin_ctzll(rest))), component);
    if (rows == 0) return;

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
        add_motions(component, row, value, scratch_.data(), drawn);
    }
}

void Picture::add_motions(std::uint16_t component, std::uint32_t row, const std::byte* from, const std::byte* to,
                          Drawn& drawn) const {
    const std::size_t motions = drawn.motions.size();
    const std::size_t rotations = drawn.rotations.size();
    const std::vector<MovingField>& fields = fields_[component];
    const std::uint32_t base = row * layout_->component(component + 1u).info().size;
    for (std::uint16_t i = 0; i < fields.size(); ++i) {
        const bool moves = fields[i].path == Path::Rotation ? add_rotation(fields[i], base, from, to, drawn)
                                                            : add_motion(fields[i], i, base, from, to, drawn);
        if (moves) continue;
        drawn.motions.resize(motions);
        drawn.rotations.resize(rotations);
        return;
    }
}

bool Picture::add_motion(const MovingField& moved, std::uint16_t index, std::uint32_t base, const std::byte* from,
                         const std::byte* to, Drawn& drawn) {
    const FieldInfo& field = *moved.info;
    const double start = replication::load_number(from + field.offset, field.scalar);
    const double end = replication::load_number(to + field.offset, field.scalar);
    double delta = end - start;
    if (moved.path == Path::Arc) delta = std::remainder(delta, two_pi);
    if (delta == 0 || !std::isfinite(delta)) return true;
    if (field.snap > 0 && std::abs(delta) > field.snap) return false;
    if (!moves_exactly(field, start, end)) return true;
    drawn.motions.push_back({base + field.offset, index, start, delta});
    return true;
}

bool Picture::add_rotation(const MovingField& moved, std::uint32_t base, const std::byte* from, const std::byte* to,
                           Drawn& drawn) {
    const FieldInfo* const fields = moved.info;
    Rotation rotation{.base = base, .fields = fields, .from = {}, .delta = {}};
    std::array<double, 4> end;
    for (std::size_t i = 0; i < 4; ++i) {
        rotation.from[i] = replication::load_number(from + fields[i].offset, fields[i].scalar);
        end[i] = replication::load_number(to + fields[i].offset, fields[i].scalar);
    }
    if (rotation.from == end) return true;
    const double cosine = dot(rotation.from, end);  // Of half the angle between.
    if (!std::isfinite(cosine)) return true;
    if (fields[0].snap > 0 && 2 * std::acos(std::min(1.0, std::abs(cosine))) > fields[0].snap) return false;
    for (std::size_t i = 0; i < 4; ++i) rotation.delta[i] = (cosine < 0 ? -end[i] : end[i]) - rotation.from[i];
    drawn.rotations.push_back(rotation);
    return true;
}

void Picture::move(std::uint16_t component, const Drawn& drawn, double fraction, std::byte* values) const {
    for (const Motion& motion : drawn.motions) {
        const MovingField& field = fields_[component][motion.field];
        double value = motion.from + motion.delta * fraction;
        if (field.path == Path::Arc) value = within_circle(*field.info, value);
        replication::store_number(values + motion.offset, field.info->scalar, value);
    }
    for (const Rotation& rotation : drawn.rotations) {
        std::array<double, 4> q;
        for (std::size_t i = 0; i < 4; ++i) q[i] = rotation.from[i] + rotation.delta[i] * fraction;
        const double length = std::sqrt(dot(q, q));
        if (!(length > 0)) continue;  // Only of what no unit quaternion is.
        for (std::size_t i = 0; i < 4; ++i)
            replication::store_number(values + rotation.base + rotation.fields[i].offset, rotation.fields[i].scalar,
                                      q[i] / length);
    }
}

void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world) {
    Picture(layout).draw(ring, tick, world);
}

}  // namespace tidewire::netcode
