// Cells are looked at again only when the focus has moved by more than the margin, and lists are put together only when a part changed.
#include "server/room/interest_relevance.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace tidewire::server {

using replication::Rate;

namespace {

/// A group at enter_radius weighs a quarter of one at the focus.
constexpr float falloff_at_radius = 4;

bool by_group(const Wanted& a, const Wanted& b) { return a.group < b.group; }

Tick ticks_of(std::chrono::milliseconds time, int tick_rate) {
    return static_cast<Tick>((time.count() * tick_rate + 999) / 1000);
}

}  // namespace

InterestRelevance::InterestRelevance(const InterestPlacement& placement, const InterestGrid* grid, int tick_rate)
    : placement_(&placement), grid_(grid) {
    if (grid == nullptr) return;
    dwell_ = ticks_of(grid->options().leave_dwell, tick_rate);
    slack_ = grid->margin() * std::sqrt(2.0);
    distances_.assign(grid->cell_count(), -1);
}

void InterestRelevance::subscribe(PlayerId player, GroupId group, Rate rate) {
    Viewer* const viewer = this->viewer(player);
    if (viewer == nullptr) return;
    const Wanted subscription{.group = group, .rate = rate};
    const auto at = std::lower_bound(viewer->subscribed.begin(), viewer->subscribed.end(), subscription, by_group);
    if (at != viewer->subscribed.end() && at->group == group)
        *at = subscription;
    else
        viewer->subscribed.insert(at, subscription);
    viewer->changed = true;
}

void InterestRelevance::unsubscribe(PlayerId player, GroupId group) {
    Viewer* const viewer = this->viewer(player);
    if (viewer == nullptr) return;
    const auto gone = std::erase_if(viewer->subscribed, [&](const Wanted& each) { return each.group == group; });
    viewer->changed = viewer->changed || gone != 0;
}

void InterestRelevance::forget(GroupId group) {
    for (const auto [player, viewer] : viewers_) unsubscribe(player, group);
}

void InterestRelevance::set_team(PlayerId player, GroupId group) {
    Viewer* const viewer = this->viewer(player);
    if (viewer == nullptr) return;
    viewer->team = group;
    viewer->changed = true;
}

void InterestRelevance::find_teams(std::vector<GroupId>& groups) const {
    groups.clear();
    for (const auto [player, viewer] : viewers_)
        if (viewer.team != group_none) groups.push_back(viewer.team);
    std::sort(groups.begin(), groups.end());
}

void InterestRelevance::set_focus(PlayerId player, GridPoint point) {
    if (Viewer* const viewer = this->viewer(player)) viewer->focus = {Focus::Kind::Point, point, {}};
}

void InterestRelevance::follow(PlayerId player, EntityId entity) {
    if (Viewer* const viewer = this->viewer(player))
        viewer->focus = {entity ? Focus::Kind::Entity : Focus::Kind::Own, {}, entity};
}

void InterestRelevance::update(Tick tick) {
    changed_.clear();
    for (const auto [player, viewer] : viewers_) {
        const bool leaves = viewer.next_leave != 0 && tick >= viewer.next_leave;
        const bool moved = grid_ != nullptr && find_focus(player, viewer) && has_moved(viewer);
        if (moved) viewer.points.swap(points_);
        if (moved || leaves) find_cells(viewer, tick);
        find_own(player);
        const bool same_own = own_ == viewer.own;
        if (!moved && !leaves && same_own && !viewer.changed && !is_reprioritized(viewer)) continue;
        viewer.own.swap(own_);
        viewer.changed = false;
        if (compose(viewer)) changed_.push_back(player);
    }
}

std::span<const Wanted> InterestRelevance::wanted(PlayerId player) const {
    const Viewer* const viewer = viewers_.find(player);
    return viewer == nullptr ? std::span<const Wanted>() : viewer->wanted;
}

std::uint32_t InterestRelevance::revision(PlayerId player) const {
    const Viewer* const viewer = viewers_.find(player);
    return viewer == nullptr ? 0 : viewer->revision;
}

bool InterestRelevance::changed(PlayerId player) const {
    return std::binary_search(changed_.begin(), changed_.end(), player);
}

bool InterestRelevance::find_focus(PlayerId player, Viewer& viewer) {
    points_.clear();
    Focus& focus = viewer.focus;
    GridPoint point;
    if (focus.kind == Focus::Kind::Entity && placement_->generation_of(focus.entity.index) != focus.entity.generation)
        focus = {};
    switch (focus.kind) {
        case Focus::Kind::Point:
            points_.push_back(focus.point);
            break;
        case Focus::Kind::Entity:
            if (placement_->find_point(focus.entity.index, point)) points_.push_back(point);
            break;
        case Focus::Kind::Own:
            if (const InterestPlacement::Owner* const owner = placement_->owner(player))
                for (const std::uint32_t index : owner->entities)
                    if (placement_->find_point(index, point)) points_.push_back(point);
            break;
    }
    return !points_.empty();
}

bool InterestRelevance::has_moved(const Viewer& viewer) const {
    if (points_.size() != viewer.points.size()) return true;
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (std::abs(points_[i].x - viewer.points[i].x) > grid_->margin() ||
            std::abs(points_[i].y - viewer.points[i].y) > grid_->margin())
            return true;
    return false;
}

