// The interest groups of a room as plain values: what a game has said of them.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/replication/rate.h"
#include "server/room/interest_grid.h"
#include "server/room/interest_ids.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// The numbers of groups stay: a game keeps handles of its own.
struct SavedInterest {
    std::uint32_t cells = 0;  ///< Of the grid, whose numbers come before all others.
    SavedGroupIds ids{};
    struct GameGroup {
        GroupId group = group_none;
        std::uint8_t priority = 1;
    };
    std::vector<GameGroup> game_groups{};
    struct Team {
        std::uint32_t team = 0;
        GroupId group = group_none;
    };
    std::vector<Team> teams{};
    /// Where the game wants an entity to be.
    struct Place {
        EntityId entity{};
        bool for_owner = false;
        GroupId group = group_always;  ///< Of others than those.
    };
    std::vector<Place> places{};
    struct Viewer {
        PlayerId player = 0;
        GroupId own_group = group_nobody;  ///< Of its place_for_owner() entities.
        GroupId team = group_none;
        enum class Focus : std::uint8_t { Own = 0, Point = 1, Entity = 2 };
        Focus focus = Focus::Own;
        GridPoint point{};
        EntityId followed{};
        struct Subscribed {
            GroupId group = group_none;
            replication::Rate rate = replication::Rate::Full;
        };
        std::vector<Subscribed> subscribed{};
    };
    std::vector<Viewer> viewers{};  ///< Bots among them, as owners.
};

}  // namespace tidewire::server
