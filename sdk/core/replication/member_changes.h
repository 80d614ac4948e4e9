// What happens to a group's members from one body to the next.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

/// What happened to a group's members.
struct MemberChanges {
    struct Arrival {
        std::uint32_t index;
        std::uint32_t generation;
        PlayerId owner;
        bool known;  ///< It lived before, in another group.
    };
    Members left;
    std::vector<std::optional<std::uint16_t>> destinations;  ///< Of `left`, in order.
    std::vector<Arrival> arrivals;                           ///< By index.
    Members owner_changed;
    std::vector<PlayerId> owners;  ///< Of `owner_changed`, in order.

    bool none() const { return left.empty() && arrivals.empty() && owner_changed.empty(); }
};

/// The members after the changes, but for new owners.
struct MemberSets {
    Members known;    ///< Were members, or lived elsewhere: their rows before are the baseline.
    Members spawned;  ///< Have no rows before.
    Members all;
};

MemberSets sets_after(const Members& before, const MemberChanges& changes);

/// Of an encoder's source. `follows`: the reader has all that there was before, even of entities that were no members.
MemberChanges member_changes(const BodySource& source, const Members& before, const Members& after, bool follows);

}  // namespace tidewire::replication
