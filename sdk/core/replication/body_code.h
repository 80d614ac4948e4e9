// The parts of a body that encoder and decoder do alike, over a port.
#pragma once

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/member_changes.h"
#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

/// A decoder stops at the first index from `entities_max` on, and finds `sets`. The entities' owners are told in public streams only.
template <class Port>
void code_members(Port& port, const Members& before, Coverage coverage, std::uint32_t entities_max,
                  MemberChanges& changes, MemberSets& sets) {
    code_rows(port, RowsOf::Left, before, changes.left);
    if constexpr (Port::reads) changes.destinations.resize(changes.left.count());
    for (std::optional<std::uint16_t>& destination : changes.destinations) {
        if (!code_flag(port, FlagOf::LeftForGroup, destination.has_value())) continue;
        destination = static_cast<std::uint16_t>(port.bits(destination.value_or(0), 16));
    }
    const std::uint32_t count =
        code_number(port, NumberOf::Arrivals, static_cast<std::uint32_t>(changes.arrivals.size()));
    std::uint64_t expected = 0;
    for (std::uint32_t i = 0; i < count && !port.failed(); ++i) {
        MemberChanges::Arrival arrival{};
        if constexpr (!Port::reads) arrival = changes.arrivals[i];
        const std::uint64_t index =
            expected + code_number(port, NumberOf::IndexGap, static_cast<std::uint32_t>(arrival.index - expected));
        if (index >= entities_max) return port.fail();
        arrival.index = static_cast<std::uint32_t>(index);
        arrival.generation = code_number(port, NumberOf::Generation, arrival.generation);
        if (arrival.generation == 0) return port.fail();
        arrival.known = code_flag(port, FlagOf::ArrivedFromGroup, arrival.known);
        if (coverage == Coverage::Public) arrival.owner = code_number(port, NumberOf::Owner, arrival.owner);
        if constexpr (Port::reads) changes.arrivals.push_back(arrival);
        expected = index + 1;
    }
    if constexpr (Port::reads) sets_after(before, changes, sets);
    if (coverage == Coverage::Private) return;
    code_rows(port, RowsOf::OwnerChanged, sets.known, changes.owner_changed);
    if constexpr (Port::reads) changes.owners.resize(changes.owner_changed.count());
    for (PlayerId& owner : changes.owners) owner = code_number(port, NumberOf::Owner, owner);
}

/// Which rows of one component come and go, of members that are `known` and `spawned` (see MemberSets). Rows of `had` were there
/// before; an encoder that has nothing to tell need not say which.
struct RowChanges {
    Members removed;
    Members added_to_spawned;
    Members added_to_others;

    bool none() const { return removed.empty() && added_to_spawned.empty() && added_to_others.empty(); }
    void clear() {
        removed.clear();
        added_to_spawned.clear();
        added_to_others.clear();
    }
};

template <class Port>
void code_row_changes(Port& port, const Members& known, const Members& spawned, const Members& had, Members& scratch,
                      RowChanges& changes) {
    if (!code_flag(port, FlagOf::Edited, !changes.none())) return;
    code_rows(port, RowsOf::Removed, had, changes.removed);
    code_rows(port, RowsOf::AddedToSpawned, spawned, changes.added_to_spawned);
    minus(known, had, scratch);
    code_rows(port, RowsOf::AddedToOthers, scratch, changes.added_to_others);
}

/// By how fast a row moved, and in how many of its slots.
inline std::uint32_t again_context(const std::int32_t* values, std::size_t slots) {
    std::uint32_t together = 0;  // as many bits as the fastest
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < slots; ++i) {
        together |= token::magnitude(values[i]);
        count += values[i] != 0 ? 1 : 0;
    }
    const std::uint32_t speed = contexts::magnitude_class(static_cast<std::int32_t>(std::min(together, 127U)));
    return contexts::again + speed * 4 + std::min(count, 3U);
}

/// Memory for code_moving(), kept from body to body.
struct MovingScratch {
    Members again;
    Members resting;
    Members starting;
};

/// Whether a trail's rows are all still there, as far as is known without looking.
enum class TrailRows : std::uint8_t { AllThere, SomeMayBeGone };

