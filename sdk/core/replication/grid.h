// The grid of a quantised field: which whole number stands for which value. 0 is always on it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tidewire/schema.h"

namespace tidewire::replication {

/// Every operation is a single IEEE one, so all machines round alike.
class Grid {
public:
    /// Precondition: field.quantum > 0.
    explicit Grid(const FieldInfo& field);

    std::int32_t first() const { return static_cast<std::int32_t>(first_); }
    std::int32_t last() const { return static_cast<std::int32_t>(last_); }
    double quantum() const { return quantum_; }

    /// The value that a step stands for, as the field's type holds it.
    double value(std::int32_t step) const;
    /// The nearest step of the range, for good: step(value(step(x))) == step(x). Precondition: not NaN.
    std::int32_t step(double value) const { return settled(nearest(value)); }
    /// The step of the range that is nearest to `step`.
    std::int32_t clamped(std::int32_t step) const;
    /// True when step() could have made this.
    bool has(std::int32_t step) const { return step >= first_ && step <= last_ && settled(step) == step; }
    /// True when step() makes every step of the range, so that has() need not be asked.
    bool has_all() const { return std::max(-first_, last_) < steps_exact_; }
    /// True for a value that the range's edge does not stand for. One that rounds to the edge has lost nothing.
    bool beyond(double value) const;

private:
    std::int32_t nearest(double value) const;
    std::int32_t settled(std::int32_t step) const;

    Scalar scalar_;
    double quantum_;
    double low_, high_;             // The range of the value.
    double origin_ = 0;             // In steps; not 0 where the range lies too far from 0 for 32 bits.
    std::int64_t first_, last_;     // The range of the step.
    std::int64_t steps_exact_ = 0;  // Below this the field's type can tell all steps apart.
};

}  // namespace tidewire::replication
