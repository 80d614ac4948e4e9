// Walks over the rows of members, table by table.

#include "sdk/core/replication/group_state.h"

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/record.h"
#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

namespace {

bool has(const Chunk* chunk, std::uint32_t row) { return chunk != nullptr && (chunk->present >> row & 1) != 0; }

/// A private stream tells nothing of the entity itself but its generation.
std::size_t slots_told(const Layout& layout, std::size_t table, Coverage coverage) {
    return table == 0 && coverage == Coverage::Private ? 1 : layout.slot_count(table);
}

std::string row_difference(const Layout& layout, std::size_t table, std::size_t slots, std::uint32_t row,
                           const Chunk* actual, const Chunk* expected) {
    const std::string name = table == 0 ? "it" : layout.table_name(table);
    if (has(actual, row) != has(expected, row))
        return name + (has(actual, row) ? " is there, expected none" : " is missing");
    if (!has(actual, row)) return {};
    for (std::size_t slot = 0; slot < slots; ++slot)
        if (actual->column(slot)[row] != expected->column(slot)[row])
            return layout.slot_name(table, slot) + " is " + std::to_string(actual->column(slot)[row]) + ", expected " +
                   std::to_string(expected->column(slot)[row]);
    if (!actual->records.empty() && !same_record(actual->records[row], expected->records[row]))
        return first_record_difference(layout.component(table).info(), *actual->records[row], *expected->records[row]);
    return {};
}

}  // namespace

std::uint64_t group_hash(const Layout& layout, const Snapshot& snapshot, const Members& members, Coverage coverage) {
    std::uint64_t sum = 0;
    for (std::size_t table = 0; table < layout.table_count(); ++table) {
        if (!covers(layout, coverage, table)) continue;
        const std::size_t slots = slots_told(layout, table, coverage);
        const std::uint64_t salt = table * 2 + (coverage == Coverage::Private ? 1 : 0) + 1;
        for_each_row(members, [&](std::uint32_t index, std::uint32_t row, std::uint32_t entity) {
            const Chunk* const chunk = snapshot.chunk(table, index);
            if (!has(chunk, row)) return;
            std::uint64_t hash = hash_combine(salt, entity);
            for (std::size_t slot = 0; slot < slots; ++slot)
                hash = hash_combine(hash, static_cast<std::uint32_t>(chunk->column(slot)[row]));
            if (!chunk->records.empty()) hash = hash_combine(hash, fnv1a(*chunk->records[row]));
            sum += hash;
        });
    }
    return sum;
}

std::string group_difference(const Layout& layout, const Snapshot& actual, const Members& actual_members,
                             const Snapshot& expected, const Members& expected_members, Coverage coverage) {
    std::string found;
    for_each_row(either(actual_members, expected_members), [&](std::uint32_t index, std::uint32_t row,
                                                               std::uint32_t entity) {
        if (!found.empty()) return;
        const std::string who = "entity " + std::to_string(entity) + ": ";
        if (actual_members.has(entity) != expected_members.has(entity)) {
            found = who + (actual_members.has(entity) ? "is in the group, expected not" : "is missing from the group");
            return;
        }
        for (std::size_t table = 0; table < layout.table_count() && found.empty(); ++table) {
            if (!covers(layout, coverage, table)) continue;
            const std::string difference = row_difference(layout, table, slots_told(layout, table, coverage), row,
                                                          actual.chunk(table, index), expected.chunk(table, index));
            if (!difference.empty()) found = who + difference;
        }
    });
    return found;
}

}  // namespace tidewire::replication
