// Rows become columns, 64 at a time.
#include "tools/bench/delta_trace.h"

#include <algorithm>
#include <string>

#include "sdk/core/base/random.h"

namespace tidewire::bench {

namespace {

using replication::Chunk;
using replication::ChunkPointer;
using replication::Layout;
using replication::Snapshot;

constexpr std::size_t component_table = 1;

/// The rows of a frame that one chunk holds.
std::span<const std::int32_t> rows_of(const Trace& trace, std::size_t frame, std::size_t chunk) {
    const std::size_t first = chunk * Chunk::rows;
    const std::size_t count = std::min(Chunk::rows, trace.rows - first);
    return trace.frame(frame).subspan(first * trace.columns, count * trace.columns);
}

std::uint64_t present(std::size_t rows) {
    return rows == Chunk::rows ? ~std::uint64_t{0} : (std::uint64_t{1} << rows) - 1;
}

ChunkPointer make_chunk(const Layout& layout, std::span<const std::int32_t> rows, std::size_t columns) {
    auto made = std::make_shared<Chunk>(layout, component_table);
    made->present = present(rows.size() / columns);
    for (std::size_t i = 0; i < rows.size(); ++i) made->column(i % columns)[i / columns] = rows[i];
    return made;
}

ChunkPointer make_entities(const Layout& layout, std::size_t rows) {
    auto made = std::make_shared<Chunk>(layout, 0);
    made->present = present(rows);
    std::fill_n(made->column(0), rows, 1);  // first generation, the server's
    return made;
}

Result<void> check(const Layout& layout, const Trace& trace) {
    const replication::StructLayout& component = layout.component(component_table);
    if (component.slot_count() != trace.columns)
        return unexpected(Blame::Caller, std::string(component.info().name) + " has " +
                                             std::to_string(component.slot_count()) + " numbers, but the trace has " +
                                             std::to_string(trace.columns) + " columns");
    for (std::size_t i = 0; i < trace.values.size(); ++i) {
        const replication::Slot& slot = component.slot(i % trace.columns);
        if (trace.values[i] >= slot.first && trace.values[i] <= slot.last) continue;
        return unexpected(Blame::Caller, "frame " + std::to_string(i / trace.frame_values()) + ", row " +
                                             std::to_string(i % trace.frame_values() / trace.columns) + ": " +
                                             component.slot_name(i % trace.columns) + " is " +
                                             std::to_string(trace.values[i]) + ", not from " +
                                             std::to_string(slot.first) + " to " + std::to_string(slot.last) +
                                             "; quantise the trace as --help says");
    }
    return {};
}

}  // namespace

Result<std::vector<Snapshot>> make_snapshots(const Layout& layout, const Trace& trace) {
    if (auto checked = check(layout, trace); !checked) return Unexpected{checked.error()};
    const std::size_t chunks = (trace.rows + Chunk::rows - 1) / Chunk::rows;
    std::vector<Snapshot> snapshots;
    snapshots.reserve(trace.frames());
    for (std::size_t frame = 0; frame < trace.frames(); ++frame) {
        Snapshot& made = snapshots.emplace_back();
        made.tick = static_cast<Tick>(frame + 1);
        made.tables.resize(layout.table_count());
        if (frame > 0) made.tables = snapshots[frame - 1].tables;
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const auto rows = rows_of(trace, frame, chunk);
            if (frame == 0) {
                made.tables[0].push_back(make_entities(layout, rows.size() / trace.columns));
                made.tables[component_table].push_back(make_chunk(layout, rows, trace.columns));
                continue;
            }
            const auto before = rows_of(trace, frame - 1, chunk);
            if (!std::equal(rows.begin(), rows.end(), before.begin()))
                made.tables[component_table][chunk] = make_chunk(layout, rows, trace.columns);
        }
    }
    return snapshots;
}

Trace with_names(const Trace& trace, std::size_t letters, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<std::int32_t> names(trace.rows * letters);
    for (std::int32_t& letter : names) letter = 'a' + static_cast<std::int32_t>(random.below(26));
    Trace wider{trace.rows, trace.columns + letters, {}};
    wider.values.reserve(trace.frames() * wider.frame_values());
    for (std::size_t at = 0; at < trace.values.size(); at += trace.columns) {
        const auto row = std::span(trace.values).subspan(at, trace.columns);
        const auto name = std::span(names).subspan(at / trace.columns % trace.rows * letters, letters);
        wider.values.insert(wider.values.end(), row.begin(), row.end());
        wider.values.insert(wider.values.end(), name.begin(), name.end());
    }
    return wider;
}

}  // namespace tidewire::bench
