// The components that the delta bench codes: one slot for each column of a trace, in the same order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sdk/core/replication/layout.h"
#include "tidewire/schema.h"

namespace tidewire::bench {

/// A schema of one component, made at run time. Everything points into everything, so it stays where it is.
class DeltaSchema {
public:
    DeltaSchema(const char* component, std::uint32_t size, std::vector<FieldInfo> fields);
    DeltaSchema(const DeltaSchema&) = delete;
    DeltaSchema& operator=(const DeltaSchema&) = delete;

    const SchemaInfo& info() const { return info_; }
    const replication::Layout& layout() const { return layout_; }

private:
    std::vector<FieldInfo> fields_;
    StructInfo component_;
    SchemaInfo info_;
    replication::Layout layout_;
};

/// The columns of cubes.h: a quaternion, three positions and a flag, all guessed to stay.
struct Cube {
    std::array<float, 4> rotation;
    float x, y, z;
    bool interacting;
};
DeltaSchema cube_schema();

/// How the arena's positions are guessed.
enum class ArenaPrediction : std::uint8_t {
    Integral,  ///< Positions follow from velocities, which are guessed to stay.
    Linear,    ///< Positions and velocities go on as they did.
    Delta,     ///< Everything stays.
};

/// The columns of arena_motion.h, and a name that never changes once it was told.
struct ArenaEntity {
    float x, y;
    float velocity_x, velocity_y;
    float angle;
    std::uint8_t hp;
    std::array<std::uint8_t, 11> name;
};
DeltaSchema arena_schema(ArenaPrediction prediction);

/// The same without the name, which a game that cares keeps in a component of its own: what never changes is never told again.
struct Walker {
    float x, y;
    float velocity_x, velocity_y;
    float angle;
    std::uint8_t hp;
};
DeltaSchema walker_schema();

}  // namespace tidewire::bench

/// The only component of its schema.
template <>
struct tidewire::ComponentIndex<tidewire::bench::Walker> {
    static constexpr std::uint16_t value = 0;
};
