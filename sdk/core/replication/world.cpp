// Storage of the world: entities and components in chunks of 64, found by index and checked by generation.

#include <algorithm>
#include <cstring>

#include "tidewire/state.h"

namespace tidewire {

namespace {

constexpr std::size_t chunk_of(std::uint32_t index) { return index / World::chunk_entities; }
constexpr std::uint32_t row_of(std::uint32_t index) { return index % World::chunk_entities; }
constexpr std::uint64_t bit_of(std::uint32_t index) { return std::uint64_t{1} << row_of(index); }

}  // namespace

World::Values::Values(std::size_t size, std::size_t alignment)
    : memory_(std::make_unique<std::byte[]>(size + alignment)) {
    std::size_t space = size + alignment;
    void* at = memory_.get();
    first_ = static_cast<std::byte*>(std::align(alignment, size, at, space));
}

World::World(const SchemaInfo& schema, std::uint32_t entities_max)
    : schema_(&schema), entities_max_(entities_max), components_(schema.components.size()) {}

World::~World() {
    for (std::size_t component = 0; component < components_.size(); ++component) {
        for (Chunk& chunk : components_[component])
            for (std::uint64_t rest = chunk.present; rest != 0; rest &= rest - 1)
                end(chunk, component, static_cast<std::uint32_t>(__builtin_ctzll(rest)));
    }
}

World::World(World&& other) noexcept = default;

World& World::operator=(World&& other) noexcept {
    World taken(std::move(other));
    std::swap(schema_, taken.schema_);
    std::swap(entities_max_, taken.entities_max_);
    std::swap(entity_count_, taken.entity_count_);
    std::swap(first_free_chunk_, taken.first_free_chunk_);
    std::swap(entities_, taken.entities_);
    std::swap(components_, taken.components_);
    return *this;
}

EntityId World::spawn(PlayerId owner) {
    for (;; ++first_free_chunk_) {
        const std::uint64_t base = std::uint64_t{first_free_chunk_} * chunk_entities;
        if (base >= entities_max_) return {};
        grow_to(static_cast<std::uint32_t>(base));
        EntityChunk& chunk = *entities_[first_free_chunk_];
        std::uint64_t free = ~chunk.present;
        const std::uint64_t room = entities_max_ - base;
        if (room < chunk_entities) free &= (std::uint64_t{1} << room) - 1;
        if (free == 0) continue;

        const auto row = static_cast<std::uint32_t>(__builtin_ctzll(free));
        if (++chunk.generation[row] == 0) chunk.generation[row] = 1;
        chunk.owner[row] = owner;
        chunk.present |= std::uint64_t{1} << row;
        chunk.touched = true;
        ++entity_count_;
        return {static_cast<std::uint32_t>(base) + row, chunk.generation[row]};
    }
}

void World::despawn(EntityId id) {
    if (!alive(id)) return;
    const std::size_t index = chunk_of(id.index);
    entities_[index]->present &= ~bit_of(id.index);
    entities_[index]->touched = true;
    for (std::size_t component = 0; component < components_.size(); ++component) {
        Chunk& chunk = components_[component][index];
        if ((chunk.present & bit_of(id.index)) != 0) end(chunk, component, row_of(id.index));
    }
    first_free_chunk_ = std::min(first_free_chunk_, index);
    --entity_count_;
}

bool World::alive(EntityId id) const {
    const std::size_t chunk = chunk_of(id.index);
    return chunk < entities_.size() && (entities_[chunk]->present & bit_of(id.index)) != 0 &&
           entities_[chunk]->generation[row_of(id.index)] == id.generation;
}

PlayerId World::owner(EntityId id) const {
    return alive(id) ? entities_[chunk_of(id.index)]->owner[row_of(id.index)] : 0;
}

EntityId World::at(std::uint32_t index) const {
    const std::size_t chunk = chunk_of(index);
    if (chunk >= entities_.size() || (entities_[chunk]->present & bit_of(index)) == 0) return {};
    return {index, entities_[chunk]->generation[row_of(index)]};
}

std::byte* World::add(EntityId id, std::uint16_t component) {
    assert(alive(id) && component < components_.size());
    const StructInfo& info = schema_->components[component];
    Chunk& chunk = components_[component][chunk_of(id.index)];
    if (!chunk.values) chunk.values = Values(std::size_t{info.size} * chunk_entities, info.alignment);
    std::byte* const value = chunk.values.get() + row_of(id.index) * info.size;
    if ((chunk.present & bit_of(id.index)) == 0) {
        if (info.lifecycle.construct != nullptr)
            info.lifecycle.construct(value);
        else
            std::memset(value, 0, info.size);
    }
    chunk.present |= bit_of(id.index);
    chunk.touched = true;
    return value;
}

void World::remove(EntityId id, std::uint16_t component) {
    if (!alive(id)) return;
    Chunk& chunk = components_[component][chunk_of(id.index)];
    if ((chunk.present & bit_of(id.index)) != 0) end(chunk, component, row_of(id.index));
}

/// The value of a row that is present ends its life.
void World::end(Chunk& chunk, std::size_t component, std::uint32_t row) {
    const StructInfo& info = schema_->components[component];
    if (info.lifecycle.destroy != nullptr) info.lifecycle.destroy(chunk.values.get() + row * info.size);
    chunk.present &= ~(std::uint64_t{1} << row);
    chunk.touched = true;
}

std::byte* World::find(EntityId id, std::uint16_t component) {
    const std::byte* const value = std::as_const(*this).find(id, component);
    if (value == nullptr) return nullptr;
    Chunk& chunk = components_[component][chunk_of(id.index)];
    chunk.touched = true;
    return chunk.values.get() + row_of(id.index) * schema_->components[component].size;
}

const std::byte* World::find(EntityId id, std::uint16_t component) const {
    if (!alive(id)) return nullptr;
    const Chunk& chunk = components_[component][chunk_of(id.index)];
    if ((chunk.present & bit_of(id.index)) == 0) return nullptr;
    return chunk.values.get() + row_of(id.index) * schema_->components[component].size;
}

void World::restore(EntityId id, PlayerId owner) {
    assert(id.generation != 0 && id.index < entities_max_);
    grow_to(id.index);
    const EntityId present = at(id.index);
    if (present && present != id) despawn(present);
    EntityChunk& chunk = *entities_[chunk_of(id.index)];
    if (!present || present != id) {
        chunk.present |= bit_of(id.index);
        chunk.generation[row_of(id.index)] = id.generation;
        ++entity_count_;
    }
    chunk.owner[row_of(id.index)] = owner;
    chunk.touched = true;
}

void World::grow_to(std::uint32_t index) {
    while (entities_.size() <= chunk_of(index)) {
        entities_.push_back(std::make_unique<EntityChunk>());
        for (std::vector<Chunk>& chunks : components_) chunks.emplace_back();
    }
}

}  // namespace tidewire
