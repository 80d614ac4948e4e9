// Reads bodies. Every number in them is a claim until it is checked here.

#include <algorithm>
#include <optional>
#include <utility>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/body_scratch.h"
#include "sdk/core/replication/record.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

namespace {

class BodyDecoder {
public:
    BodyDecoder(const Codec& codec, BodyKind kind, Coverage coverage, std::uint32_t ticks, const BodyLimits& limits,
                StreamState& state, SnapshotEdit& edit, DecodeScratch* scratch)
        : codec_(codec),
          kind_(kind),
          coverage_(coverage),
          ticks_(ticks),
          limits_(limits),
          state_(state),
          edit_(edit),
          scratch_(scratch != nullptr ? *scratch : own_scratch_.emplace()) {}

    Result<BodyOutcome> run(ByteSpan body) {
        if (auto read = read_body_head(body, scratch_.sections); !read) return Unexpected{std::move(read).error()};
        const Layout& layout = codec_.layout();
        scratch_.trails.resize(layout.table_count());
        for (Trail& trail : scratch_.trails) trail.clear();
        for (const auto& [table, section] : scratch_.sections) {
            // What is beyond are components that a newer server knows.
            if (table >= layout.table_count()) break;
            if (!covers(layout, coverage_, table))
                return refuse("a body has a section for " + layout.table_name(table) +
                              ", which its stream does not carry");
            auto read = table == 0                ? read_members(section)
                        : layout.is_record(table) ? read_records(table, section)
                                                  : read_rows(table, section, scratch_.trails[table]);
            if (!read) return Unexpected{read.error()};
        }
        if (kind_ != BodyKind::Newcomers) {
            if (changed_sets_)
                state_.members = either(changed_sets_->known, changed_sets_->spawned);
            else if (from_nothing())
                state_.members.clear();
            state_.trails.swap(scratch_.trails);
        }
        return std::move(outcome_);
    }

private:
    static inline const Members nobody;

    bool from_nothing() const { return kind_ == BodyKind::Newcomers || kind_ == BodyKind::Keyframe; }
    const Members& members_before() const { return from_nothing() ? nobody : state_.members; }

    /// Who were members, or lived elsewhere, and who comes new. Most bodies tell of no members.
    const Members& known() const { return changed_sets_ ? changed_sets_->known : members_before(); }
    const Members& spawned() const { return changed_sets_ ? changed_sets_->spawned : nobody; }

    /// "the section of game.Pos ends in the wrong place"
    Unexpected refuse_section(std::size_t table) const {
        return refuse("a section of " + codec_.layout().table_name(table) + " holds what no encoder writes");
    }

    Result<void> read_members(ByteSpan section) {
        MemberChanges changes;
        DecodePort port(codec_, without_padding(section));
        MemberSets sets;
        code_members(port, members_before(), coverage_, limits_.entities_max, changes, sets);
        if (port.failed() || !port.finished()) return refuse_section(0);
        std::size_t at = 0;
        for_each_row(changes.left, [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
            outcome_.left.push_back({{index, edit_.generation(index)}, changes.destinations[at++]});
            if (coverage_ == Coverage::Private) remove_covered(index);
        });
        for (const MemberChanges::Arrival& arrival : changes.arrivals)
            if (auto taken = take(arrival, changes); !taken) return taken;
        changed_sets_ = std::move(sets);
        at = 0;
        Result<void> result;
        for_each_row(changes.owner_changed, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t index) {
            const PlayerId owner = changes.owners[at++];
            if (edit_.has(0, index))
                edit_.edit(0, chunk).column(1)[row] = static_cast<std::int32_t>(owner);
            else
                result = refuse(entity_name(index) + " changes its owner, but is not alive");
        });
        return result;
    }

    Result<void> take(const MemberChanges::Arrival& arrival, const MemberChanges& changes) {
        const std::uint32_t index = arrival.index;
        if (members_before().has(index) && !changes.left.has(index))
            return refuse(entity_name(index) + " comes to a group that it is in");
        const bool is_here = edit_.generation(index) == arrival.generation;
        outcome_.arrived.push_back(index);
        if (coverage_ == Coverage::Private) {
            if (!is_here) return refuse("a private stream tells of " + entity_name(index) + ", which is not alive");
            if (!arrival.known) remove_covered(index);
            return {};
        }
        if (arrival.known && !is_here)
            return refuse(entity_name(index) + " comes from another group, but is not known");
        if (!arrival.known) {
            // What only its owner is told of it comes by another stream, and stays.
            if (is_here)
                remove_covered(index);
            else
                edit_.remove_entity(index);
            edit_.add(0, index).column(0)[index % Chunk::rows] = static_cast<std::int32_t>(arrival.generation);
        }
        edit_.edit(0, index / Chunk::rows).column(1)[index % Chunk::rows] = static_cast<std::int32_t>(arrival.owner);
        return {};
    }

