// What the predicted components of one player's entities are at one tick, quantised: what is kept, compared and put back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

/// The components of a schema that are predicted, with the place of each one's slots in a row of them all.
class PredictedLayout {
public:
    /// `layout` must outlive it.
    explicit PredictedLayout(const replication::Layout& layout);

    struct Component {
        std::uint16_t index;  ///< In the schema.
        std::size_t slot;     ///< Of a row, its first.
    };
    const std::vector<Component>& components() const { return components_; }
    std::size_t slot_count() const { return slot_count_; }
    const replication::StructLayout& fields(const Component& component) const {
        return layout_->component(component.index + std::size_t{1});
    }

private:
    const replication::Layout* layout_;
    std::vector<Component> components_;
    std::size_t slot_count_ = 0;
};

/// Entities with at least one predicted component, in the order of their indexes.
class OwnState {
public:
    explicit OwnState(const PredictedLayout& layout) : layout_(&layout) {}

    /// As a snapshot says of these entities, which are in order.
    void read(const replication::Snapshot& snapshot, std::span<const EntityId> entities);
    /// As a world has them. Its values become what the schema can say, as on the server after each tick; where one is not a number,
    /// what `before` says stays.
    void round(World& world, std::span<const EntityId> entities, const OwnState& before);
    /// Puts the components of those that are alive into a world as they are here, and takes away what is not here.
    void write(World& world) const;
    void clear();

    std::span<const EntityId> entities() const { return entities_; }
    /// Empty when the entity is not here.
    std::optional<std::size_t> row_of(EntityId entity) const;
    bool has(std::size_t row, std::size_t component) const {
        return present_[row * layout_->components().size() + component] != 0;
    }
    /// Writes one component's aggregate, of the layout's components. Precondition: has().
    void dequantize(std::size_t row, std::size_t component, std::byte* aggregate) const;

    /// How what came of a prediction compares with what it should have been.
    enum class Match : std::uint8_t {
        Same,
        OtherEntities,  ///< Some came or went; all others are the same.
        Different,      ///< An entity is in both, and is not the same.
    };
    Match compare(const OwnState& truth) const;

private:
    std::size_t add_row(EntityId entity);
    void drop_row_without_components();
    bool same_row(std::size_t row, const OwnState& other, std::size_t other_row) const;
    std::int32_t* slots(std::size_t row) { return slots_.data() + row * layout_->slot_count(); }
    const std::int32_t* slots(std::size_t row) const { return slots_.data() + row * layout_->slot_count(); }

    const PredictedLayout* layout_;
    std::vector<EntityId> entities_;
    std::vector<std::uint8_t> present_;  // [row][component]
    std::vector<std::int32_t> slots_;    // [row][slot]; zeros where the component is not present
};

}  // namespace tidewire::netcode
