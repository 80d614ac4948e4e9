// The check that every row from the wire passes before anybody sees it.

#include "sdk/core/replication/row_check.h"

#include "sdk/core/replication/record.h"

namespace tidewire::replication {

Result<void> check_row(const Layout& layout, std::size_t table, const Chunk& chunk, std::size_t index) {
    const std::size_t row = index % Chunk::rows;
    if (table == 0) {
        if (chunk.column(0)[row] == 0) return refuse(entity_name(index) + " has generation 0; the first is 1");
        return {};
    }
    if (layout.is_record(table)) {
        if (chunk.records.empty() || !chunk.records[row])
            return refuse(entity_name(index) + ": " + layout.table_name(table) + " has no record");
        auto checked = check_record(layout.component(table).info(), *chunk.records[row]);
        return checked ? checked : refuse(entity_name(index) + ": " + checked.error().message);
    }
    const std::int32_t* const slots = chunk.columns.data() + row;
    const std::size_t bad = layout.component(table).first_out_of_range(slots, Chunk::rows);
    if (bad == layout.slot_count(table)) return {};
    return refuse(entity_name(index) + ": " + layout.slot_name(table, bad) + " is " +
                  std::to_string(chunk.column(bad)[row]) + " on the wire, outside the schema's range");
}

}  // namespace tidewire::replication
