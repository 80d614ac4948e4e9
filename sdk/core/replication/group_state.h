// What a group's members say at one tick, apart from everything else: its hash, and how it differs from another's.
#pragma once

#include <string>

#include "sdk/core/replication/body.h"

namespace tidewire::replication {

/// Groups from here on are private streams: what only its owner is told.
inline constexpr std::uint16_t private_groups = 0x8000;

constexpr Coverage coverage_of(std::uint16_t group) {
    return group >= private_groups ? Coverage::Private : Coverage::Public;
}

/// Order-independent, the same on every machine: a sum of one hash a row, so that hashes of groups add up.
std::uint64_t group_hash(const Layout& layout, const Snapshot& snapshot, const Members& members, Coverage coverage);

/// The first difference in what a stream tells of these entities ("entity 7: game.Pos.x is 120, expected 121"); empty when there
/// is none.
std::string group_difference(const Layout& layout, const Snapshot& actual, const Members& actual_members,
                             const Snapshot& expected, const Members& expected_members, Coverage coverage);

}  // namespace tidewire::replication
