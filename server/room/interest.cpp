// Who hands out ids, and the thin public shell over it.
#include "server/room/interest.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tidewire::server {

namespace {

std::optional<InterestGrid> grid_of(const InterestOptions& options, const SchemaInfo& schema) {
    if (!options.grid) return std::nullopt;
    return std::move(InterestGrid::create(options, schema)).value();
}

constexpr Tick team_release_period = 32;  // a team's id may lie idle for so long

const InterestGrid* pointer_to(const std::optional<InterestGrid>& grid) { return grid ? &*grid : nullptr; }

}  // namespace

InterestGroups::InterestGroups(const InterestOptions& options, const replication::Layout& layout, const World& world,
                               InterestLimits limits)
    : world_(&world),
      limits_(limits),
      grid_(grid_of(options, layout.schema())),
      placement_(layout, pointer_to(grid_), limits.ticks_held),
      relevance_(placement_, pointer_to(grid_), limits.tick_rate),
      public_ids_(static_cast<GroupId>(group_first_cell + (grid_ ? grid_->cell_count() : 0)), group_private) {}

void InterestGroups::join(PlayerId player, bool bot) {
    InterestPlacement::Owner& owner = placement_.add_owner(player);
    if (!bot) relevance_.add_viewer(player);
    if (bot || !placement_.has_private_groups()) return;
    const std::optional<GroupId> group = private_ids_.take(tick_);
    assert(group && "more players than private groups");
    owner.private_group = group.value_or(group_none);
}

void InterestGroups::leave(PlayerId player) {
    const InterestPlacement::Owner* const owner = placement_.owner(player);
    if (owner == nullptr) return;
    if (owner->private_group != group_none) private_ids_.give_back(owner->private_group, 0);
    if (owner->own_group != group_nobody) {
        public_ids_.give_back(owner->own_group, reuse_from());
        std::erase(hidden_, owner->own_group);
    }
    placement_.remove_owner(player);
    relevance_.remove_viewer(player);
}

void InterestGroups::update(const replication::Snapshot& newest) {
    tick_ = newest.tick;
    placement_.update(newest);
    relevance_.update(newest.tick);
    // Now that every entity is where it was placed.
    if (tick_ % team_release_period == 0) release_teams();
}

GroupId InterestGroups::private_group(PlayerId player) const {
    const InterestPlacement::Owner* const owner = placement_.owner(player);
    return owner == nullptr ? group_none : owner->private_group;
}

void InterestGroups::find_hidden(const replication::Snapshot& newest, std::vector<EntityId>& entities) const {
    entities.clear();
    for (const GroupId group : hidden_)
        for (const replication::Members::Part& part : members(group).parts()) {
            const replication::Chunk* const chunk = newest.chunk(0, part.chunk);
            for (std::uint64_t rest = chunk == nullptr ? 0 : part.rows & chunk->present; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                entities.push_back({part.chunk * static_cast<std::uint32_t>(replication::Chunk::rows) + row,
                                    static_cast<std::uint32_t>(chunk->column(0)[row])});
            }
        }
    std::sort(entities.begin(), entities.end(), [](EntityId a, EntityId b) { return a.index < b.index; });
}

Group InterestGroups::add_group(std::uint8_t priority) {
    const Group group{take_public_group()};
    if (!group) return group;
    if (game_groups_.size() <= group.id) game_groups_.resize(group.id + std::size_t{1});
    game_groups_[group.id] = true;
    placement_.set_priority(group.id, std::max(priority, std::uint8_t{1}));
    return group;
}

void InterestGroups::remove_group(Group group) {
    if (!is_game_group(group)) return;
    game_groups_[group.id] = false;
    placement_.withdraw(group.id);
    placement_.set_priority(group.id, 1);
    relevance_.forget(group.id);
    public_ids_.give_back(group.id, reuse_from());
}

void InterestGroups::place(EntityId entity, Group group) {
    request(entity, {Kind::Fixed, is_game_group(group) ? group.id : group_nobody});
}

void InterestGroups::place_for_owner(EntityId entity) {
    InterestPlacement::Owner* const owner = placement_.owner(world_->owner(entity));
    if (owner != nullptr && owner->own_group == group_nobody) give_own_group(*owner, take_public_group());
    request(entity, {Kind::Owner});
}

void InterestGroups::place_for_team(EntityId entity, std::uint32_t team) {
    request(entity, {Kind::Fixed, team_group(team)});
}

void InterestGroups::set_team(PlayerId player, std::uint32_t team) {
    const GroupId group = team_group(team);
    relevance_.set_team(player, group == group_nobody ? group_none : group);
}

void InterestGroups::subscribe(PlayerId player, Group group, replication::Rate rate) {
    if (is_game_group(group)) relevance_.subscribe(player, group.id, rate);
}

void InterestGroups::request(EntityId entity, InterestPlacement::Request request) {
    if (world_->alive(entity)) placement_.request(entity, request);
}

GroupId InterestGroups::take_public_group() {
    const std::optional<GroupId> id = public_ids_.take(tick_);
    groups_refused_ += id ? 0U : 1U;
    return id.value_or(group_nobody);
}

void InterestGroups::give_own_group(InterestPlacement::Owner& owner, GroupId group) {
    owner.own_group = group;
    if (group != group_nobody) hidden_.insert(std::upper_bound(hidden_.begin(), hidden_.end(), group), group);
}

GroupId InterestGroups::team_group(std::uint32_t team) {
    if (team == 0) return group_nobody;
    const auto found = teams_.find(team);
    if (found != teams_.end()) return found->second;
    const GroupId group = take_public_group();
    if (group != group_nobody) teams_[team] = group;
    return group;
}

void InterestGroups::release_teams() {
    relevance_.find_teams(teams_followed_);
    std::erase_if(teams_, [&](const auto& team) {
        const GroupId group = team.second;
        if (!members(group).empty()) return false;
        if (std::binary_search(teams_followed_.begin(), teams_followed_.end(), group)) return false;
        public_ids_.give_back(group, reuse_from());
        return true;
    });
}

}  // namespace tidewire::server

namespace tidewire {

Group Interest::add_group(std::uint8_t priority) { return groups_->add_group(priority); }
void Interest::remove_group(Group group) { groups_->remove_group(group); }
void Interest::place(EntityId entity, Group group) { groups_->place(entity, group); }
void Interest::place_in_grid(EntityId entity) { groups_->place_in_grid(entity); }
void Interest::place_always(EntityId entity) { groups_->place_always(entity); }
void Interest::place_for_owner(EntityId entity) { groups_->place_for_owner(entity); }
void Interest::place_for_team(EntityId entity, std::uint32_t team) { groups_->place_for_team(entity, team); }
void Interest::set_team(PlayerId player, std::uint32_t team) { groups_->set_team(player, team); }

void Interest::subscribe(PlayerId player, Group group, UpdateRate rate) {
    static_assert(static_cast<int>(UpdateRate::Quarter) == static_cast<int>(replication::Rate::Quarter));
    groups_->subscribe(player, group, static_cast<replication::Rate>(rate));
}

void Interest::unsubscribe(PlayerId player, Group group) { groups_->unsubscribe(player, group); }

void Interest::set_focus(PlayerId player, float x, float y) {
    assert(std::isfinite(x) && std::isfinite(y) && "a focus is a place");
    groups_->set_focus(player, {double{x}, double{y}});
}

void Interest::follow(PlayerId player, EntityId entity) { groups_->follow(player, entity); }

}  // namespace tidewire
