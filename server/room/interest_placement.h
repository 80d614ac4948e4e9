// Which group each entity is in: what the game asked for, or the cell that its position lies in. Looks only at what changed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/interest_grid.h"
#include "server/room/interest_history.h"
#include "server/room/interest_moves.h"
#include "server/room/player_table.h"

namespace tidewire::server {

struct SavedInterest;

class InterestPlacement {
public:
    /// Where a game wants an entity to be.
    struct Request {
        enum class Kind : std::uint8_t { Default, Fixed, Owner };
        Kind kind = Kind::Default;
        GroupId group = group_always;  // of Fixed
    };
    /// A player as the owner of entities.
    struct Owner {
        GroupId private_group = group_none;   // owner_only components of its entities
        GroupId own_group = group_nobody;     // its place_for_owner() entities
        std::vector<std::uint32_t> entities;  // ascending indexes
    };

    /// `layout` and `grid` must outlive this; no grid: null.
    InterestPlacement(const replication::Layout& layout, const InterestGrid* grid, std::size_t ticks_held);

    /// Whether the schema has owner_only components.
    bool has_private_groups() const { return !private_tables_.empty(); }
    Owner& add_owner(PlayerId player);
    void remove_owner(PlayerId player);
    /// Null when it is not there.
    Owner* owner(PlayerId player) { return owners_.find(player); }
    const Owner* owner(PlayerId player) const { return owners_.find(player); }

    // What counts from the next update on.
    void request(EntityId entity, Request request);
    /// Entities of a group that goes are placed as new ones are.
    void withdraw(GroupId group);
    /// The least that a group's priority is.
    void set_priority(GroupId group, std::uint8_t priority);
    std::uint8_t least_priority(GroupId group) const {
        return group < priorities_.size() ? priorities_[group] : std::uint8_t{1};
    }
    /// Appends what was asked for entities, and a viewer for each owner.
    void save(SavedInterest& saved) const;

    /// Moves entities to where they belong at snapshot.tick. Precondition: ticks rise.
    void update(const replication::Snapshot& snapshot);

    const GroupHistory& history() const { return history_; }
    /// group_none when there is no entity.
    GroupId group_of(std::uint32_t index) const { return index < rows_.size() ? rows_[index].group : group_none; }
    GroupId private_group_of(std::uint32_t index) const { return rows_[index].private_group; }
    /// group_none when there was no entity, or the tick is not held.
    GroupId group_at(std::uint32_t index, Tick tick) const;
    /// False when the entity is dead or has no position; then `point` stays.
    bool find_point(std::uint32_t index, GridPoint& point) const;
    std::uint32_t generation_of(std::uint32_t index) const {
        return index < rows_.size() ? rows_[index].generation : 0;
    }
    /// The highest priority of the components that are in the group, or what was set if that is more.
    std::uint8_t priority(GroupId group) const;
    /// The groups whose priority() may be another one than before the last update, sorted.
    std::span<const GroupId> reprioritized() const { return reprioritized_; }

private:
    struct Row {
        std::uint32_t generation = 0;  // 0: nobody
        std::uint32_t placed = 0;      // the generation that was placed last
        PlayerId owner = 0;
        std::int32_t x = 0;
        std::int32_t y = 0;
        GroupId group = group_none;
        GroupId private_group = group_none;
        bool positioned = false;
        std::uint8_t level = 0;  // index into levels_
    };
    struct RowRequest {
        std::uint32_t generation = 0;  // of the entity that it is for
        Request request;
    };
    /// A table of the snapshot as it was at the last update.
    struct Watched {
        std::size_t table;
        std::vector<replication::ChunkPointer> seen;
    };

    void grow(std::size_t chunks);
    /// Each returns the rows of the chunk that must be placed anew.
    std::uint64_t note_entities(const replication::Snapshot& snapshot, std::size_t chunk);
    std::uint64_t note_presence(const replication::Snapshot& snapshot, std::size_t chunk);
    std::uint64_t note_positions(const replication::Snapshot& snapshot, std::size_t chunk);
    void change_owner(std::uint32_t index, PlayerId owner);
    void place(std::uint32_t index, Tick tick);
    GroupId wanted_group(std::uint32_t index, const Owner* owner) const;
    GroupId wanted_private_group(std::uint32_t index, const Owner* owner) const;
    std::uint8_t level_of(std::uint32_t index) const;
    void count_level(GroupId group, std::uint8_t level, int change);
    bool is_cell(GroupId group) const {
        return group >= group_first_cell && group < group_first_cell + cell_count_;  // no cells without a grid
    }

    const replication::Layout* layout_;
    const InterestGrid* grid_;
    std::uint32_t cell_count_ = 0;
    GroupHistory history_;
    GroupMoves moves_;
    PlayerTable<Owner> owners_;

    Watched entities_{0, {}};
    Watched positions_{0, {}};                 // of the grid's table
    std::vector<Watched> presences_;           // tables whose rows decide on priority or on private groups
    std::vector<std::size_t> private_tables_;  // indexes into presences_
    std::vector<Row> rows_;
    std::vector<RowRequest> requests_;
    std::vector<std::uint64_t> asked_;  // by chunk: rows that a request came for

    std::vector<std::uint8_t> levels_;         // the priorities that occur in the schema, ascending
    std::vector<std::uint32_t> level_counts_;  // [group * levels + level]; empty when there is only one level
    std::vector<std::uint8_t> priorities_;     // by group: what was set
    std::vector<GroupId> reprioritized_;       // in the last update
    std::vector<GroupId> reprioritized_next_;  // and since then
};

}  // namespace tidewire::server
