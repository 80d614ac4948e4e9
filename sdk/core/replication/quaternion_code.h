// Unit quaternions as their smallest three: which of the four is largest, and the others as whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace tidewire::replication {

/// The largest follows from the others, because the squares add up to 1; q and -q are the same rotation, so it is positive.
/// The others lie within 1/sqrt(2) of 0, on a grid of 2^bits - 1 steps with 0 in its middle: the identity is exact.
/// Products of floats are exact in doubles and every other operation is a single IEEE one, so all machines round alike.
class QuaternionCode {
public:
    using Components = std::array<float, 4>;  ///< x, y, z, w
    /// Which is the largest (0 to 3), then the other three in their order (0 to part_last()).
    using Slots = std::array<std::int32_t, 4>;

    /// Of each part. Fewer than 2 bits have no steps, and more than 16 are finer than what floats keep through the sums:
    /// others are taken as the nearest of these.
    explicit QuaternionCode(int bits);

    std::int32_t part_last() const { return 2 * middle_; }
    /// One step of a part.
    double quantum() const { return quantum_; }
    Slots identity() const { return {3, middle_, middle_, middle_}; }

    /// The nearest slots that stand for themselves: slots(value(s)) == s. Where two components are as good as equal, the
    /// nearest ones may not, and smaller parts are taken. The length of `q` does not matter; empty when it is 0 or not finite.
    std::optional<Slots> slots(const Components& q) const;
    /// Of unit length, but where the parts alone are longer. Precondition: in_range(slots).
    Components value(const Slots& slots) const;
    bool in_range(const Slots& slots) const;
    /// True when slots() could have made these.
    bool has(const Slots& slots) const;

private:
    std::int32_t middle_;
    double quantum_;
};

}  // namespace tidewire::replication
