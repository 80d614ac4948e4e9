// Compares two snapshots over the members of a group and writes what differs. What is equal costs a comparison of pointers.

#include <utility>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/body_code.h"

namespace tidewire::replication {

namespace {

constexpr std::uint16_t no_group = 0xffff;

std::uint64_t present(const Chunk* chunk) { return chunk == nullptr ? 0 : chunk->present; }

/// Of the rows of `present` in both, those whose entity is another one.
std::uint64_t replaced(const Chunk* before, const Chunk* after, std::uint64_t rows) {
    if (before == after || rows == 0) return 0;
    std::uint64_t found = 0;
    for (std::uint64_t rest = rows; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
        if (before->column(0)[row] != after->column(0)[row]) found |= rest & (~rest + 1);
    }
    return found;
}

class BodyEncoder {
public:
    /// `follows`: the reader has all that there was before, even of entities that were no members.
    BodyEncoder(const BodySource& source, const Members& before, const Members& after, bool follows,
                std::uint32_t ticks)
        : source_(source),
          before_(before),
          after_(after),
          follows_(follows),
          ticks_(ticks),
          port_(source.codec, source.listener) {
        find_member_changes();
    }

    /// `state` is the reader's, and becomes what it has afterwards. `memories`: the reader learns the stream's trails.
    void run(std::vector<Trail>& trails, const std::vector<Trail>* memories, Bytes& out) {
        trails.resize(source_.codec.layout().table_count());
        for (std::size_t table = 0; table < trails.size(); ++table) {
            if (!covers(source_.codec.layout(), source_.coverage, table)) continue;
            section_.clear();
            if (table == 0)
                write_members();
            else if (source_.codec.layout().is_record(table))
                write_records(table);
            else
                write_rows(table, trails[table], memories);
            if (section_.empty()) continue;
            lengths_.emplace_back(table, section_.size());
            append(sections_, section_);
        }
        write_head(out);
        append(out, sections_);
    }

private:
    /// Bit i of the first number, a varint of any length, says that table i has a section. The last one's length is what is left.
    void write_head(Bytes& out) const {
        if (lengths_.empty()) return;
        constexpr std::size_t bits = 7;
        const std::size_t groups = lengths_.back().first / bits + 1;
        std::vector<std::uint8_t> mask(groups, 0x80);
        mask.back() = 0;
        for (const auto& [table, length] : lengths_)
            mask[table / bits] |= static_cast<std::uint8_t>(1U << table % bits);
        for (const std::uint8_t byte : mask) out.push_back(static_cast<std::byte>(byte));
        for (std::size_t i = 0; i + 1 < lengths_.size(); ++i) append_varint(out, lengths_[i].second);
    }

    void find_member_changes() {
        const bool is_public = source_.coverage == Coverage::Public;
        for_each_part([&](std::uint32_t chunk, std::uint64_t was, std::uint64_t is) {
            const Chunk* const before = source_.before.chunk(0, chunk);
            const Chunk* const after = source_.after.chunk(0, chunk);
            if (was == is && before == after && source_.stayed == nullptr) return;
            std::uint64_t stayed = was & is & ~replaced(before, after, was & is);
            if (source_.stayed != nullptr) stayed &= source_.stayed->rows(chunk);
            for (std::uint64_t rest = was & ~stayed; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                const std::uint32_t index = chunk * static_cast<std::uint32_t>(Chunk::rows) + row;
                changes_.left.insert(index);
                const bool lives = is_public && (is >> row & 1) == 0 && lives_on(before, after, row);
                const std::uint16_t group = lives && source_.group_of ? source_.group_of(index) : no_group;
                changes_.destinations.push_back(group != no_group ? std::optional(group) : std::nullopt);
            }
            std::uint64_t known = stayed;
            for (std::uint64_t rest = is & ~stayed; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                const bool lived = follows_ && is_public && (was >> row & 1) == 0 && lives_on(before, after, row);
                if (lived) known |= rest & (~rest + 1);
                changes_.arrivals.push_back({.index = chunk * static_cast<std::uint32_t>(Chunk::rows) + row,
                                             .generation = static_cast<std::uint32_t>(after->column(0)[row]),
                                             .owner = static_cast<PlayerId>(after->column(1)[row]),
                                             .known = lived});
            }
            for (std::uint64_t rest = is_public && before != after ? known : 0; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                if (before->column(1)[row] == after->column(1)[row]) continue;
                changes_.owner_changed.insert(chunk * static_cast<std::uint32_t>(Chunk::rows) + row);
                changes_.owners.push_back(static_cast<PlayerId>(after->column(1)[row]));
            }
        });
        // An arrival tells its owner anyway: who came from elsewhere with a new one is not told twice.
        for (MemberChanges::Arrival& arrival : changes_.arrivals)
            if (arrival.known && changes_.owner_changed.has(arrival.index)) arrival.owner = owner_before(arrival.index);
        if (!changes_.none()) sets_ = sets_after(before_, changes_);
    }

