// Compares two snapshots over the members of a group and writes what differs. What is equal costs a comparison of pointers.

#include <algorithm>
#include <optional>
#include <utility>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/body_scratch.h"

namespace tidewire::replication {

namespace {

class BodyEncoder {
public:
    /// `follows`: the reader has all that there was before, even of entities that were no members.
    BodyEncoder(const BodySource& source, const Members& before, const Members& after, bool follows,
                std::uint32_t ticks)
        : source_(source),
          before_(before),
          after_(after),
          ticks_(ticks),
          scratch_(source.scratch != nullptr ? *source.scratch : own_scratch_.emplace()),
          changes_(scratch_.members),
          sets_(scratch_.sets),
          port_(scratch_.port) {
        find_member_changes(source, before, after, follows, changes_);
        if (changes_.none())
            sets_.spawned.clear();
        else
            sets_after(before_, changes_, sets_);
        port_.begin(source.codec, source.listener);
        scratch_.sections.clear();
        scratch_.lengths.clear();
    }

    /// `state` is the reader's, and becomes what it has afterwards. `memories`: the reader learns the stream's trails.
    void run(std::vector<Trail>& trails, const std::vector<Trail>* memories, Bytes& out) {
        Bytes& sections = scratch_.sections;
        trails.resize(source_.codec.layout().table_count());
        for (std::size_t table = 0; table < trails.size(); ++table) {
            if (!covers(source_.codec.layout(), source_.coverage, table)) continue;
            const std::size_t begin = sections.size();
            if (table == 0)
                write_members();
            else if (source_.codec.layout().is_record(table))
                write_records(table);
            else
                write_rows(table, trails[table], memories);
            if (sections.size() != begin) scratch_.lengths.push_back({table, sections.size() - begin});
        }
        append_body_head(out, scratch_.lengths);
        append(out, sections);
    }

    /// What the reader's members were is not what they are.
    bool members_changed() const { return !changes_.none(); }

private:
    void write_members() {
        if (changes_.none()) return;
        code_members(port_, before_, source_.coverage, ~std::uint32_t{0}, changes_, sets_);
        finish_section();
    }

    /// An empty section would be none, and a number of 0 takes no bytes.
    void finish_section() {
        const std::size_t begin = scratch_.sections.size();
        port_.finish(scratch_.sections);
        if (scratch_.sections.size() == begin) scratch_.sections.push_back(std::byte{0});
    }

    /// As MemberSets says. Most bodies tell of no members.
    const Members& known() const { return changes_.none() ? before_ : sets_.known; }

    /// What differs; `had` and `kept` are left to complete(), for most groups have nothing to tell of most tables. Whether there is
    /// anything.
    bool compare(std::size_t table) {
        ComparedRows& result = scratch_.compared;
        result.changed.clear();
        result.rows.clear();
        all_have_ = false;
        if (changes_.none() && source_.changes != nullptr && source_.changes->shares(table)) return false;
        if (!compare_values(table)) compare_rows(table);
        return !result.rows.none() || !result.changed.empty();
    }

    /// The same for the commonest case: nobody comes or goes, and source_.changes is there. False when it is another.
    bool compare_values(std::size_t table) {
        if (!changes_.none() || source_.changes == nullptr) return false;
        std::uint64_t come_gone = 0;
        std::uint64_t lack = 0;
        scratch_.compared.changed.assign(after_.parts(), [&](const Members::Part& part) {
            const ChunkChanges& changes = source_.changes->rows(table, part.chunk);
            come_gone |= changes.come_gone & part.rows;
            lack |= part.rows & ~changes.has;
            return changes.changed & part.rows;
        });
        all_have_ = lack == 0;
        return come_gone == 0;
    }

