// Rows of slots, one an entity.
#include "sdk/core/netcode/own_state.h"

#include <algorithm>

namespace tidewire::netcode {

using replication::Chunk;

PredictedLayout::PredictedLayout(const replication::Layout& layout) : layout_(&layout) {
    for (std::size_t table = 1; table < layout.table_count(); ++table) {
        const StructInfo& info = layout.component(table).info();
        if (!info.predicted || info.is_table) continue;
        components_.push_back({static_cast<std::uint16_t>(table - 1), slot_count_});
        slot_count_ += layout.slot_count(table);
    }
}

void OwnState::read(const replication::Snapshot& snapshot, std::span<const EntityId> entities) {
    clear();
    for (const EntityId entity : entities) {
        const std::size_t row = add_row(entity);
        const std::size_t in_chunk = entity.index % Chunk::rows;
        for (std::size_t i = 0; i < layout_->components().size(); ++i) {
            const PredictedLayout::Component& component = layout_->components()[i];
            const Chunk* const chunk = snapshot.chunk(component.index + std::size_t{1}, entity.index / Chunk::rows);
            if (chunk == nullptr || (chunk->present >> in_chunk & 1) == 0) continue;
            present_[row * layout_->components().size() + i] = 1;
            std::int32_t* const to = slots(row) + component.slot;
            for (std::size_t slot = 0; slot < layout_->fields(component).slot_count(); ++slot)
                to[slot] = chunk->column(slot)[in_chunk];
        }
        drop_row_without_components();
    }
}

void OwnState::round(World& world, std::span<const EntityId> entities, const OwnState& before) {
    clear();
    replication::QuantizeCounters counters;  // The server counts.
    for (const EntityId entity : entities) {
        const std::size_t row = add_row(entity);
        const std::optional<std::size_t> row_before = before.row_of(entity);
        for (std::size_t i = 0; i < layout_->components().size(); ++i) {
            const PredictedLayout::Component& component = layout_->components()[i];
            std::byte* const aggregate = world.find(entity, component.index);
            if (aggregate == nullptr) continue;
            present_[row * layout_->components().size() + i] = 1;
            const replication::StructLayout& fields = layout_->fields(component);
            std::int32_t* const to = slots(row) + component.slot;
            if (row_before) std::copy_n(before.slots(*row_before) + component.slot, fields.slot_count(), to);
            fields.quantize(aggregate, to, 1, counters);
            fields.dequantize(to, 1, aggregate);
        }
        drop_row_without_components();
    }
}

void OwnState::write(World& world) const {
    for (std::size_t row = 0; row < entities_.size(); ++row) {
        const EntityId entity = entities_[row];
        if (!world.alive(entity)) continue;
        for (std::size_t i = 0; i < layout_->components().size(); ++i) {
            const std::uint16_t component = layout_->components()[i].index;
            if (has(row, i))
                dequantize(row, i, world.add(entity, component));
            else
                world.remove(entity, component);
        }
    }
}

void OwnState::clear() {
    entities_.clear();
    present_.clear();
    slots_.clear();
}

std::optional<std::size_t> OwnState::row_of(EntityId entity) const {
    const auto found = std::lower_bound(entities_.begin(), entities_.end(), entity,
                                        [](EntityId a, EntityId b) { return a.index < b.index; });
    if (found == entities_.end() || *found != entity) return std::nullopt;
    return static_cast<std::size_t>(found - entities_.begin());
}

void OwnState::dequantize(std::size_t row, std::size_t component, std::byte* aggregate) const {
    const PredictedLayout::Component& place = layout_->components()[component];
    layout_->fields(place).dequantize(slots(row) + place.slot, 1, aggregate);
}

OwnState::Match OwnState::compare(const OwnState& truth) const {
    bool same = entities_.size() == truth.entities_.size();
    for (std::size_t row = 0; row < entities_.size(); ++row) {
        const std::optional<std::size_t> other = truth.row_of(entities_[row]);
        if (!other)
            same = false;
        else if (!same_row(row, truth, *other))
            return Match::Different;
    }
    return same ? Match::Same : Match::OtherEntities;
}

std::size_t OwnState::add_row(EntityId entity) {
    entities_.push_back(entity);
    present_.resize(entities_.size() * layout_->components().size(), 0);
    slots_.resize(entities_.size() * layout_->slot_count(), 0);
    return entities_.size() - 1;
}

void OwnState::drop_row_without_components() {
    const auto count = static_cast<std::ptrdiff_t>(layout_->components().size());
    if (std::any_of(present_.end() - count, present_.end(), [](std::uint8_t present) { return present != 0; })) return;
    entities_.pop_back();
    present_.resize(entities_.size() * layout_->components().size());
    slots_.resize(entities_.size() * layout_->slot_count());
}

bool OwnState::same_row(std::size_t row, const OwnState& other, std::size_t other_row) const {
    const std::size_t components = layout_->components().size();
    return std::equal(&present_[row * components], &present_[row * components] + components,
                      &other.present_[other_row * components]) &&
           std::equal(slots(row), slots(row) + layout_->slot_count(), other.slots(other_row));
}

}  // namespace tidewire::netcode
