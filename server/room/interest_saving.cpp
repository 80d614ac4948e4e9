// The interest groups of a room, to values and back: who is where is found again by the first update, what the game has said is kept.
#include <algorithm>

#include "server/room/interest.h"
#include "server/room/saved_room.h"

namespace tidewire::server {

SavedInterest InterestGroups::save() const {
    SavedInterest saved{.cells = cell_count(), .ids = public_ids_.save()};
    for (std::size_t id = 0; id < game_groups_.size(); ++id) {
        const auto group = static_cast<GroupId>(id);
        if (game_groups_[id]) saved.game_groups.push_back({group, placement_.least_priority(group)});
    }
    for (const auto& [team, group] : teams_) saved.teams.push_back({team, group});
    placement_.save(saved);
    relevance_.save(saved);
    return saved;
}

void InterestGroups::restore(const SavedInterest& saved, Tick tick) {
    tick_ = tick;
    public_ids_.restore(saved.ids);
    for (const SavedInterest::GameGroup& each : saved.game_groups) {
        if (game_groups_.size() <= each.group) game_groups_.resize(each.group + std::size_t{1});
        game_groups_[each.group] = true;
        placement_.set_priority(each.group, std::max(each.priority, std::uint8_t{1}));
    }
    for (const SavedInterest::Team& each : saved.teams) teams_[each.team] = each.group;
    using Request = InterestPlacement::Request;
    for (const SavedInterest::Place& each : saved.places)
        request(each.entity, each.for_owner ? Request{Kind::Owner} : Request{Kind::Fixed, each.group});
    for (const SavedInterest::Viewer& each : saved.viewers) {
        if (InterestPlacement::Owner* const owner = placement_.owner(each.player)) give_own_group(*owner, each.own_group);
        relevance_.restore(each);
    }
}

void InterestPlacement::save(SavedInterest& saved) const {
    for (std::uint32_t index = 0; index < requests_.size(); ++index) {
        const RowRequest& asked = requests_[index];
        if (asked.generation == 0 || asked.request.kind == Request::Kind::Default) continue;
        saved.places.push_back({.entity = {index, asked.generation},
                                .for_owner = asked.request.kind == Request::Kind::Owner,
                                .group = asked.request.group});
    }
    for (const auto [player, owner] : owners_) saved.viewers.push_back({.player = player, .own_group = owner.own_group});
}

void InterestRelevance::save(SavedInterest& saved) const {
    static_assert(static_cast<int>(Focus::Kind::Entity) == static_cast<int>(SavedInterest::Viewer::Focus::Entity));
    for (SavedInterest::Viewer& each : saved.viewers) {
        const Viewer* const viewer = viewers_.find(each.player);
        if (viewer == nullptr) continue;
        each.team = viewer->team;
        each.focus = static_cast<SavedInterest::Viewer::Focus>(viewer->focus.kind);
        each.point = viewer->focus.point;
        each.followed = viewer->focus.entity;
        for (const Wanted& wanted : viewer->subscribed) each.subscribed.push_back({wanted.group, wanted.rate});
    }
}

void InterestRelevance::restore(const SavedInterest::Viewer& saved) {
    Viewer* const viewer = this->viewer(saved.player);
    if (viewer == nullptr) return;
    viewer->team = saved.team;
    viewer->focus = {static_cast<Focus::Kind>(saved.focus), saved.point, saved.followed};
    for (const SavedInterest::Viewer::Subscribed& each : saved.subscribed) subscribe(saved.player, each.group, each.rate);
}

}  // namespace tidewire::server