    void remove_covered(std::uint32_t index) {
        for (std::size_t table = 1; table < codec_.layout().table_count(); ++table)
            if (covers(codec_.layout(), coverage_, table)) edit_.remove(table, index);
    }

    /// The number 0 takes no bytes, and a section one at least.
    static ByteSpan without_padding(ByteSpan section) {
        return section.size() == 1 && section.front() == std::byte{0} ? ByteSpan{} : section;
    }

    /// Of the known members, those that have the component; in `memory` where not all of them do.
    const Members& rows_before(std::size_t table, Members& memory) const {
        const auto present = [&](const Members::Part& part) { return edit_.present(table, part.chunk) & part.rows; };
        const std::vector<Members::Part>& parts = known().parts();
        if (std::all_of(parts.begin(), parts.end(), [&](const auto& part) { return present(part) == part.rows; }))
            return known();
        memory.clear();
        for (const Members::Part& part : parts) memory.append(part.chunk, present(part));
        return memory;
    }
    /// Without those that a section took the component from; in `memory` where there are any.
    static const Members& without(const Members& had, const Members& removed, Members& memory) {
        if (removed.empty()) return had;
        minus(had, removed, memory);
        return memory;
    }

    /// Rows that are given to members that a section before has not made alive: a private stream's, whose entity is gone.
    Result<void> check_alive(std::size_t table, const Members& rows) const {
        Result<void> result;
        for_each_row(rows, [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
            if (!edit_.has(0, index))
                result = refuse(codec_.layout().table_name(table) + " is given to " + entity_name(index) +
                                ", which is not alive");
        });
        return result;
    }

    Result<RowChanges> read_row_changes(DecodePort& port, std::size_t table, const Members& had) {
        RowChanges changes;
        code_row_changes(port, known(), spawned(), had, scratch_.had_not, changes);
        if (port.failed()) return refuse_section(table);
        for (const Members* const added : {&changes.added_to_spawned, &changes.added_to_others})
            if (auto alive = check_alive(table, *added); !alive) return Unexpected{alive.error()};
        for_each_row(changes.removed,
                     [&](std::uint32_t, std::uint32_t, std::uint32_t index) { edit_.remove(table, index); });
        return changes;
    }

    Result<void> check_rows(std::size_t table, const Members& rows) const {
        Result<void> result;
        for_each_row(rows, [&](std::uint32_t chunk, std::uint32_t, std::uint32_t index) {
            if (result) result = check_row(codec_.layout(), table, *edit_.chunk(table, chunk), index);
        });
        return result;
    }

    Result<void> read_rows(std::size_t table, ByteSpan section, Trail& trail) {
        const RowModel& model = codec_.rows(table);
        const std::size_t slots = model.slots.size();
        DecodePort port(codec_, without_padding(section));
        const Members& had = rows_before(table, scratch_.had);
        Result<RowChanges> changes = read_row_changes(port, table, had);
        if (!changes) return Unexpected{std::move(changes).error()};
        if (auto added = read_added(port, table, *changes); !added) return added;
        const Members& kept = without(had, changes->removed, scratch_.kept);
        static const Trail no_trail;
        const Trail& past = kind_ == BodyKind::Delta && table < state_.trails.size() ? state_.trails[table] : no_trail;
        Members& moving = trail.rows;
        code_moving(port, kept, past, TrailRows::SomeMayBeGone, slots, scratch_.moving, moving);
        if (port.failed()) return refuse_section(table);
        trail.values.resize(moving.count() * slots);
        TrailWalk walk(past, slots);
        std::int32_t* memory = trail.values.data();
        const bool remembers = kind_ == BodyKind::CatchUp;
        columns_before_.clear();
        for (const Members::Part& part : moving.parts()) {
            Chunk& chunk = edit_.edit(table, part.chunk);
            if (remembers) columns_before_.emplace_back(part.chunk, chunk.columns);
            for (std::uint64_t rest = part.rows; rest != 0 && !port.failed(); rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                std::int32_t* const columns = chunk.columns.data() + row;
                const RowPast row_past(model, walk.at(part.chunk, row), ticks_);
                code_changed_row(port, model, {columns, columns}, row_past, memory);
                memory += slots;
            }
        }
        if (port.failed()) return refuse_section(table);
        Members caught_up;
        if (remembers) {
            const Members has = either(kept, either(changes->added_to_spawned, changes->added_to_others));
            caught_up.swap(moving);
            code_memories(
                port, model, has, caught_up, ticks_,
                [&](std::uint32_t chunk, std::uint32_t row) { return place(table, chunk, row); }, trail);
        }
        if (port.failed() || !port.finished()) return refuse_section(table);
        for (const Members* const rows : {&changes->added_to_spawned, &changes->added_to_others})
            if (auto checked = check_rows(table, *rows); !checked) return checked;
        return model.checked_by_slot ? Result<void>{} : check_rows(table, remembers ? caught_up : moving);
    }

