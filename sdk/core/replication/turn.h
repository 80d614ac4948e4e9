// The steps of an angle: whole numbers round the circle, the last next to the first.
#pragma once

#include <cstdint>

#include "tidewire/schema.h"

namespace tidewire::replication {

/// Every operation is a single IEEE one, so all machines round alike. Nothing saturates: the field's range is not asked.
class Turn {
public:
    /// A circle has the quantum's nearest whole number of steps, but no more than the field's type tells apart (2^24 as
    /// float, 2^31 as double). Precondition: field.quantum > 0, and the field is a float or a double.
    explicit Turn(const FieldInfo& field);

    /// 0 is a step; there are as many below it as above, and with an even number one more below: -2048 to 2047.
    std::int32_t first() const { return first_; }
    std::int32_t last() const { return last_; }
    /// One step in radians.
    double quantum() const { return quantum_; }

    /// Radians, as the field's type holds them, in [-pi, pi].
    double value(std::int32_t step) const;
    /// The nearest step, whole turns taken away; step(value(s)) == s. Precondition: finite.
    std::int32_t step(double radians) const;
    /// True when step() could have made this.
    bool has(std::int32_t step) const { return step >= first_ && step <= last_; }

private:
    Scalar scalar_;
    double quantum_;
    std::int32_t first_, last_;
};

}  // namespace tidewire::replication
