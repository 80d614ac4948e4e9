// Writes and reads the planes of a keyframe; keyframe.h has the format.

#include "sdk/core/replication/keyframe.h"

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

namespace {

constexpr std::size_t value_bytes = 4;

/// The rows of one table: their indexes, ascending.
Result<std::vector<std::uint32_t>> parse_rows(ByteSpan present, std::uint32_t entities_max) {
    ByteReader reader(present);
    std::vector<std::uint32_t> rows;
    std::uint64_t expected = 0;
    while (!reader.at_end()) {
        const auto gap = reader.read_varint32();
        if (!gap) return refuse("the rows of a keyframe's table end within a number");
        const std::uint64_t index = expected + *gap;
        if (index >= entities_max)
            return refuse(entity_name(index) + " is beyond the limit of " + std::to_string(entities_max));
        rows.push_back(static_cast<std::uint32_t>(index));
        expected = index + 1;
    }
    return rows;
}

/// Adds column `slot` to the chunks, from the `value_bytes` planes at `planes`.
void read_column(std::vector<std::shared_ptr<Chunk>>& chunks, std::size_t slot, std::span<const std::uint32_t> rows,
                 const std::byte* planes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::uint32_t difference = 0;
        for (std::size_t plane = 0; plane < value_bytes; ++plane)
            difference |= std::to_integer<std::uint32_t>(planes[plane * rows.size() + i]) << (8 * plane);
        value += static_cast<std::uint32_t>(from_zigzag(difference));
        chunks[rows[i] / Chunk::rows]->column(slot)[rows[i] % Chunk::rows] = static_cast<std::int32_t>(value);
    }
}

Result<void> read_table(const Layout& layout, const TablePlanesView& view, std::uint32_t entities_max,
                        Snapshot& snapshot) {
    const std::string name = layout.table_name(view.table);
    const auto rows = parse_rows(view.present, entities_max);
    if (!rows) return Unexpected{rows.error()};
    if (rows->empty()) return refuse("a keyframe has a table without rows: " + name);
    const std::size_t slots = layout.slot_count(view.table);
    const std::size_t bytes_expected = slots * value_bytes * rows->size();
    if (view.planes.size() != bytes_expected)
        return refuse("a keyframe has " + std::to_string(view.planes.size()) + " bytes of " + name + " instead of " +
                      std::to_string(bytes_expected));

    std::vector<std::shared_ptr<Chunk>> chunks(rows->back() / Chunk::rows + 1);
    for (const std::uint32_t index : *rows) {
        const Chunk* const entities = view.table == 0 ? nullptr : snapshot.chunk(0, index / Chunk::rows);
        const std::uint64_t bit = std::uint64_t{1} << (index % Chunk::rows);
        if (view.table != 0 && (entities == nullptr || (entities->present & bit) == 0))
            return refuse(name + " is given to " + entity_name(index) + ", which is not alive");
        std::shared_ptr<Chunk>& chunk = chunks[index / Chunk::rows];
        if (!chunk) chunk = std::make_shared<Chunk>(slots);
        chunk->present |= bit;
    }
    for (std::size_t slot = 0; slot < slots; ++slot)
        read_column(chunks, slot, *rows, view.planes.data() + slot * value_bytes * rows->size());
    for (const std::uint32_t index : *rows)
        if (auto checked = check_row(layout, view.table, *chunks[index / Chunk::rows], index); !checked) return checked;
    snapshot.tables[view.table].assign(chunks.begin(), chunks.end());
    return {};
}

}  // namespace

std::vector<TablePlanes> encode_planes(const Layout& layout, const Snapshot& snapshot) {
    std::vector<TablePlanes> tables;
    std::vector<std::uint32_t> rows;
    for (std::size_t table = 0; table < layout.table_count() && table < snapshot.tables.size(); ++table) {
        rows.clear();
        TablePlanes planes;
        planes.table = static_cast<std::uint16_t>(table);
        for (std::size_t i = 0; i < snapshot.tables[table].size(); ++i) {
            const Chunk* const chunk = snapshot.chunk(table, i);
            for (std::uint64_t rest = chunk == nullptr ? 0 : chunk->present; rest != 0; rest &= rest - 1) {
                const std::size_t index = i * Chunk::rows + static_cast<std::size_t>(__builtin_ctzll(rest));
                append_varint(planes.present, index - (rows.empty() ? 0 : rows.back() + std::size_t{1}));
                rows.push_back(static_cast<std::uint32_t>(index));
            }
        }
        if (rows.empty()) continue;
        const std::size_t slots = layout.slot_count(table);
        planes.planes.resize(slots * value_bytes * rows.size());
        for (std::size_t slot = 0; slot < slots; ++slot) {
            std::byte* const column = planes.planes.data() + slot * value_bytes * rows.size();
            std::uint32_t last = 0;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const Chunk* const chunk = snapshot.chunk(table, rows[i] / Chunk::rows);
                const auto value = static_cast<std::uint32_t>(chunk->column(slot)[rows[i] % Chunk::rows]);
                const std::uint32_t difference = to_zigzag(static_cast<std::int32_t>(value - last));
                for (std::size_t plane = 0; plane < value_bytes; ++plane)
                    column[plane * rows.size() + i] = static_cast<std::byte>(difference >> (8 * plane) & 0xff);
                last = value;
            }
        }
        tables.push_back(std::move(planes));
    }
    return tables;
}

Result<Snapshot> decode_planes(const Layout& layout, std::span<const TablePlanesView> tables, Tick tick,
                               std::uint32_t entities_max) {
    Snapshot snapshot;
    snapshot.tick = tick;
    snapshot.tables.resize(layout.table_count());
    std::size_t lowest = 0;
    for (const TablePlanesView& view : tables) {
        if (view.table >= layout.table_count() || view.table < lowest)
            return refuse("a keyframe has table " + std::to_string(view.table) + " of " +
                          std::to_string(layout.table_count()) + " where table " + std::to_string(lowest) +
                          " or a later one may follow");
        lowest = std::size_t{view.table} + 1;
        if (auto read = read_table(layout, view, entities_max, snapshot); !read) return Unexpected{read.error()};
    }
    return snapshot;
}

}  // namespace tidewire::replication
