// Code tables for one schema, a model for each slot, from what the bench itself makes. Real games train theirs from recordings.
#pragma once

#include <span>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/game.h"

namespace tidewire::bench {

/// From deltas, catch-ups and keyframes of one group that holds everything. Precondition: at least one snapshot, all of consecutive
/// ticks.
replication::CodeTables train_on(const replication::Layout& layout, double tick_rate,
                                 std::span<const replication::Snapshot> snapshots);

struct RoomTraining {
    int tick_rate = 30;
    std::uint32_t entities_max = 8192;
    std::size_t groups = 0;  ///< Of the grid's cells.
    std::size_t ticks = 300;
};

/// From the deltas of all cells of a room, with their members coming and going, and now and then a keyframe with the catch-up
/// that follows it. The room has no players.
replication::CodeTables train_on_room(const Game& game, const replication::Layout& layout, const RoomTraining& options);

}  // namespace tidewire::bench
