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
    void clear() {
        left.clear();
        destinations.clear();
        arrivals.clear();
        owner_changed.clear();
        owners.clear();
    }
};

/// The members after the changes, but for new owners.
struct MemberSets {
    Members known;    ///< Were members, or lived elsewhere: their rows before are the baseline.
    Members spawned;  ///< Have no rows before.
};

/// Replaces what is in `sets`.
void sets_after(const Members& before, const MemberChanges& changes, MemberSets& sets);

/// Of an encoder's source, in place of what is in `changes`. `follows`: the reader has all that there was before, even of entities that
/// were no members.
void find_member_changes(const BodySource& source, const Members& before, const Members& after, bool follows,
                         MemberChanges& changes);

}  // namespace tidewire::replication
