// Fields on their way from one value of their component to another, as the schema says that they move.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sdk/core/netcode/moving_field.h"

namespace tidewire::netcode {

/// Of any number of components of one kind that lie in one block of memory. What does not move is not in here.
class Motions {
public:
    using Fields = std::vector<MovingField>;

    void clear();
    /// The way of one component that lies `base` bytes into the block. Nothing is added when any field moves further than its
    /// snap: then the whole component holds.
    void add(const Fields& fields, std::uint32_t base, const std::byte* from, const std::byte* to);
    /// Writes where everything is after `fraction` of its way. `fields` are those of add().
    void move(const Fields& fields, double fraction, std::byte* block) const;

private:
    /// One scalar on its way: from + delta · fraction.
    struct Motion {
        std::uint32_t offset;
        std::uint16_t field;
        double from;
        double delta;
    };
    /// Four scalars that turn together, the shorter way; of length 1 wherever they are.
    struct Rotation {
        std::uint32_t base;
        const FieldInfo* fields;
        std::array<double, 4> from;
        std::array<double, 4> delta;
    };

    /// Both say with false that the way is a teleport.
    bool add_motion(const MovingField& moved, std::uint16_t index, std::uint32_t base, const std::byte* from,
                    const std::byte* to);
    bool add_rotation(const MovingField& moved, std::uint32_t base, const std::byte* from, const std::byte* to);

    std::vector<Motion> motions_;
    std::vector<Rotation> rotations_;
};

}  // namespace tidewire::netcode
