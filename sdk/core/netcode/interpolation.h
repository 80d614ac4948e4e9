// The picture between two snapshots, field by field as the schema says.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/netcode/motions.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

/// Keeps one world at a tick of a ring of snapshots. What did not change since the last call costs a comparison per
/// chunk; what moves costs one multiplication per interpolated field, and its decoding once per snapshot.
///
/// Entities and held fields are those of the snapshot at or before the tick, so an entity appears and goes when its
/// snapshot's time has come. Interpolated fields lie between that snapshot and the next one, unless
///   - the entity is another one there (its index was used again), or lacks the component;
///   - any field of the component moves further than its `snap` (a quaternion: turns further, in radians): then the whole
///     component holds, as a teleport.
/// Components that are tables hold.
/// Before the oldest and after the newest snapshot everything holds.
class Picture {
public:
    /// `layout` must outlive the picture.
    explicit Picture(const replication::Layout& layout);

    /// Precondition: the ring is not empty, and `world` is the same at each call and has room for every index in it.
    /// Others may write to the world in between: chunks that they touched are drawn anew, and all marks are cleared.
    void draw(const replication::SnapshotRing& ring, double tick, World& world);

private:
    /// What stands in the world for one chunk of one table. Owns what it was made of, so that no address is used again.
    struct Drawn {
        bool valid = false;
        replication::ChunkPointer from;
        replication::ChunkPointer to;
        Motions motions;
    };

    void draw_entities(const replication::Snapshot& from, std::size_t chunk, World& world);
    void draw_component(std::uint16_t component, std::size_t chunk, const replication::Snapshot& from,
                        const replication::Snapshot& to, World& world);

    const replication::Layout* layout_;
    std::vector<Motions::Fields> fields_;    // [component]: those that are interpolated
    std::vector<std::vector<Drawn>> drawn_;  // [table][chunk]
    std::vector<std::byte> scratch_;         // one component of the later snapshot
};

/// The same once, for a world that is drawn seldom.
void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world);

}  // namespace tidewire::netcode
