// The picture between two snapshots, field by field as the schema says.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sdk/core/netcode/moving_field.h"
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
    using Path = MovingField::Path;
    /// One scalar on its way: from + delta · fraction, at an offset into its chunk's values.
    struct Motion {
        std::uint32_t offset;
        std::uint16_t field;
        double from;
        double delta;
    };
    /// Four scalars that turn together, the shorter way; of length 1 wherever they are.
    struct Rotation {
        std::uint32_t base;  // Of the component in its chunk's values.
        const FieldInfo* fields;
        std::array<double, 4> from;
        std::array<double, 4> delta;
    };
    /// What stands in the world for one chunk of one table. Owns what it was made of, so that no address is used again.
    struct Drawn {
        bool valid = false;
        replication::ChunkPointer from;
        replication::ChunkPointer to;
        std::vector<Motion> motions;
        std::vector<Rotation> rotations;
    };

    void draw_entities(const replication::Snapshot& from, std::size_t chunk, World& world);
    void draw_component(std::uint16_t component, std::size_t chunk, const replication::Snapshot& from,
                        const replication::Snapshot& to, World& world);
    /// Nothing is added when any field moves further than its snap; the next two say so with false.
    void add_motions(std::uint16_t component, std::uint32_t row, const std::byte* from, const std::byte* to,
                     Drawn& drawn) const;
    static bool add_motion(const MovingField& moved, std::uint16_t index, std::uint32_t base, const std::byte* from,
                           const std::byte* to, Drawn& drawn);
    static bool add_rotation(const MovingField& moved, std::uint32_t base, const std::byte* from, const std::byte* to,
                             Drawn& drawn);
    void move(std::uint16_t component, const Drawn& drawn, double fraction, std::byte* values) const;

    const replication::Layout* layout_;
    std::vector<std::vector<MovingField>> fields_;  // [component]: those that are interpolated
    std::vector<std::vector<Drawn>> drawn_;         // [table][chunk]
    std::vector<std::byte> scratch_;                // one component of the later snapshot
};

/// The same once, for a world that is drawn seldom.
void draw(const replication::Layout& layout, const replication::SnapshotRing& ring, double tick, World& world);

}  // namespace tidewire::netcode