/// Which of `rows` moved: first those that moved in the last body, by how they did, then the others.
template <class Port>
void code_moving(Port& port, const Members& rows, const Trail& trail, TrailRows there, std::size_t slots,
                 MovingScratch& scratch, Members& moving) {
    Members& again = scratch.again;
    again.clear();
    std::size_t rank = 0;
    RowsWalk rows_walk(rows);
    RowsWalk moving_walk(moving);
    for (const Members::Part& part : trail.rows.parts()) {
        const std::uint64_t here = there == TrailRows::AllThere ? part.rows : rows_walk.at(part.chunk);
        const std::uint64_t wanted = Port::reads ? 0 : moving_walk.at(part.chunk);
        std::uint64_t found = 0;
        for (std::uint64_t rest = part.rows; rest != 0; rest &= rest - 1, ++rank) {
            const std::uint64_t bit = rest & (~rest + 1);
            if ((here & bit) == 0) continue;  // has left the group, or lost the component
            const std::uint32_t context = again_context(trail.values.data() + rank * slots, slots);
            if (port.symbol(context, (wanted & bit) != 0 ? 1 : 0) != 0) found |= bit;
        }
        if constexpr (Port::reads) again.append(part.chunk, found);
    }
    if constexpr (!Port::reads) {
        minus(moving, trail.rows, scratch.starting);
        // Nobody starts in most bodies of small groups: then nobody asks who rests.
        if (scratch.starting.empty()) {
            if (exceeds(rows, trail.rows)) tell_none(port, RowsOf::Starting);
            return;
        }
    }
    minus(rows, trail.rows, scratch.resting);
    code_rows(port, RowsOf::Starting, scratch.resting, scratch.starting);
    if constexpr (Port::reads) either(again, scratch.starting, moving);
}

/// Walks through a trail in step with rows that it may or may not have.
class TrailWalk {
public:
    TrailWalk(const Trail& trail, std::size_t slots) : trail_(&trail), slots_(slots) { enter(0); }

    /// What is remembered of a row; null when it did not move. Rows ascend.
    const std::int32_t* at(std::uint32_t chunk, std::uint32_t row) {
        const std::vector<Members::Part>& parts = trail_->rows.parts();
        while (part_ < parts.size() && parts[part_].chunk < chunk) {
            rank_ += bit_count(rest_);
            enter(part_ + 1);
        }
        if (part_ == parts.size() || parts[part_].chunk != chunk || (rest_ >> row & 1) == 0) return nullptr;
        for (; (rest_ & ((std::uint64_t{1} << row) - 1)) != 0; rest_ &= rest_ - 1) ++rank_;
        return trail_->values.data() + rank_ * slots_;
    }

private:
    void enter(std::size_t part) {
        part_ = part;
        rest_ = part < trail_->rows.parts().size() ? trail_->rows.parts()[part].rows : 0;
    }

    const Trail* trail_;
    std::size_t slots_;
    std::size_t part_ = 0;
    std::uint64_t rest_ = 0;  // of the part's rows
    std::size_t rank_ = 0;    // of the first of the rest
};

/// For who did not follow the stream: which of `rows` it remembers, and what. `moved` are those that the body itself changed;
/// `place(chunk, row)` gives their columns.
template <class Port, class Place>
void code_memories(Port& port, const RowModel& model, const Members& rows, const Members& moved, std::uint32_t ticks,
                   const Place& place, Trail& trail) {
    const std::size_t slots = model.slots.size();
    const bool any = code_flag(port, FlagOf::Remembers, !trail.rows.empty());
    Trail result;
    if (!any) {
        trail = std::move(result);
        return;
    }
    TrailWalk walk(trail, slots);
    RowsWalk moved_walk(moved);
    for (const Members::Part& part : rows.parts()) {
        const std::uint64_t moved_here = moved_walk.at(part.chunk);
        std::uint64_t found = 0;
        for (std::uint64_t rest = part.rows; rest != 0 && !port.failed(); rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            const bool is_moved = (moved_here >> row & 1) != 0;
            const std::int32_t* known = Port::reads ? nullptr : walk.at(part.chunk, row);
            const FlagOf flag = is_moved ? FlagOf::RemembersMoved : FlagOf::RemembersStill;
            if (!code_flag(port, flag, known != nullptr)) continue;
            found |= std::uint64_t{1} << row;
            const std::size_t at = result.values.size();
            result.values.resize(at + slots);
            if (known != nullptr) std::copy(known, known + slots, result.values.data() + at);
            const RowPlace columns = is_moved ? place(part.chunk, row) : RowPlace{nullptr, nullptr};
            code_memory(port, model, is_moved ? &columns : nullptr, result.values.data() + at, ticks);
        }
        result.rows.append(part.chunk, found);
    }
    trail = std::move(result);
}

}  // namespace tidewire::replication