    template <class Row>
    void for_each_part(const Row& part) const {
        auto was = before_.parts().begin();
        auto is = after_.parts().begin();
        while (was != before_.parts().end() || is != after_.parts().end()) {
            const bool has_was =
                was != before_.parts().end() && (is == after_.parts().end() || was->chunk <= is->chunk);
            const bool has_is = is != after_.parts().end() && (was == before_.parts().end() || is->chunk <= was->chunk);
            part(has_was ? was->chunk : is->chunk, has_was ? was->rows : 0, has_is ? is->rows : 0);
            if (has_was) ++was;
            if (has_is) ++is;
        }
    }

    static bool lives_on(const Chunk* before, const Chunk* after, std::uint32_t row) {
        return ((present(before) & present(after)) >> row & 1) != 0 && before->column(0)[row] == after->column(0)[row];
    }
    PlayerId owner_before(std::uint32_t index) const {
        return static_cast<PlayerId>(source_.before.chunk(0, index / Chunk::rows)->column(1)[index % Chunk::rows]);
    }

    void write_members() {
        if (changes_.none()) return;
        code_members(port_, before_, source_.coverage, ~std::uint32_t{0}, changes_);
        finish_section();
    }

    /// An empty section would be none, and a number of 0 takes no bytes.
    void finish_section() {
        port_.finish(section_);
        if (section_.empty()) section_.push_back(std::byte{0});
    }

    /// As MemberSets says. Most bodies tell of no members.
    const Members& known() const { return changes_.none() ? before_ : sets_.known; }

    struct Compared {
        Members had;      // among the known members, where rows come or go
        Members kept;     // and has
        Members changed;  // of the kept
        RowChanges rows;
    };

    /// The kept rows of a chunk that differ.
    std::uint64_t differing(std::size_t table, std::uint32_t chunk, std::uint64_t kept) const {
        const Chunk* const before = source_.before.chunk(table, chunk);
        const Chunk* const after = source_.after.chunk(table, chunk);
        if (kept == 0 || before == after) return 0;
        if (source_.changes != nullptr) return source_.changes->rows(table, chunk) & kept;
        return changed_rows(*before, *after, source_.codec.layout().slot_count(table)) & kept;
    }

    /// What differs; `had` and `kept` are left to complete(), for most groups have nothing to tell of most tables.
    Compared compare(std::size_t table) const {
        Compared result;
        result.changed.reserve(after_.parts().size());
        RowsWalk known_rows(known());
        for (const Members::Part& part : after_.parts()) {
            const std::uint64_t known = known_rows.at(part.chunk);
            const std::uint64_t had = present(source_.before.chunk(table, part.chunk)) & known;
            const std::uint64_t has = present(source_.after.chunk(table, part.chunk)) & part.rows;
            result.changed.append(part.chunk, differing(table, part.chunk, had & has));
            if (had == has) continue;
            result.rows.removed.append(part.chunk, had & ~has);
            result.rows.added_to_spawned.append(part.chunk, has & ~known);
            result.rows.added_to_others.append(part.chunk, has & known & ~had);
        }
        return result;
    }

    void complete(std::size_t table, Compared& compared) const {
        const bool edited = !compared.rows.none();
        compared.kept.reserve(after_.parts().size());
        RowsWalk known_rows(known());
        for (const Members::Part& part : after_.parts()) {
            const std::uint64_t had = present(source_.before.chunk(table, part.chunk)) & known_rows.at(part.chunk);
            if (edited) compared.had.append(part.chunk, had);
            compared.kept.append(part.chunk, had & present(source_.after.chunk(table, part.chunk)) & part.rows);
        }
    }

