// Reads delta bodies; delta.h has the format. Every number in them is a claim until it is checked here.

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

namespace {

/// One table under change: chunks are copied when first written to and shared with the baseline otherwise.
class TableEdit {
public:
    TableEdit(const Snapshot& baseline, std::size_t table, std::size_t slot_count)
        : slot_count_(slot_count), chunks_(table < baseline.tables.size() ? baseline.tables[table] : none) {}

    const Chunk* before(std::size_t chunk) const { return chunk < chunks_.size() ? chunks_[chunk].get() : nullptr; }
    const Chunk* now(std::size_t chunk) const {
        return chunk < edits_.size() && edits_[chunk].chunk ? edits_[chunk].chunk.get() : before(chunk);
    }
    bool has(std::uint64_t index) const { return holds(now(index / Chunk::rows), index); }
    bool was_added(std::uint64_t index) const {
        const std::size_t chunk = index / Chunk::rows;
        return chunk < edits_.size() && (edits_[chunk].added & bit(index)) != 0;
    }

    /// A chunk of our own, to write to.
    Chunk& edit(std::size_t chunk) {
        if (edits_.size() <= chunk) edits_.resize(chunk + 1);
        std::shared_ptr<Chunk>& own = edits_[chunk].chunk;
        if (!own)
            own = before(chunk) != nullptr ? std::make_shared<Chunk>(*before(chunk))
                                           : std::make_shared<Chunk>(slot_count_);
        return *own;
    }
    /// Precondition: has(index).
    void remove(std::uint64_t index) {
        Chunk& chunk = edit(index / Chunk::rows);
        chunk.present &= ~bit(index);
        for (std::size_t slot = 0; slot < slot_count_; ++slot) chunk.column(slot)[index % Chunk::rows] = 0;
    }
    void remove_rows(std::size_t chunk, std::uint64_t rows) {
        for (; rows != 0; rows &= rows - 1)
            remove(chunk * Chunk::rows + static_cast<std::uint64_t>(__builtin_ctzll(rows)));
    }
    Chunk& add(std::uint64_t index) {
        Chunk& chunk = edit(index / Chunk::rows);
        chunk.present |= bit(index);
        edits_[index / Chunk::rows].added |= bit(index);
        return chunk;
    }

    std::vector<ChunkPointer> finish() && {
        if (chunks_.size() < edits_.size()) chunks_.resize(edits_.size());
        for (std::size_t i = 0; i < edits_.size(); ++i) {
            std::shared_ptr<Chunk>& own = edits_[i].chunk;
            if (!own) continue;
            if (own->present == 0)
                chunks_[i] = nullptr;
            else if (!chunks_[i] || *chunks_[i] != *own)
                chunks_[i] = std::move(own);
        }
        return std::move(chunks_);
    }

    static std::uint64_t bit(std::uint64_t index) { return std::uint64_t{1} << (index % Chunk::rows); }
    static bool holds(const Chunk* chunk, std::uint64_t index) {
        return chunk != nullptr && (chunk->present & bit(index)) != 0;
    }

private:
    struct Edit {
        std::shared_ptr<Chunk> chunk;
        std::uint64_t added = 0;
    };
    static inline const std::vector<ChunkPointer> none;

    std::size_t slot_count_;
    std::vector<ChunkPointer> chunks_;
    std::vector<Edit> edits_;
};

class DeltaDecoder {
public:
    DeltaDecoder(const Layout& layout, const Snapshot& baseline, std::uint32_t entities_max)
        : layout_(layout), baseline_(baseline), entities_max_(entities_max) {}

    Result<Snapshot> run(ByteSpan body, Tick tick) {
        result_.tick = tick;
        result_.tables.reserve(layout_.table_count());
        ByteReader reader(body);
        while (const std::uint32_t step = reader.read_varint32().value_or(0)) {
            const std::uint64_t table = result_.tables.size() + std::uint64_t{step} - 1;
            if (table >= layout_.table_count())
                return refuse("a delta body has a section for table " + std::to_string(table) + " of " +
                              std::to_string(layout_.table_count()));
            while (result_.tables.size() < table) skip_table();
            const auto section = reader.read_bytes(reader.read_varint32().value_or(0));
            if (!section || reader.failed()) break;
            if (auto read = read_table(*section); !read) return Unexpected{read.error()};
        }
        if (reader.failed()) return refuse("a delta body is shorter than it says");
        if (!reader.at_end())
            return refuse("a delta body has " + std::to_string(reader.remaining()) + " bytes after its end");
        while (result_.tables.size() < layout_.table_count()) skip_table();
        return std::move(result_);
    }

private:
    /// The next table has no section: it loses the rows of removed entities only.
    void skip_table() {
        TableEdit edit = next_table();
        result_.tables.push_back(std::move(edit).finish());
    }

