// An update costs one comparison of pointers for each chunk and table, one of numbers for each position that changed, and a change of
// two groups for each entity that crossed a border.
#include "server/room/interest_placement.h"

#include <algorithm>
#include <utility>

namespace tidewire::server {

using replication::Chunk;
using replication::ChunkPointer;
using replication::Snapshot;

namespace {

const ChunkPointer no_chunk;

const ChunkPointer& chunk_of(const Snapshot& snapshot, std::size_t table, std::size_t chunk) {
    return snapshot.chunk(table, chunk) == nullptr ? no_chunk : snapshot.tables[table][chunk];
}

std::uint64_t present(const ChunkPointer& chunk) { return chunk ? chunk->present : 0; }

constexpr std::uint64_t bit(std::uint32_t index) { return std::uint64_t{1} << (index % Chunk::rows); }

/// Calls visit(row) for each bit of `rows`.
template <class Visit>
void for_each_row(std::uint64_t rows, Visit visit) {
    for (; rows != 0; rows &= rows - 1) visit(static_cast<std::uint32_t>(__builtin_ctzll(rows)));
}

constexpr std::uint32_t first_row(std::size_t chunk) { return static_cast<std::uint32_t>(chunk * Chunk::rows); }

}  // namespace

InterestPlacement::InterestPlacement(const replication::Layout& layout, const InterestGrid* grid,
                                     std::size_t ticks_held)
    : layout_(&layout), grid_(grid), history_(ticks_held), levels_{1} {
    if (grid_ != nullptr) {
        positions_.table = grid_->table();
        cell_count_ = grid_->cell_count();
    }
    for (std::size_t table = 1; table < layout.table_count(); ++table) {
        const StructInfo& component = layout.component(table).info();
        if (!component.owner_only) levels_.push_back(component.priority);
    }
    std::sort(levels_.begin(), levels_.end());
    levels_.erase(std::unique(levels_.begin(), levels_.end()), levels_.end());
    for (std::size_t table = 1; table < layout.table_count(); ++table) {
        const StructInfo& component = layout.component(table).info();
        if (component.owner_only) private_tables_.push_back(presences_.size());
        if (component.owner_only || levels_.size() > 1) presences_.push_back({table, {}});
    }
}

InterestPlacement::Owner& InterestPlacement::add_owner(PlayerId player) { return owners_.add(player); }

void InterestPlacement::remove_owner(PlayerId player) {
    const Owner* const owner = owners_.find(player);
    if (owner == nullptr) return;
    for (const std::uint32_t index : owner->entities) asked_[index / Chunk::rows] |= bit(index);
    owners_.remove(player);
}

void InterestPlacement::request(EntityId entity, Request request) {
    grow(entity.index / Chunk::rows + 1);
    requests_[entity.index] = {entity.generation, request};
    asked_[entity.index / Chunk::rows] |= bit(entity.index);
}

void InterestPlacement::withdraw(GroupId group) {
    for (std::uint32_t index = 0; index < requests_.size(); ++index) {
        Request& request = requests_[index].request;
        if (request.kind != Request::Kind::Fixed || request.group != group) continue;
        request = {};
        asked_[index / Chunk::rows] |= bit(index);
    }
}

void InterestPlacement::set_priority(GroupId group, std::uint8_t priority) {
    if (group >= priorities_.size()) priorities_.resize(group + std::size_t{1}, 1);
    if (std::exchange(priorities_[group], priority) != priority) reprioritized_next_.push_back(group);
}

void InterestPlacement::update(const Snapshot& snapshot) {
    const std::size_t now = snapshot.tables.empty() ? 0 : snapshot.tables[0].size();
    grow(now);
    for (std::size_t chunk = 0; chunk < entities_.seen.size(); ++chunk) {
        std::uint64_t rows = std::exchange(asked_[chunk], 0);
        rows |= note_entities(snapshot, chunk);
        rows |= note_presence(snapshot, chunk);
        rows |= note_positions(snapshot, chunk);
        for_each_row(rows, [&](std::uint32_t row) { place(first_row(chunk) + row, snapshot.tick); });
    }
    reprioritized_.swap(reprioritized_next_);
    reprioritized_next_.clear();
    std::sort(reprioritized_.begin(), reprioritized_.end());
    reprioritized_.erase(std::unique(reprioritized_.begin(), reprioritized_.end()), reprioritized_.end());
    history_.commit(snapshot.tick);
    moves_.drop_before(history_.oldest());
}

GroupId InterestPlacement::group_at(std::uint32_t index, Tick tick) const {
    return history_.holds(tick) ? moves_.group_at(index, tick, group_of(index)) : group_none;
}

bool InterestPlacement::find_point(std::uint32_t index, GridPoint& point) const {
    if (grid_ == nullptr || index >= rows_.size() || !rows_[index].positioned) return false;
    point = grid_->point(rows_[index].x, rows_[index].y);
    return true;
}

std::uint8_t InterestPlacement::priority(GroupId group) const {
    std::size_t level = levels_.size() - 1;
    const std::size_t counts = group * levels_.size();
    const bool counted = counts + level < level_counts_.size();
    while (level > 0 && (!counted || level_counts_[counts + level] == 0)) --level;
    return std::max(levels_[level], least_priority(group));
}

void InterestPlacement::grow(std::size_t chunks) {
    if (chunks <= entities_.seen.size()) return;
    entities_.seen.resize(chunks);
    positions_.seen.resize(chunks);
    for (Watched& presence : presences_) presence.seen.resize(chunks);
    rows_.resize(chunks * Chunk::rows);
    requests_.resize(chunks * Chunk::rows);
    asked_.resize(chunks);
}

std::uint64_t InterestPlacement::note_entities(const Snapshot& snapshot, std::size_t chunk) {
    ChunkPointer& seen = entities_.seen[chunk];
    const ChunkPointer& now = chunk_of(snapshot, entities_.table, chunk);
    if (seen == now) return 0;
    std::uint64_t changed = 0;
    for_each_row(present(seen) | present(now), [&](std::uint32_t row) {
        const bool there = (present(now) & bit(row)) != 0;
        const auto generation = there ? static_cast<std::uint32_t>(now->column(0)[row]) : 0;
        const auto owner = there ? static_cast<PlayerId>(now->column(1)[row]) : 0;
        Row& entity = rows_[first_row(chunk) + row];
        if (entity.generation == generation && entity.owner == owner) return;
        if (entity.owner != owner) change_owner(first_row(chunk) + row, owner);
        entity.generation = generation;
        changed |= bit(row);
    });
    seen = now;
    return changed;
}

std::uint64_t InterestPlacement::note_presence(const Snapshot& snapshot, std::size_t chunk) {
    std::uint64_t changed = 0;
    for (Watched& presence : presences_) {
        const ChunkPointer& now = chunk_of(snapshot, presence.table, chunk);
        if (presence.seen[chunk] == now) continue;
        changed |= present(presence.seen[chunk]) ^ present(now);
        presence.seen[chunk] = now;
    }
    return changed;
}

std::uint64_t InterestPlacement::note_positions(const Snapshot& snapshot, std::size_t chunk) {
    if (grid_ == nullptr) return 0;
    ChunkPointer& seen = positions_.seen[chunk];
    const ChunkPointer& now = chunk_of(snapshot, positions_.table, chunk);
    if (seen == now) return 0;
    Row* const rows = &rows_[first_row(chunk)];
    std::uint64_t changed = present(seen) ^ present(now);
    for_each_row(changed, [&](std::uint32_t row) { rows[row].positioned = (present(now) & bit(row)) != 0; });
    if (now) {
        const std::int32_t* const xs = now->column(grid_->x_slot());
        const std::int32_t* const ys = now->column(grid_->y_slot());
        for_each_row(now->present, [&](std::uint32_t row) {
            Row& entity = rows[row];
            if (entity.x == xs[row] && entity.y == ys[row]) return;
            entity.x = xs[row];
            entity.y = ys[row];
            if (is_cell(entity.group) && !grid_->holds(entity.group - group_first_cell, entity.x, entity.y))
                changed |= bit(row);
        });
    }
    seen = now;
    return changed;
}

void InterestPlacement::change_owner(std::uint32_t index, PlayerId player) {
    if (Owner* const before = owner(rows_[index].owner)) {
        const auto found = std::lower_bound(before->entities.begin(), before->entities.end(), index);
        if (found != before->entities.end() && *found == index) before->entities.erase(found);
    }
    if (Owner* const after = owner(player))
        after->entities.insert(std::lower_bound(after->entities.begin(), after->entities.end(), index), index);
    rows_[index].owner = player;
}

void InterestPlacement::place(std::uint32_t index, Tick tick) {
    Row& row = rows_[index];
    const Owner* const its_owner = row.owner == 0 ? nullptr : owner(row.owner);
    const GroupId group = wanted_group(index, its_owner);
    const std::uint8_t level = row.generation == 0 ? std::uint8_t{0} : level_of(index);
    row.placed = row.generation;
    if (group != row.group || level != row.level) {
        count_level(row.group, row.level, -1);
        count_level(group, level, 1);
        row.level = level;
    }
    if (group != row.group) {
        moves_.add(tick, index, row.group);
        if (row.group != group_none) history_.erase(row.group, index);
        if (group != group_none) history_.insert(group, index);
        row.group = group;
    }
    const GroupId private_group = wanted_private_group(index, its_owner);
    if (private_group != row.private_group) {
        if (row.private_group != group_none) history_.erase(row.private_group, index);
        if (private_group != group_none) history_.insert(private_group, index);
        row.private_group = private_group;
    }
}

GroupId InterestPlacement::wanted_group(std::uint32_t index, const Owner* its_owner) const {
    const Row& row = rows_[index];
    if (row.generation == 0) return group_none;
    const RowRequest& asked = requests_[index];
    if (asked.generation == row.generation && asked.request.kind == Request::Kind::Fixed) return asked.request.group;
    if (asked.generation == row.generation && asked.request.kind == Request::Kind::Owner)
        return its_owner == nullptr ? group_nobody : its_owner->own_group;
    if (!row.positioned) return group_always;
    const bool stays =
        row.placed == row.generation && is_cell(row.group) && grid_->holds(row.group - group_first_cell, row.x, row.y);
    return stays ? row.group : static_cast<GroupId>(group_first_cell + grid_->cell(row.x, row.y));
}

GroupId InterestPlacement::wanted_private_group(std::uint32_t index, const Owner* its_owner) const {
    if (its_owner == nullptr || rows_[index].generation == 0) return group_none;
    const bool has_any = std::any_of(private_tables_.begin(), private_tables_.end(), [&](std::size_t table) {
        return (present(presences_[table].seen[index / Chunk::rows]) & bit(index)) != 0;
    });
    return has_any ? its_owner->private_group : group_none;
}

std::uint8_t InterestPlacement::level_of(std::uint32_t index) const {
    if (levels_.size() == 1) return 0;
    std::uint8_t priority = 1;
    for (const Watched& presence : presences_) {
        const StructInfo& component = layout_->component(presence.table).info();
        if (component.owner_only || (present(presence.seen[index / Chunk::rows]) & bit(index)) == 0) continue;
        priority = std::max(priority, component.priority);
    }
    return static_cast<std::uint8_t>(std::lower_bound(levels_.begin(), levels_.end(), priority) - levels_.begin());
}

void InterestPlacement::count_level(GroupId group, std::uint8_t level, int change) {
    if (levels_.size() == 1 || group == group_none) return;
    const std::size_t at = group * levels_.size() + level;
    if (at >= level_counts_.size()) level_counts_.resize((group + std::size_t{1}) * levels_.size());
    std::uint32_t& count = level_counts_[at];
    count += static_cast<std::uint32_t>(change);
    if (count <= (change > 0 ? 1U : 0U)) reprioritized_next_.push_back(group);
}

}  // namespace tidewire::server