/// Fills near_ and distances_.
void InterestRelevance::measure_cells(const std::vector<GridPoint>& points) {
    const double radius = double{grid_->options().leave_radius} + slack_;
    near_.clear();
    for (const GridPoint& point : points)
        grid_->visit_near(point, radius, [&](std::uint32_t cell, double distance) {
            float& nearest = distances_[cell];
            if (nearest < 0) near_.push_back(cell);
            if (nearest < 0 || distance < double{nearest}) nearest = static_cast<float>(distance);
        });
    if (points.size() > 1) std::sort(near_.begin(), near_.end());
}

void InterestRelevance::find_cells(Viewer& viewer, Tick tick) {
    measure_cells(viewer.points);
    const double enter = double{grid_->options().enter_radius} + slack_;
    cells_.clear();
    viewer.next_leave = 0;
    const auto keep_leaving = [&](Cell cell) {
        if (cell.leave_at == 0) cell.leave_at = tick + dwell_;
        if (tick >= cell.leave_at) return;
        if (viewer.next_leave == 0 || cell.leave_at < viewer.next_leave) viewer.next_leave = cell.leave_at;
        cells_.push_back(cell);
    };
    auto old = viewer.cells.cbegin();
    for (const std::uint32_t near : near_) {
        const auto group = static_cast<GroupId>(group_first_cell + near);
        const float distance = std::exchange(distances_[near], -1.0F);
        for (; old != viewer.cells.cend() && old->group < group; ++old) keep_leaving(*old);
        if (old != viewer.cells.cend() && old->group == group)
            cells_.push_back({group, next_rate((old++)->rate, double{distance}), 0, distance});
        else if (double{distance} <= enter)
            cells_.push_back({group, rate_at(double{distance}), 0, distance});
    }
    for (; old != viewer.cells.cend(); ++old) keep_leaving(*old);
    viewer.cells.swap(cells_);
}

void InterestRelevance::find_own(PlayerId player) {
    own_.clear();
    const InterestPlacement::Owner* const owner = placement_->owner(player);
    if (owner == nullptr) return;
    for (const std::uint32_t index : owner->entities) {
        if (const GroupId group = placement_->group_of(index); group != group_nobody) own_.push_back(group);
        if (const GroupId group = placement_->private_group_of(index); group != group_none) own_.push_back(group);
    }
    std::sort(own_.begin(), own_.end());
    own_.erase(std::unique(own_.begin(), own_.end()), own_.end());
}

bool InterestRelevance::is_reprioritized(const Viewer& viewer) const {
    const std::span<const GroupId> groups = placement_->reprioritized();
    return !groups.empty() && std::any_of(viewer.wanted.begin(), viewer.wanted.end(), [&](const Wanted& each) {
        return std::binary_search(groups.begin(), groups.end(), each.group);
    });
}

bool InterestRelevance::compose(Viewer& viewer) {
    wanted_.clear();
    const auto add = [&](GroupId group, Rate rate, float priority) {
        wanted_.push_back({.group = group, .rate = rate, .priority = priority});
    };
    const auto full_priority = [&](GroupId group) {
        return is_private(group) ? 1.0F : static_cast<float>(placement_->priority(group));
    };
    add(group_always, Rate::Full, full_priority(group_always));
    for (const Cell& cell : viewer.cells) add(cell.group, cell.rate, priority_of(cell));
    for (const Wanted& each : viewer.subscribed) add(each.group, each.rate, full_priority(each.group));
    if (viewer.team != group_none) add(viewer.team, Rate::Full, full_priority(viewer.team));
    for (const GroupId group : viewer.own)
        wanted_.push_back({.group = group, .own = true, .priority = full_priority(group)});
    merge_reasons();
    if (wanted_ == viewer.wanted) return false;
    viewer.wanted.swap(wanted_);
    ++viewer.revision;
    return true;
}

/// Sorts wanted_. A group that is wanted for several reasons gets the best of each.
void InterestRelevance::merge_reasons() {
    // Up to the end of the cells it is sorted, and hardly anything comes behind.
    std::size_t count = 1;
    while (count < wanted_.size() && by_group(wanted_[count - 1], wanted_[count])) ++count;
    for (std::size_t next = count; next < wanted_.size(); ++next) {
        const Wanted each = wanted_[next];
        const auto end = wanted_.begin() + static_cast<std::ptrdiff_t>(count);
        const auto at = std::lower_bound(wanted_.begin(), end, each, by_group);
        if (at == end || at->group != each.group) {
            std::move_backward(at, end, end + 1);
            *at = each;
            ++count;
            continue;
        }
        at->rate = std::min(at->rate, each.rate);
        at->own = at->own || each.own;
        at->priority = std::max(at->priority, each.priority);
    }
    wanted_.resize(count);
}

Rate InterestRelevance::rate_at(double distance) const {
    const GridOptions& options = grid_->options();
    if (options.quarter_rate_from > 0 && distance >= double{options.quarter_rate_from}) return Rate::Quarter;
    if (options.half_rate_from > 0 && distance >= double{options.half_rate_from}) return Rate::Half;
    return Rate::Full;
}

Rate InterestRelevance::next_rate(Rate rate, double distance) const {
    const Rate now = rate_at(distance);
    if (now <= rate) return now;
    const double gap = double{grid_->options().leave_radius} - double{grid_->options().enter_radius};
    return std::max(rate, rate_at(distance - gap));
}

float InterestRelevance::priority_of(const Cell& cell) const {
    const float far = cell.distance / grid_->options().enter_radius;
    return static_cast<float>(placement_->priority(cell.group)) / (1 + (falloff_at_radius - 1) * far);
}

}  // namespace tidewire::server
