// The rows of two snapshots, and what lies between them.
#include "server/room/past_world.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace tidewire::server {

using replication::Chunk;
using replication::Snapshot;

namespace {

constexpr std::uint64_t all_rows = ~std::uint64_t{0};

std::uint64_t bit_of(std::uint32_t index) { return std::uint64_t{1} << (index % Chunk::rows); }

/// The rows of `present` whose owner this is.
template <class Owner>
std::uint64_t owned_rows(std::uint64_t present, const Owner* owners, PlayerId player) {
    std::uint64_t owned = 0;
    for (std::size_t row = 0; row < Chunk::rows; ++row)
        owned |= std::uint64_t{static_cast<PlayerId>(owners[row]) == player} << row;
    return owned & present;
}

/// The generation of the entity at an index; 0: there is none.
std::uint32_t generation_at(const Snapshot& snapshot, std::uint32_t index) {
    const Chunk* const chunk = snapshot.chunk(0, index / Chunk::rows);
    if (chunk == nullptr || (chunk->present & bit_of(index)) == 0) return 0;
    return static_cast<std::uint32_t>(chunk->column(0)[index % Chunk::rows]);
}

}  // namespace

PastWorld::PastWorld(const replication::Layout& layout, World& present) : layout_(&layout), present_(&present) {
    std::size_t size_max = 0;
    for (const StructInfo& component : layout.schema().components) {
        fields_.push_back(netcode::moving_fields(component));
        size_max = std::max<std::size_t>(size_max, component.size);
    }
    made_.resize(fields_.size());
    later_.resize(size_max);
}

PastWorld::~PastWorld() {
    for (std::size_t component = 0; component < made_.size(); ++component) {
        const StructInfo& info = layout_->schema().components[component];
        if (info.lifecycle.destroy == nullptr) continue;
        for (const Made& made : made_[component])
            for (std::uint64_t rest = made.alive; rest != 0; rest &= rest - 1)
                info.lifecycle.destroy(made.values.get() + static_cast<std::size_t>(__builtin_ctzll(rest)) * info.size);
    }
}

void PastWorld::look(const PastInstant& instant) {
    const Tick from = instant.from == nullptr ? 0 : instant.from->tick;
    const Tick to = instant.to == nullptr ? 0 : instant.to->tick;
    // Whose entities are as now is not in what was drawn, so shots of all players at one instant share it.
    if (from != from_ || to != to_ || instant.fraction != instant_.fraction) ++instants_;
    instant_ = instant;
    from_ = from;
    to_ = to;
    ++looks_;
}

std::uint64_t PastWorld::rows(std::uint16_t component, std::size_t chunk) {
    const Present& present = present_in(chunk);
    const std::uint64_t now = std::as_const(*present_).component(component, chunk).present & present.entities;
    const Chunk* const past =
        instant_.from == nullptr ? nullptr : instant_.from->chunk(component + std::size_t{1}, chunk);
    return now | (past == nullptr ? 0 : past->present & ~present.rows);
}

EntityId PastWorld::at(std::uint32_t index) {
    const std::size_t chunk = index / Chunk::rows;
    if (chunk >= chunk_count()) return {};
    const Present& present = present_in(chunk);
    if ((present.rows & bit_of(index)) != 0)
        return (present.entities & bit_of(index)) != 0 ? present_->at(index) : EntityId{};
    const std::uint32_t generation = generation_at(*instant_.from, index);
    return generation == 0 ? EntityId{} : EntityId{index, generation};
}

const std::byte* PastWorld::value(std::uint16_t component, std::uint32_t index) {
    const std::size_t chunk = index / Chunk::rows;
    if ((present_in(chunk).rows & bit_of(index)) != 0)
        return std::as_const(*present_).find(present_->at(index), component);
    std::vector<Made>& chunks = made_[component];
    if (chunks.size() <= chunk) chunks.resize(chunk_count());
    Made& made = chunks[chunk];
    if (made.instant != instants_) {
        made.instant = instants_;
        made.drawn = 0;
    }
    std::byte* const value =
        make_room(made, layout_->schema().components[component], static_cast<std::uint32_t>(index % Chunk::rows));
    if ((made.drawn & bit_of(index)) == 0) {
        draw(component, index, value);
        made.drawn |= bit_of(index);
    }
    return value;
}

const PastWorld::Present& PastWorld::present_in(std::size_t chunk) {
    if (present_rows_.size() <= chunk) present_rows_.resize(chunk_count());
    Present& present = present_rows_[chunk];
    if (present.look == looks_) return present;
    present.look = looks_;
    const World::EntityChunk& now = std::as_const(*present_).entities(chunk);
    if (instant_.from == nullptr) {
        present.rows = present.entities = all_rows;
    } else if (instant_.present_of == 0) {
        present.rows = present.entities = 0;
    } else {
        present.entities = owned_rows(now.present, now.owner, instant_.present_of);
        present.rows = present.entities;
        if (const Chunk* const past = instant_.from->chunk(0, chunk))
            present.rows |= owned_rows(past->present, past->column(1), instant_.present_of);
    }
    return present;
}

std::byte* PastWorld::make_room(Made& made, const StructInfo& info, std::uint32_t row) {
    if (!made.values) made.values = World::Values(std::size_t{info.size} * Chunk::rows, info.alignment);
    std::byte* const value = made.values.get() + std::size_t{row} * info.size;
    if ((made.alive >> row & 1) == 0) {
        if (info.lifecycle.construct != nullptr)
            info.lifecycle.construct(value);
        else
            std::memset(value, 0, info.size);
        made.alive |= std::uint64_t{1} << row;
    }
    return value;
}

void PastWorld::draw(std::uint16_t component, std::uint32_t index, std::byte* value) {
    const std::size_t table = component + std::size_t{1};
    const std::size_t chunk = index / Chunk::rows;
    const std::size_t row = index % Chunk::rows;
    const Chunk* const from = instant_.from->chunk(table, chunk);
    replication::read_row(*layout_, table, *from, row, value);
    if (fields_[component].empty() || instant_.fraction == 0) return;
    const Chunk* const to = instant_.to->chunk(table, chunk);
    if (to == nullptr || to == from || (to->present & bit_of(index)) == 0) return;
    if (generation_at(*instant_.from, index) != generation_at(*instant_.to, index)) return;
    layout_->component(table).dequantize(to->columns.data() + row, Chunk::rows, later_.data());
    motions_.clear();
    motions_.add(fields_[component], 0, value, later_.data());
    motions_.move(fields_[component], instant_.fraction, value);
}

}  // namespace tidewire::server