    RowPlace place(std::size_t table, std::uint32_t chunk, std::uint32_t row) const {
        const Chunk* const before = source_.before.chunk(table, chunk);
        const Chunk* const after = source_.after.chunk(table, chunk);
        // The port reads it: an encoder's rows are not written to.
        return {before == nullptr ? nullptr : before->columns.data() + row,
                const_cast<std::int32_t*>(after->columns.data()) + row};
    }

    void write_rows(std::size_t table, Trail& trail, const std::vector<Trail>* memories) {
        Compared compared = compare(table);
        const bool remembers = memories != nullptr && table < memories->size() && !(*memories)[table].rows.empty();
        if (compared.rows.none() && compared.changed.empty() && !remembers) {
            trail = {};
            return;
        }
        complete(table, compared);
        const RowModel& model = source_.codec.rows(table);
        const std::size_t slots = model.slots.size();
        code_row_changes(port_, known(), sets_.spawned, compared.had, compared.rows);
        if (!compared.rows.none()) write_added(table, compared.rows);
        code_moving(port_, compared.kept, trail, slots, compared.changed);
        Trail next;
        next.values.resize(compared.changed.count() * slots);
        port_.expect(next.values.size() + slots * EncodePort::tokens_max);
        TrailWalk walk(trail, slots);
        std::int32_t* memory = next.values.data();
        for_each_row(compared.changed, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t) {
            code_changed_row(port_, model, place(table, chunk, row), walk.at(chunk, row), memory, ticks_);
            memory += slots;
        });
        next.rows = std::move(compared.changed);
        trail = std::move(next);
        if (memories != nullptr) {
            const Members changed = std::exchange(trail, remembers ? (*memories)[table] : Trail{}).rows;
            const Members has =
                either(compared.kept, either(compared.rows.added_to_spawned, compared.rows.added_to_others));
            code_memories(
                port_, model, has, changed, ticks_,
                [&](std::uint32_t chunk, std::uint32_t row) { return place(table, chunk, row); }, trail);
        }
        finish_section();
    }

    void write_added(std::size_t table, const RowChanges& rows) {
        AddedBefore last(source_.codec.rows(table));
        for (const Members* const added : {&rows.added_to_spawned, &rows.added_to_others})
            for_each_row(*added, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t) {
                code_added_row(port_, source_.codec.rows(table), place(table, chunk, row).after, last);
            });
    }

    void write_records(std::size_t table) {
        Compared compared = compare(table);
        if (compared.rows.none() && compared.changed.empty()) return;
        complete(table, compared);
        Bytes records;
        code_row_changes(port_, known(), sets_.spawned, compared.had, compared.rows);
        code_rows(port_, RowsOf::RecordChanged, compared.kept, compared.changed);
        for (const Members* const written :
             {&compared.rows.added_to_spawned, &compared.rows.added_to_others, &compared.changed})
            for_each_row(*written, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t) {
                const Bytes& record = *source_.after.chunk(table, chunk)->records[row];
                code_number(port_, NumberOf::RecordBytes, static_cast<std::uint32_t>(record.size()));
                append(records, record);
            });
        Bytes coded;
        port_.finish(coded);
        append_varint(section_, coded.size());
        append(section_, coded);
        append(section_, records);
    }

    const BodySource& source_;
    const Members& before_;
    const Members& after_;
    bool follows_;
    std::uint32_t ticks_;
    MemberChanges changes_;
    MemberSets sets_;
    EncodePort port_;  // of one section after another
    Bytes section_;
    Bytes sections_;
    std::vector<std::pair<std::size_t, std::size_t>> lengths_;  // of the sections, by table
};

}  // namespace

bool covers(const Layout& layout, Coverage coverage, std::size_t table) {
    if (table == 0) return true;
    return layout.component(table).info().owner_only == (coverage == Coverage::Private);
}

void encode_delta(const BodySource& source, const Members& members, StreamState& state, Bytes& out) {
    const std::uint32_t ticks = source.after.tick - source.before.tick;
    BodyEncoder(source, state.members, members, ticks == 1, ticks).run(state.trails, nullptr, out);
    state.members = members;
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
                                  .changes = nullptr,
                                  .listener = source.listener};
    std::vector<Trail> trails;
    BodyEncoder(from_nothing, nobody, newcomers, false, 1).run(trails, nullptr, out);
}

}  // namespace tidewire::replication