    Result<void> read_added(DecodePort& port, std::size_t table, const RowChanges& changes) {
        if (changes.none()) return {};
        const RowModel& model = codec_.rows(table);
        AddedBefore last(model);
        for (const Members* const rows : {&changes.added_to_spawned, &changes.added_to_others})
            for_each_row(*rows, [&](std::uint32_t, std::uint32_t row, std::uint32_t index) {
                code_added_row(port, model, edit_.add(table, index).columns.data() + row, last);
            });
        return port.failed() ? refuse_section(table) : Result<void>{};
    }

    /// Of a row that a catch-up changed.
    RowPlace place(std::size_t table, std::uint32_t chunk, std::uint32_t row) {
        const auto before =
            std::lower_bound(columns_before_.begin(), columns_before_.end(), chunk,
                             [](const auto& columns, std::uint32_t wanted) { return columns.first < wanted; });
        return {before->second.data() + row, edit_.edit(table, chunk).columns.data() + row};
    }

    Result<void> read_records(std::size_t table, ByteSpan section) {
        ByteReader reader(section);
        const auto coded = reader.read_bytes(reader.read_varint32().value_or(0));
        if (!coded || reader.failed()) return refuse_section(table);
        DecodePort port(codec_, *coded);
        const Members& had = rows_before(table, scratch_.had);
        Result<RowChanges> changes = read_row_changes(port, table, had);
        if (!changes) return Unexpected{std::move(changes).error()};
        Members changed;
        code_rows(port, RowsOf::RecordChanged, without(had, changes->removed, scratch_.kept), changed);
        if (port.failed()) return refuse_section(table);
        Result<void> result;
        for (const Members* const rows : {&changes->added_to_spawned, &changes->added_to_others, &changed})
            for_each_row(*rows, [&](std::uint32_t, std::uint32_t row, std::uint32_t index) {
                if (!result) return;
                const auto record = reader.read_bytes(code_number(port, NumberOf::RecordBytes, 0));
                if (!record) {
                    result = refuse_section(table);
                    return;
                }
                Chunk& chunk = edit_.add(table, index);
                chunk.records[row] = std::make_shared<const Bytes>(record->begin(), record->end());
                result = check_row(codec_.layout(), table, chunk, index);
            });
        if (result && (port.failed() || !port.finished() || !reader.at_end())) return refuse_section(table);
        return result;
    }

    const Codec& codec_;
    BodyKind kind_;
    Coverage coverage_;
    std::uint32_t ticks_;
    const BodyLimits& limits_;
    StreamState& state_;
    SnapshotEdit& edit_;
    std::optional<DecodeScratch> own_scratch_;  // where the caller has none
    DecodeScratch& scratch_;
    std::optional<MemberSets> changed_sets_;  // after the section that tells of members
    // [chunk] of the rows that a catch-up changes in one table, ascending. The edit's base need not have them: newcomers and other
    // bodies of the tick may have been applied since.
    std::vector<std::pair<std::uint32_t, std::vector<std::int32_t>>> columns_before_;
    BodyOutcome outcome_;
};

}  // namespace

Result<BodyOutcome> decode_body(const Codec& codec, ByteSpan body, BodyKind kind, Coverage coverage, Tick tick,
                                const BodyLimits& limits, StreamState& state, SnapshotEdit& edit,
                                DecodeScratch* scratch) {
    const bool from_nothing = kind == BodyKind::Newcomers || kind == BodyKind::Keyframe;
    const std::uint32_t ticks = from_nothing ? 1 : tick - state.tick;
    Result<BodyOutcome> outcome = BodyDecoder(codec, kind, coverage, ticks, limits, state, edit, scratch).run(body);
    if (outcome && kind != BodyKind::Newcomers) state.tick = tick;
    return outcome;
}

}  // namespace tidewire::replication
