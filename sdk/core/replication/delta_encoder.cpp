// Writes delta bodies; delta.h has the format.

#include <algorithm>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/delta.h"

namespace tidewire::replication {

namespace {

/// What became of the rows of one chunk, and the chunk on both sides (null: no rows).
struct ChunkDifference {
    std::size_t index;
    const Chunk* before;
    const Chunk* after;
    std::uint64_t removed;
    std::uint64_t added;
    std::uint64_t changed;
};

std::uint64_t present(const Chunk* chunk) { return chunk == nullptr ? 0 : chunk->present; }

/// Rows, of those in `rows`, that differ in any column from `first` on.
std::uint64_t differing(const Chunk& a, const Chunk& b, std::uint64_t rows, std::size_t first, std::size_t slot_count) {
    std::uint64_t found = 0;
    for (std::size_t slot = first; slot < slot_count; ++slot) {
        const std::int32_t* const left = a.column(slot);
        const std::int32_t* const right = b.column(slot);
        if (std::equal(left, left + Chunk::rows, right)) continue;
        for (std::uint64_t rest = rows & ~found; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            if (left[row] != right[row]) found |= std::uint64_t{1} << row;
        }
    }
    return found;
}

class DeltaEncoder {
public:
    DeltaEncoder(const Layout& layout, const Snapshot& baseline, const Snapshot& next)
        : layout_(layout), baseline_(baseline), next_(next) {}

    Bytes run() {
        std::size_t last = 0;  // The number of the last table written, plus 1.
        for (std::size_t table = 0; table < layout_.table_count(); ++table) {
            if (table == 0)
                compare_entities();
            else
                compare_component(table);
            if (differences_.empty()) continue;
            section_.clear();
            write_rows(table);
            append_varint(out_, table + 1 - last);
            append_varint(out_, section_.size());
            append(out_, section_);
            last = table + 1;
        }
        append_varint(out_, 0);
        return std::move(out_);
    }

private:
    std::size_t chunk_count(std::size_t table) const {
        const auto count = [table](const Snapshot& s) { return table < s.tables.size() ? s.tables[table].size() : 0; };
        return std::max(count(baseline_), count(next_));
    }

    void compare_entities() {
        differences_.clear();
        const std::size_t chunks = chunk_count(0);
        for (std::size_t i = 0; i < chunks; ++i) {
            const Chunk* const before = baseline_.chunk(0, i);
            const Chunk* const after = next_.chunk(0, i);
            if (before == after) continue;
            ChunkDifference found{
                i, before, after, present(before) & ~present(after), present(after) & ~present(before), 0};
            const std::uint64_t both = present(before) & present(after);
            if (both != 0) {
                // Another entity at the same index: the old one goes with all it had, the new one comes.
                const std::uint64_t replaced = differing(*before, *after, both, 0, 1);
                found.removed |= replaced;
                found.added |= replaced;
                found.changed = differing(*before, *after, both & ~replaced, 1, 2);
            }
            keep(found);
            if (found.removed == 0) continue;
            if (gone_.empty()) gone_.resize(chunks);
            gone_[i] = found.removed;
        }
    }

    void compare_component(std::size_t table) {
        differences_.clear();
        for (std::size_t i = 0; i < chunk_count(table); ++i) {
            const Chunk* const before = baseline_.chunk(table, i);
            const Chunk* const after = next_.chunk(table, i);
            const std::uint64_t gone = i < gone_.size() ? gone_[i] : 0;
            if (before == after && (present(before) & gone) == 0) continue;
            const std::uint64_t left = present(before) & ~gone;  // What the entities' section leaves.
            ChunkDifference found{i, before, after, left & ~present(after), present(after) & ~left, 0};
            if (const std::uint64_t both = left & present(after); both != 0 && before != after)
                found.changed = differing(*before, *after, both, 0, layout_.slot_count(table));
            keep(found);
        }
    }

    void keep(const ChunkDifference& found) {
        if ((found.removed | found.added | found.changed) != 0) differences_.push_back(found);
    }

    /// Counts the rows, then calls `write(difference, row)` for each after its gap.
    template <class Write>
    void write_list(std::uint64_t ChunkDifference::*rows, const Write& write) {
        std::size_t count = 0;
        for (const ChunkDifference& found : differences_)
            count += static_cast<std::size_t>(__builtin_popcountll(found.*rows));
        append_varint(section_, count);
        std::size_t expected = 0;
        for (const ChunkDifference& found : differences_) {
            for (std::uint64_t rest = found.*rows; rest != 0; rest &= rest - 1) {
                const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
                const std::size_t index = found.index * Chunk::rows + row;
                append_varint(section_, index - expected);
                expected = index + 1;
                write(found, row);
            }
        }
    }

    void write_rows(std::size_t table) {
        const std::size_t slots = layout_.slot_count(table);
        write_list(&ChunkDifference::removed, [](const ChunkDifference&, std::size_t) {});
        write_list(&ChunkDifference::added, [&](const ChunkDifference& found, std::size_t row) {
            for (std::size_t slot = 0; slot < slots; ++slot)
                append_varint(section_, to_zigzag(found.after->column(slot)[row]));
        });
        write_list(&ChunkDifference::changed, [&](const ChunkDifference& found, std::size_t row) {
            const std::size_t mask = section_.size();
            section_.resize(mask + (slots + 7) / 8);
            for (std::size_t slot = 0; slot < slots; ++slot) {
                const auto before = static_cast<std::uint32_t>(found.before->column(slot)[row]);
                const auto after = static_cast<std::uint32_t>(found.after->column(slot)[row]);
                if (before == after) continue;
                section_[mask + slot / 8] |= static_cast<std::byte>(1U << (slot % 8));
                append_varint(section_, to_zigzag(static_cast<std::int32_t>(after - before)));
            }
        });
    }

    const Layout& layout_;
    const Snapshot& baseline_;
    const Snapshot& next_;
    std::vector<ChunkDifference> differences_;
    std::vector<std::uint64_t> gone_;  // Rows of removed entities by chunk; empty when there are none.
    Bytes section_;
    Bytes out_;
};

}  // namespace

Bytes encode_delta(const Layout& layout, const Snapshot& baseline, const Snapshot& next) {
    return DeltaEncoder(layout, baseline, next).run();
}

}  // namespace tidewire::replication
