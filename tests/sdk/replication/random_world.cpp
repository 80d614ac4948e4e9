// Values are often outside their ranges: NaN, infinities and large ones belong to every world.

#include "tests/sdk/replication/random_world.h"

#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "sdk/core/replication/row_check.h"

namespace tidewire::replication::testing {

RandomWorld::RandomWorld(const SchemaInfo& schema, std::uint32_t entities_max, std::uint64_t seed)
    : world_(schema, entities_max), random_(seed) {}

EntityId RandomWorld::any() {
    const auto indexes = static_cast<std::uint32_t>(world_.chunk_count() * World::chunk_entities);
    for (int attempt = 0; attempt < 64; ++attempt)
        if (const EntityId id = world_.at(random_.below(indexes))) return id;
    return {};
}

void RandomWorld::give(EntityId id, std::uint16_t component) {
    world_.add(id, component);
    for (int i = 0; i < 3; ++i) nudge(id, component);
}

void RandomWorld::nudge(EntityId id, std::uint16_t component) {
    std::byte* const aggregate = world_.find(id, component);
    const StructInfo& info = world_.schema().components[component];
    if (info.is_table) {
        const RecordFieldInfo& field = info.record[random_.below(static_cast<std::uint32_t>(info.record.size()))];
        if (field.type == RecordType::Number) return nudge_scalar(field.scalar, aggregate + field.offset);
        return nudge_length(field, aggregate + field.offset);
    }
    const FieldInfo& field = info.fields[random_.below(static_cast<std::uint32_t>(info.fields.size()))];
    nudge_scalar(field.scalar, aggregate + field.offset);
}

/// Longer than its field, cut characters and bytes that are no text belong to every world too.
void RandomWorld::nudge_length(const RecordFieldInfo& field, void* at) {
    static constexpr const char* pieces[] = {"a", "Zo\xc3\xab", "\xe2\x82\xac", "\xf0\x9f\x8c\x8a", " ", "\xff"};
    const std::uint32_t count = random_.below(random_.below(4) == 0 ? 60 : 6);
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i)
        text += pieces[random_.below(random_.below(30) == 0 ? std::size(pieces) : std::size(pieces) - 1)];
    if (field.type == RecordType::Text)
        *static_cast<std::string*>(at) = text;
    else
        static_cast<std::vector<std::uint8_t>*>(at)->assign(text.begin(), text.end());
}

void RandomWorld::nudge_scalar(Scalar scalar, std::byte* at) {
    const auto write = [at](auto value) { std::memcpy(at, &value, sizeof(value)); };
    const std::uint64_t bits = random_.next() >> random_.below(64);
    static constexpr double wild[] = {std::numeric_limits<double>::quiet_NaN(),
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity(),
                                      1e30,
                                      -1e30,
                                      1e-30,
                                      -0.0};
    const std::uint32_t choice = random_.below(40);
    const double real = choice < std::size(wild)
                            ? wild[choice]
                            : static_cast<double>(random_.range(-600, 600)) * (random_.below(2) == 0 ? 1 : 0.002);
    switch (scalar) {
        case Scalar::Bool:
            write(static_cast<std::uint8_t>(bits & 1));
            break;
        case Scalar::Int8:
        case Scalar::UInt8:
            write(static_cast<std::uint8_t>(bits));
            break;
        case Scalar::Int16:
        case Scalar::UInt16:
            write(static_cast<std::uint16_t>(bits));
            break;
        case Scalar::Int32:
        case Scalar::UInt32:
            write(static_cast<std::uint32_t>(bits));
            break;
        case Scalar::Int64:
        case Scalar::UInt64:
            write(bits);
            break;
        case Scalar::Float:
            write(static_cast<float>(real));
            break;
        case Scalar::Double:
            write(real);
            break;
    }
}

void RandomWorld::despawn_and_spawn_again(EntityId id) {
    world_.despawn(id);
    const EntityId again = world_.spawn(random_.below(5));
    if (random_.below(2) == 0)
        give(again,
             static_cast<std::uint16_t>(random_.below(static_cast<std::uint32_t>(world_.schema().components.size()))));
}

void RandomWorld::mutate(std::uint32_t changes) {
    const auto components = static_cast<std::uint32_t>(world_.schema().components.size());
    for (std::uint32_t i = 0; i < changes; ++i) {
        const auto component = static_cast<std::uint16_t>(random_.below(components));
        const std::uint32_t what = random_.below(16);
        if (what < 3 || world_.entity_count() == 0) {
            if (const EntityId id = world_.spawn(random_.below(5)); id && random_.below(4) != 0) give(id, component);
            continue;
        }
        const EntityId id = any();
        if (!id) continue;
        if (what == 3)
            world_.despawn(id);
        else if (what == 4)
            despawn_and_spawn_again(id);
        else if (what == 5)
            world_.remove(id, component);
        else if (what < 8)
            give(id, component);
        else if (world_.find(id, component) != nullptr)
            nudge(id, component);
    }
}

Snapshot RandomWorld::capture(const Layout& layout, Tick tick) {
    last_ = replication::capture(layout, world_, captured_ ? &last_ : nullptr, tick, counters_);
    captured_ = true;
    return last_;
}

std::string what_is_wrong(const Layout& layout, const Snapshot& snapshot, std::uint32_t entities_max) {
    for (std::size_t table = 0; table < snapshot.tables.size(); ++table) {
        for (std::size_t i = 0; i < snapshot.tables[table].size(); ++i) {
            const Chunk* const chunk = snapshot.chunk(table, i);
            if (chunk == nullptr) continue;
            if (chunk->present == 0) return "an empty chunk is kept";
            if (chunk->columns.size() != layout.slot_count(table) * Chunk::rows) return "a chunk of another width";
            if (chunk->records.size() != (layout.is_record(table) ? Chunk::rows : 0)) return "records out of place";
            for (std::size_t row = 0; row < Chunk::rows; ++row) {
                const std::string name = layout.table_name(table) + " " + std::to_string(i * Chunk::rows + row);
                if ((chunk->present >> row & 1) == 0) {
                    for (std::size_t slot = 0; slot < layout.slot_count(table); ++slot)
                        if (chunk->column(slot)[row] != 0) return name + " is absent but not zero";
                    if (layout.is_record(table) && chunk->records[row]) return name + " is absent but has a record";
                    continue;
                }
                if (i * Chunk::rows + row >= entities_max) return name + " is beyond the limit";
                if (table == 0 && chunk->column(0)[row] == 0) return name + " has generation 0";
                if (table == 0) continue;
                const Chunk* const entities = snapshot.chunk(0, i);
                if (entities == nullptr || (entities->present >> row & 1) == 0) return name + " is of a dead entity";
                if (const auto checked = check_row(layout, table, *chunk, i * Chunk::rows + row); !checked)
                    return name + " would be refused: " + checked.error().message;
            }
        }
    }
    return {};
}

}  // namespace tidewire::replication::testing