    void compare_rows(std::size_t table) {
        ComparedRows& result = scratch_.compared;
        result.changed.clear();
        all_have_ = true;
        const TableChunks before = source_.before.table(table);
        const TableChunks after = source_.after.table(table);
        const std::size_t slots = source_.codec.layout().slot_count(table);
        RowsWalk known_rows(known());
        for (const Members::Part& part : after_.parts()) {
            const std::uint64_t known = known_rows.at(part.chunk);
            const ChunkChanges changes = source_.changes != nullptr
                                             ? source_.changes->rows(table, part.chunk)
                                             : changes_between(before[part.chunk], after[part.chunk], slots);
            all_have_ = all_have_ && (part.rows & ~changes.has) == 0;
            // Most members are as they were.
            if (known == part.rows && (changes.any() & known) == 0) continue;
            result.changed.append(part.chunk, changes.changed & known & part.rows);
            if (known == part.rows && (changes.come_gone & known) == 0) continue;
            const std::uint64_t had = before.present(part.chunk) & known;
            const std::uint64_t has = changes.has & part.rows;
            result.rows.removed.append(part.chunk, had & ~has);
            result.rows.added_to_spawned.append(part.chunk, has & ~known);
            result.rows.added_to_others.append(part.chunk, has & known & ~had);
        }
    }

    /// Those of the members that had and have the component.
    const Members& complete(std::size_t table) {
        ComparedRows& compared = scratch_.compared;
        const TableChunks before = source_.before.table(table);
        const TableChunks after = source_.after.table(table);
        const std::vector<Members::Part>& parts = after_.parts();
        const bool edited = !compared.rows.none();
        compared.had.clear();
        compared.kept.clear();
        if (!edited && changes_.none()) {
            if (all_have_) return after_;
            for (const Members::Part& part : parts)
                compared.kept.append(part.chunk, after.present(part.chunk) & part.rows);
            return compared.kept;
        }
        RowsWalk known_rows(known());
        for (const Members::Part& part : parts) {
            const std::uint64_t had = before.present(part.chunk) & known_rows.at(part.chunk);
            if (edited) compared.had.append(part.chunk, had);
            compared.kept.append(part.chunk, had & after.present(part.chunk) & part.rows);
        }
        return compared.kept;
    }

    RowPlace place(std::size_t table, std::uint32_t chunk, std::uint32_t row) const {
        return place(source_.before.chunk(table, chunk), source_.after.chunk(table, chunk), row);
    }
    static RowPlace place(const Chunk* before, const Chunk* after, std::uint32_t row) {
        // The port reads it: an encoder's rows are not written to.
        return {before == nullptr ? nullptr : before->columns.data() + row,
                const_cast<std::int32_t*>(after->columns.data()) + row};
    }

    void write_rows(std::size_t table, Trail& trail, const std::vector<Trail>* memories) {
        const bool remembers = memories != nullptr && table < memories->size() && !(*memories)[table].rows.empty();
        if (!compare(table) && !remembers) return trail.clear();
        const Members& kept = complete(table);
        ComparedRows& compared = scratch_.compared;
        const RowModel& model = source_.codec.rows(table);
        code_row_changes(port_, known(), sets_.spawned, compared.had, compared.had_not, compared.rows);
        if (!compared.rows.none()) write_added(table, compared.rows);
        const bool as_before = changes_.none() && compared.rows.none();
        code_moving(port_, kept, trail, as_before ? TrailRows::AllThere : TrailRows::SomeMayBeGone, model.slots.size(),
                    scratch_.moving, compared.changed);
        write_changed(table, trail);
        if (memories != nullptr) {
            if (remembers)
                trail = (*memories)[table];
            else
                trail.clear();
            const Members has = either(kept, either(compared.rows.added_to_spawned, compared.rows.added_to_others));
            code_memories(
                port_, model, has, compared.changed, ticks_,
                [&](std::uint32_t chunk, std::uint32_t row) { return place(table, chunk, row); }, trail);
        }
        finish_section();
    }

