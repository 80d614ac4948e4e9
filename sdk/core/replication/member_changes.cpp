// Compares the members of two snapshots. Most bodies tell of no change: that costs a comparison of pointers.

#include "sdk/core/replication/member_changes.h"

namespace tidewire::replication {

namespace {

constexpr std::uint16_t no_group = 0xffff;
constexpr auto chunk_rows = static_cast<std::uint32_t>(Chunk::rows);

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

bool lives_on(const Chunk* before, const Chunk* after, std::uint32_t row) {
    return ((present(before) & present(after)) >> row & 1) != 0 && before->column(0)[row] == after->column(0)[row];
}

bool same_entities(const BodySource& source, const Members& before, const Members& after) {
    if (source.stayed != nullptr || (!source.same_members && before != after)) return false;
    if (source.changes != nullptr && source.changes->shares(0)) return true;
    const TableChunks was = source.before.table(0);
    const TableChunks is = source.after.table(0);
    return std::all_of(after.parts().begin(), after.parts().end(),
                       [&](const Members::Part& part) { return was[part.chunk] == is[part.chunk]; });
}

/// Calls `part(chunk, rows of before, rows of after)` for each chunk of either.
template <class Part>
void for_each_part(const Members& before, const Members& after, const Part& part) {
    auto was = before.parts().begin();
    auto is = after.parts().begin();
    while (was != before.parts().end() || is != after.parts().end()) {
        const bool has_was = was != before.parts().end() && (is == after.parts().end() || was->chunk <= is->chunk);
        const bool has_is = is != after.parts().end() && (was == before.parts().end() || is->chunk <= was->chunk);
        part(has_was ? was->chunk : is->chunk, has_was ? was->rows : 0, has_is ? is->rows : 0);
        if (has_was) ++was;
        if (has_is) ++is;
    }
}

}  // namespace

void sets_after(const Members& before, const MemberChanges& changes, MemberSets& sets) {
    minus(before, changes.left, sets.known);
    sets.spawned.clear();
    for (const MemberChanges::Arrival& arrival : changes.arrivals)
        (arrival.known ? sets.known : sets.spawned).insert(arrival.index);
}

void find_member_changes(const BodySource& source, const Members& members_before, const Members& members_after,
                         bool follows, MemberChanges& changes) {
    changes.clear();
    if (same_entities(source, members_before, members_after)) return;
    const bool is_public = source.coverage == Coverage::Public;
    for_each_part(members_before, members_after, [&](std::uint32_t chunk, std::uint64_t was, std::uint64_t is) {
        const Chunk* const before = source.before.chunk(0, chunk);
        const Chunk* const after = source.after.chunk(0, chunk);
        if (was == is && before == after && source.stayed == nullptr) return;
        std::uint64_t stayed = was & is & ~replaced(before, after, was & is);
        if (source.stayed != nullptr) stayed &= source.stayed->rows(chunk);
        for (std::uint64_t rest = was & ~stayed; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            const std::uint32_t index = chunk * chunk_rows + row;
            changes.left.insert(index);
            const bool lives = is_public && (is >> row & 1) == 0 && lives_on(before, after, row);
            const std::uint16_t group = lives && source.group_of ? source.group_of(index) : no_group;
            changes.destinations.push_back(group != no_group ? std::optional(group) : std::nullopt);
        }
        std::uint64_t known = stayed;
        for (std::uint64_t rest = is & ~stayed; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            const bool lived = follows && is_public && (was >> row & 1) == 0 && lives_on(before, after, row);
            if (lived) known |= rest & (~rest + 1);
            changes.arrivals.push_back({.index = chunk * chunk_rows + row,
                                        .generation = static_cast<std::uint32_t>(after->column(0)[row]),
                                        .owner = static_cast<PlayerId>(after->column(1)[row]),
                                        .known = lived});
        }
        for (std::uint64_t rest = is_public && before != after ? known : 0; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            if (before->column(1)[row] == after->column(1)[row]) continue;
            changes.owner_changed.insert(chunk * chunk_rows + row);
            changes.owners.push_back(static_cast<PlayerId>(after->column(1)[row]));
        }
    });
    // An arrival tells its owner anyway: who came from elsewhere with a new one is not told twice.
    for (MemberChanges::Arrival& arrival : changes.arrivals)
        if (arrival.known && changes.owner_changed.has(arrival.index)) {
            const Chunk& chunk = *source.before.chunk(0, arrival.index / Chunk::rows);
            arrival.owner = static_cast<PlayerId>(chunk.column(1)[arrival.index % Chunk::rows]);
        }
}

}  // namespace tidewire::replication
