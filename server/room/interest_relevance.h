// Which groups each player is told of, how often and how urgently: the cells around its focus, its teams and subscriptions, and
// wherever its own entities are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/core/replication/rate.h"
#include "server/room/interest_grid.h"
#include "server/room/interest_placement.h"
#include "server/room/player_table.h"
#include "server/room/saved_interest.h"

namespace tidewire::server {

/// A group that a player should be told of.
struct Wanted {
    GroupId group = group_always;
    replication::Rate rate = replication::Rate::Full;
    bool own = false;    ///< Holds something of the player's: at full rate, and never deferred.
    float priority = 1;  ///< Above 0: of its components, less with the distance.
    friend bool operator==(const Wanted&, const Wanted&) = default;
};

class InterestRelevance {
public:
    /// `placement` and `grid` must outlive this; no grid: null.
    InterestRelevance(const InterestPlacement& placement, const InterestGrid* grid, int tick_rate);

    void add_viewer(PlayerId player) { viewers_.add(player); }
    void remove_viewer(PlayerId player) { viewers_.remove(player); }

    // What counts from the next update on. Unknown players are ignored.
    void subscribe(PlayerId player, GroupId group, replication::Rate rate);
    void unsubscribe(PlayerId player, GroupId group);
    /// The group goes: nobody is subscribed any more.
    void forget(GroupId group);
    /// group_none: no team.
    void set_team(PlayerId player, GroupId group);
    /// Replaces `groups` by the teams that players are in, sorted.
    void find_teams(std::vector<GroupId>& groups) const;
    void set_focus(PlayerId player, GridPoint point);
    void follow(PlayerId player, EntityId entity);

    /// Fills in where players look and what they have subscribed to.
    void save(SavedInterest& saved) const;
    void restore(const SavedInterest::Viewer& saved);

    /// After the placement's update of this tick.
    void update(Tick tick);

    /// By group, each once. Empty for unknown players. Valid until the next update.
    std::span<const Wanted> wanted(PlayerId player) const;
    /// Changes whenever wanted() does; 0 for unknown players.
    std::uint32_t revision(PlayerId player) const;
    /// Whether wanted() is another than before the last update.
    bool changed(PlayerId player) const;

private:
    struct Focus {
        enum class Kind : std::uint8_t { Own, Point, Entity };
        Kind kind = Kind::Own;
        GridPoint point;
        EntityId entity;
    };
    struct Cell {
        GroupId group;
        replication::Rate rate;
        Tick leave_at;  // 0: it is near enough
        float distance;
    };
    struct Viewer {
        Focus focus;
        GroupId team = group_none;
        std::vector<Wanted> subscribed;  // by group
        std::vector<GridPoint> points;   // the focus that `cells` were found by
        std::vector<Cell> cells;         // by group
        std::vector<GroupId> own;        // by group
        Tick next_leave = 0;             // of the cells; 0: none
        bool changed = true;             // by a command
        std::vector<Wanted> wanted;
        std::uint32_t revision = 0;
    };

    Viewer* viewer(PlayerId player) { return viewers_.find(player); }
    /// Fills points_. False when there is nothing to look at.
    bool find_focus(PlayerId player, Viewer& viewer);
    bool has_moved(const Viewer& viewer) const;
    void find_cells(Viewer& viewer, Tick tick);
    void measure_cells(const std::vector<GridPoint>& points);
    void find_own(PlayerId player);
    /// Whether a group that is wanted has another priority now.
    bool is_reprioritized(const Viewer& viewer) const;
    /// Whether wanted() is another one now.
    bool compose(Viewer& viewer);
    void merge_reasons();
    replication::Rate rate_at(double distance) const;
    replication::Rate next_rate(replication::Rate rate, double distance) const;
    float priority_of(const Cell& cell) const;

    const InterestPlacement* placement_;
    const InterestGrid* grid_;
    Tick dwell_ = 0;
    double slack_ = 0;  // how far a focus may have moved unseen
    PlayerTable<Viewer> viewers_;
    std::vector<PlayerId> changed_;  // in the last update, ascending

    // Of the viewer at hand, to be used again.
    std::vector<GridPoint> points_;
    std::vector<GroupId> own_;
    std::vector<Cell> cells_;
    std::vector<Wanted> wanted_;
    std::vector<std::uint32_t> near_;
    std::vector<float> distances_;  // by cell; negative: not near
};

}  // namespace tidewire::server
