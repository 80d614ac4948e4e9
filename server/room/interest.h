// The interest groups of one room: what the public Interest commands, and what the fan-out reads after each tick.
// Placement says where entities are, history where they were, relevance who is told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "server/room/interest_placement.h"
#include "server/room/interest_relevance.h"
#include "tidewire/interest.h"

namespace tidewire::server {

struct InterestLimits {
    int tick_rate = 30;
    std::size_t ticks_held = 64;  ///< As many as there are snapshots.
};

class InterestGroups {
public:
    /// `layout` and `world` must outlive this. Precondition: InterestGrid::create() accepts options.grid.
    InterestGroups(const InterestOptions& options, const replication::Layout& layout, const World& world,
                   InterestLimits limits);
    InterestGroups(const InterestGroups&) = delete;
    InterestGroups& operator=(const InterestGroups&) = delete;

    // The room.
    /// A bot owns entities but is told nothing. Before the game hears of the player. Precondition: fewer than
    /// private_groups_max players are there.
    void join(PlayerId player, bool bot);
    /// After the player's entities went.
    void leave(PlayerId player);
    /// After each tick, with its snapshot. Ticks rise.
    void update(const replication::Snapshot& newest);
    SavedInterest save() const;
    /// Precondition: players have joined, entities are alive, and there was no update yet. `tick` is the one of the first.
    void restore(const SavedInterest& saved, Tick tick);

    // The fan-out. All of it is as of the last update; nothing here changes until the next one.
    /// Sorted by group. Empty for bots, for players that are not there, and before the first update after the join.
    std::span<const Wanted> wanted(PlayerId player) const { return relevance_.wanted(player); }
    /// Equal as long as wanted() is.
    std::uint32_t wanted_revision(PlayerId player) const { return relevance_.revision(player); }
    /// Whether wanted() is another than a tick before. Costs less than to compare revisions.
    bool wanted_changed(PlayerId player) const { return relevance_.changed(player); }
    const replication::Members& members(GroupId group) const { return placement_.history().members(group); }
    /// The members at the end of an older tick; of a group that was not there yet: none. Null when the tick is not held. Never
    /// changes, and is valid as long as the tick is held.
    const replication::Members* members_at(GroupId group, Tick tick) const {
        return placement_.history().members_at(group, tick);
    }
    /// The groups whose members are others than a tick before, sorted.
    std::span<const GroupId> changed() const { return placement_.history().changed(); }
    /// Whether a group is among changed().
    bool members_changed(GroupId group) const { return std::binary_search(changed().begin(), changed().end(), group); }
    /// The public group of the entity at an index; group_none when there is none.
    GroupId group_of(std::uint32_t index) const { return placement_.group_of(index); }
    /// Whether group_of() is where this entity is, or was: it was there at the last update.
    bool placed(EntityId entity) const { return placement_.generation_of(entity.index) == entity.generation; }
    /// The same at the end of an older held tick. Costs the moves of the entity since then.
    GroupId group_at(std::uint32_t index, Tick tick) const { return placement_.group_at(index, tick); }
    /// The group of a team; group_none when it has neither entities nor players.
    GroupId group_of_team(std::uint32_t team) const {
        const auto found = teams_.find(team);
        return found == teams_.end() ? group_none : found->second;
    }
    /// group_none when the schema has no owner_only components, or the player is not there.
    GroupId private_group(PlayerId player) const;
    /// Of the grid; 0 without one.
    std::uint32_t cell_count() const { return grid_ ? grid_->cell_count() : 0; }
    const GroupHistory& history() const { return placement_.history(); }
    /// Nobody is told of the group, or nobody but one player.
    bool is_hidden(GroupId group) const {
        return is_private(group) || group == group_none || std::binary_search(hidden_.begin(), hidden_.end(), group);
    }
    /// Replaces `entities` by those of the newest snapshot that are in hidden groups, by index.
    void find_hidden(const replication::Snapshot& newest, std::vector<EntityId>& entities) const;
    /// Calls that wanted a group when no id was left: what they placed is told to nobody.
    std::uint64_t groups_refused() const { return groups_refused_; }

    // A stand, where nobody joins and no game asks for anything: without a word an entity is told of to all.
    /// One who owns nothing. Its number is no player's.
    void add_viewer(PlayerId viewer) { relevance_.add_viewer(viewer); }
    void remove_viewer(PlayerId viewer) { relevance_.remove_viewer(viewer); }
    /// From the next update on. The entity may be gone from the world by now.
    void set_hidden(EntityId entity, bool hidden) {
        placement_.request(entity, hidden ? InterestPlacement::Request{Kind::Fixed, group_nobody} : InterestPlacement::Request{});
    }

    // The game, through Interest.
    Group add_group(std::uint8_t priority);
    void remove_group(Group group);
    /// A group that is none, or gone, hides the entity.
    void place(EntityId entity, Group group);
    void place_in_grid(EntityId entity) { request(entity, {Kind::Default}); }
    void place_always(EntityId entity) { request(entity, {Kind::Fixed, group_always}); }
    void place_for_owner(EntityId entity);
    void place_for_team(EntityId entity, std::uint32_t team);
    void set_team(PlayerId player, std::uint32_t team);
    void subscribe(PlayerId player, Group group, replication::Rate rate);
    void unsubscribe(PlayerId player, Group group) { relevance_.unsubscribe(player, group.id); }
    void set_focus(PlayerId player, GridPoint point) { relevance_.set_focus(player, point); }
    void follow(PlayerId player, EntityId entity) { relevance_.follow(player, entity); }

private:
    using Kind = InterestPlacement::Request::Kind;

    void request(EntityId entity, InterestPlacement::Request request);
    GroupId take_public_group();
    /// The owner has a group of its own from now on, of which nobody else is told.
    void give_own_group(InterestPlacement::Owner& owner, GroupId group);
    /// The group of a team, made when it is asked for; group_nobody when there is none for it.
    GroupId team_group(std::uint32_t team);
    /// Gives back the ids of teams that have neither entities nor players.
    void release_teams();
    bool is_game_group(Group group) const { return game_groups_.size() > group.id && game_groups_[group.id]; }
    /// When an id that is given back now may stand for another group.
    Tick reuse_from() const { return tick_ + static_cast<Tick>(limits_.ticks_held) + 1; }

    const World* world_;
    InterestLimits limits_;
    Tick tick_ = 0;
    std::optional<InterestGrid> grid_;
    InterestPlacement placement_;
    InterestRelevance relevance_;
    GroupIds public_ids_;
    GroupIds private_ids_{group_private, group_none};
    std::map<std::uint32_t, GroupId> teams_;
    std::vector<GroupId> teams_followed_;  // to be used again
    std::vector<GroupId> hidden_{group_nobody};  // sorted: and what owners have for themselves
    std::uint64_t groups_refused_ = 0;
    std::vector<bool> game_groups_;  // by id: made by add_group() and not removed
};

}  // namespace tidewire::server