    void write_changed(std::size_t table, Trail& trail) {
        const Members& changed = scratch_.compared.changed;
        const RowModel& model = source_.codec.rows(table);
        const std::size_t slots = model.slots.size();
        const TableChunks before = source_.before.table(table);
        const TableChunks after = source_.after.table(table);
        Trail& next = scratch_.trail;
        const std::size_t values = changed.count() * slots;
        // Trails go from stream to stream: with room to spare, all of them have grown soon.
        if (next.values.capacity() < values) next.values.reserve(2 * values);
        next.rows.reserve(changed.parts().size() + changed.parts().size() / 2);
        next.rows = changed;
        next.values.resize(values);
        std::int32_t* memory = next.values.data();
        TrailWalk walk(trail, slots);
        for (const Members::Part& part : changed.parts()) {
            const Chunk* const was = before[part.chunk];
            const Chunk* const is = after[part.chunk];
            port_.expect(bit_count(part.rows) * slots * EncodePort::tokens_max);
            for (std::uint64_t rest = part.rows; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                const RowPast past(model, walk.at(part.chunk, row), ticks_);
                code_changed_row(port_, model, place(was, is, row), past, memory);
                memory += slots;
            }
        }
        trail.swap(next);
    }

    void write_added(std::size_t table, const RowChanges& rows) {
        AddedBefore& last = scratch_.added;
        last.restart(source_.codec.rows(table));
        for (const Members* const added : {&rows.added_to_spawned, &rows.added_to_others})
            for_each_row(*added, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t) {
                code_added_row(port_, source_.codec.rows(table), place(table, chunk, row).after, last);
            });
    }

    void write_records(std::size_t table) {
        if (!compare(table)) return;
        const Members& kept = complete(table);
        ComparedRows& compared = scratch_.compared;
        Bytes records;
        code_row_changes(port_, known(), sets_.spawned, compared.had, compared.had_not, compared.rows);
        code_rows(port_, RowsOf::RecordChanged, kept, compared.changed);
        for (const Members* const written :
             {&compared.rows.added_to_spawned, &compared.rows.added_to_others, &compared.changed})
            for_each_row(*written, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t) {
                const Bytes& record = *source_.after.chunk(table, chunk)->records[row];
                code_number(port_, NumberOf::RecordBytes, static_cast<std::uint32_t>(record.size()));
                append(records, record);
            });
        Bytes coded;
        port_.finish(coded);
        append_varint(scratch_.sections, coded.size());
        append(scratch_.sections, coded);
        append(scratch_.sections, records);
    }

    const BodySource& source_;
    const Members& before_;
    const Members& after_;
    std::uint32_t ticks_;
    std::optional<EncodeScratch> own_scratch_;  // where the source has none
    EncodeScratch& scratch_;
    MemberChanges& changes_;
    MemberSets& sets_;
    EncodePort& port_;
    bool all_have_ = false;  // the component that was compared last
};

}  // namespace

bool covers(const Layout& layout, Coverage coverage, std::size_t table) {
    if (table == 0) return true;
    return layout.component(table).info().owner_only == (coverage == Coverage::Private);
}

void encode_delta(const BodySource& source, const Members& members, StreamState& state, Bytes& out) {
    const std::uint32_t ticks = source.after.tick - source.before.tick;
    BodyEncoder encoder(source, state.members, members, ticks == 1, ticks);
    encoder.run(state.trails, nullptr, out);
    // Those that changed alone are the same rows.
    if (encoder.members_changed()) state.members = members;
    state.tick = source.after.tick;
}

void encode_catch_up(const BodySource& source, const Members& members_before, const StreamState& stream, Bytes& out) {
    std::vector<Trail> trails;
    BodyEncoder(source, members_before, stream.members, false, source.after.tick - source.before.tick)
        .run(trails, &stream.trails, out);
}

void encode_keyframe(const BodySource& source, const Members& members, Bytes& out) {
    encode_newcomers(source, members, out);
}

void encode_newcomers(const BodySource& source, const Members& newcomers, Bytes& out) {
    const Snapshot nothing;
    const Members nobody;
    const BodySource from_nothing{.codec = source.codec,
                                  .before = nothing,
                                  .after = source.after,
                                  .coverage = source.coverage,
                                  .group_of = {},
                                  .stayed = nullptr,
                                  .same_members = false,
                                  .changes = nullptr,
                                  .listener = source.listener,
                                  .scratch = source.scratch};
    std::vector<Trail> own_trails;
    std::vector<Trail>& trails = source.scratch != nullptr ? source.scratch->trails : own_trails;
    for (Trail& trail : trails) trail.clear();
    BodyEncoder(from_nothing, nobody, newcomers, false, 1).run(trails, nullptr, out);
}

}  // namespace tidewire::replication
