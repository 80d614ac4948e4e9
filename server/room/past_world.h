// A world at an instant between two snapshots, made row by row as it is asked for: a shot looks at few of the thousands that there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sdk/core/netcode/motions.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// What is to be looked at.
struct PastInstant {
    /// The last snapshot at or before it, and the next; the same where there is none. Null: the present, of everybody.
    const replication::Snapshot* from = nullptr;
    const replication::Snapshot* to = nullptr;
    double fraction = 0;      ///< Of the way between.
    PlayerId present_of = 0;  ///< This player's entities are those of the present.
};

class PastWorld {
public:
    /// Both must outlive this.
    PastWorld(const replication::Layout& layout, World& present);
    ~PastWorld();
    PastWorld(const PastWorld&) = delete;
    PastWorld& operator=(const PastWorld&) = delete;

    /// From now on this is of that instant. Its snapshots must live until the next look().
    void look(const PastInstant& instant);

    std::size_t chunk_count() const { return present_->chunk_count(); }
    /// Bit i: an entity is at chunk·64+i, and has the component.
    std::uint64_t rows(std::uint16_t component, std::size_t chunk);
    /// Who is there; empty where nobody is.
    EntityId at(std::uint32_t index);
    /// Precondition: index is of rows(). Valid until the next look().
    const std::byte* value(std::uint16_t component, std::uint32_t index);
    World& present() const { return *present_; }

private:
    /// Which rows of a chunk are not of the past: where player present_of has entities, and where it had others.
    struct Present {
        std::uint64_t rows = 0;
        std::uint64_t entities = 0;
        std::uint64_t look = 0;  // that found them
    };
    /// Aggregates of one component that were made, 64 in a row.
    struct Made {
        World::Values values;
        std::uint64_t alive = 0;  // their lives have begun
        std::uint64_t drawn = 0;  // they are of this instant
        std::uint64_t instant = 0;
    };

    const Present& present_in(std::size_t chunk);
    static std::byte* make_room(Made& made, const StructInfo& info, std::uint32_t row);
    void draw(std::uint16_t component, std::uint32_t index, std::byte* value);

    const replication::Layout* layout_;
    World* present_;
    std::vector<netcode::Motions::Fields> fields_;  // [component]
    std::vector<std::vector<Made>> made_;           // [component][chunk]
    std::vector<Present> present_rows_;             // [chunk]
    PastInstant instant_;
    Tick from_ = 0;  // of instant_: a snapshot's place in memory may be another's later
    Tick to_ = 0;
    std::uint64_t looks_ = 0;
    std::uint64_t instants_ = 0;
    netcode::Motions motions_;
    std::vector<std::byte> later_;  // one component of instant_.to
};

}  // namespace tidewire::server