    TableEdit next_table() const {
        const std::size_t table = result_.tables.size();
        TableEdit edit(baseline_, table, layout_.slot_count(table));
        for (std::size_t chunk = 0; table > 0 && chunk < gone_.size(); ++chunk)
            if (const Chunk* before = edit.before(chunk); before != nullptr)
                edit.remove_rows(chunk, before->present & gone_[chunk]);
        return edit;
    }

    Result<void> read_table(ByteSpan section) {
        const std::size_t table = result_.tables.size();
        TableEdit edit = next_table();
        ByteReader reader(section);
        if (auto read = read_removed(reader, edit, table); !read) return read;
        if (auto read = read_added(reader, edit, table); !read) return read;
        if (auto read = read_changed(reader, edit, table); !read) return read;
        if (reader.failed()) return refuse("the delta of " + layout_.table_name(table) + " is shorter than it says");
        if (!reader.at_end())
            return refuse("the delta of " + layout_.table_name(table) + " has " + std::to_string(reader.remaining()) +
                          " bytes after its end");
        result_.tables.push_back(std::move(edit).finish());
        return {};
    }

    /// Calls `row(index)` for each index of a list until one is refused or the bytes end (the reader has failed then).
    template <class Row>
    Result<void> read_list(ByteReader& reader, const Row& row) const {
        const std::uint32_t count = reader.read_varint32().value_or(0);
        std::uint64_t expected = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto gap = reader.read_varint32();
            if (!gap) return {};
            const std::uint64_t index = expected + *gap;
            if (index >= entities_max_)
                return refuse(entity_name(index) + " is beyond the limit of " + std::to_string(entities_max_));
            expected = index + 1;
            if (Result<void> read = row(index); !read) return read;
            if (reader.failed()) return {};
        }
        return {};
    }

    Result<void> read_removed(ByteReader& reader, TableEdit& edit, std::size_t table) {
        return read_list(reader, [&](std::uint64_t index) -> Result<void> {
            if (!edit.has(index))
                return refuse(entity_name(index) + " has no " + layout_.table_name(table) + " row to remove");
            edit.remove(index);
            if (table == 0) {
                if (gone_.size() <= index / Chunk::rows) gone_.resize(index / Chunk::rows + 1);
                gone_[index / Chunk::rows] |= TableEdit::bit(index);
            }
            return {};
        });
    }

    Result<void> read_added(ByteReader& reader, TableEdit& edit, std::size_t table) {
        return read_list(reader, [&](std::uint64_t index) -> Result<void> {
            if (edit.has(index))
                return refuse(entity_name(index) + " has its " + layout_.table_name(table) + " row already");
            if (table > 0 && !TableEdit::holds(result_.chunk(0, index / Chunk::rows), index))
                return refuse(layout_.table_name(table) + " is given to " + entity_name(index) +
                              ", which is not alive");
            Chunk& chunk = edit.add(index);
            for (std::size_t slot = 0; slot < layout_.slot_count(table); ++slot)
                chunk.column(slot)[index % Chunk::rows] = from_zigzag(reader.read_varint32().value_or(0));
            if (reader.failed()) return {};
            return check_row(layout_, table, chunk, index);
        });
    }

    Result<void> read_changed(ByteReader& reader, TableEdit& edit, std::size_t table) {
        const std::size_t slots = layout_.slot_count(table);
        return read_list(reader, [&](std::uint64_t index) -> Result<void> {
            if (!edit.has(index) || edit.was_added(index))
                return refuse(entity_name(index) + " has no " + layout_.table_name(table) + " row to change");
            const auto mask = reader.read_bytes((slots + 7) / 8);
            if (!mask) return {};
            Chunk& chunk = edit.edit(index / Chunk::rows);
            for (std::size_t slot = 0; slot < mask->size() * 8; ++slot) {
                if (((*mask)[slot / 8] & static_cast<std::byte>(1U << (slot % 8))) == std::byte{0}) continue;
                if (slot >= slots)
                    return refuse(entity_name(index) + ": " + layout_.table_name(table) + " has no field " +
                                  std::to_string(slot));
                if (table == 0 && slot == 0)
                    return refuse(entity_name(index) + " changes its generation without being removed");
                const auto residual = reader.read_varint32();
                if (!residual) return {};
                std::int32_t& value = chunk.column(slot)[index % Chunk::rows];
                value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) +
                                                  static_cast<std::uint32_t>(from_zigzag(*residual)));
            }
            return check_row(layout_, table, chunk, index);
        });
    }

    const Layout& layout_;
    const Snapshot& baseline_;
    std::uint32_t entities_max_;
    Snapshot result_;                  // The tables so far; entities come first, so that components can be checked.
    std::vector<std::uint64_t> gone_;  // Rows of removed entities, by chunk.
};

}  // namespace

Result<Snapshot> apply_delta(const Layout& layout, const Snapshot& baseline, ByteSpan body, Tick tick,
                             std::uint32_t entities_max) {
    return DeltaDecoder(layout, baseline, entities_max).run(body, tick);
}

}  // namespace tidewire::replication
