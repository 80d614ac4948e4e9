// The arithmetic of quantisation.

#include "sdk/core/replication/grid.h"

#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication {

namespace {

/// An edge of a range in steps. One that misses a step by no more than rounding errors lies on it; others move inwards.
double edge_step(double edge, double quantum, bool is_low) {
    const double exact = edge / quantum;
    const double nearest = std::round(exact);
    if (std::abs(exact - nearest) <= 4e-15 * std::max(1.0, std::abs(nearest))) return nearest;
    return is_low ? std::ceil(exact) : std::floor(exact);
}

std::int64_t to_step(double step) { return to_int64(std::clamp(step, -0x1p31, 0x1p31 - 1)); }

}  // namespace

Grid::Grid(const FieldInfo& field)
    : scalar_(field.scalar),
      quantum_(field.quantum),
      low_(std::max(field.min, range_of(field.scalar).low)),
      high_(std::min(field.max, range_of(field.scalar).high)) {
    const double first = edge_step(low_, quantum_, true);
    const double last = edge_step(high_, quantum_, false);
    const bool fits = first >= -0x1p31 && last < 0x1p31;
    if (!fits && last - first < 0x1p31) origin_ = first;
    first_ = to_step(first - origin_);
    last_ = to_step(last - origin_);
    if (first_ > last_) first_ = last_;  // No step inside: every value is the range's one step.
    if (origin_ != 0) return;
    // A float has 24 bits, and half a step of error must still round to the right step.
    if (scalar_ == Scalar::Float)
        steps_exact_ = std::int64_t{1} << 22;
    else if (scalar_ == Scalar::Double || std::floor(quantum_) == quantum_)
        steps_exact_ = std::numeric_limits<std::int64_t>::max();
}

double Grid::value(std::int32_t step) const {
    const double value = std::clamp((static_cast<double>(step) + origin_) * quantum_, low_, high_);
    if (scalar_ == Scalar::Double) return value;
    return scalar_ == Scalar::Float ? static_cast<double>(to_float(value)) : std::round(value);
}

std::int32_t Grid::clamped(std::int32_t step) const {
    return settled(static_cast<std::int32_t>(std::clamp<std::int64_t>(step, first_, last_)));
}

bool Grid::beyond(double value) const {
    if (value >= low_ && value <= high_) return false;
    const double step = value / quantum_ - origin_;
    return step < static_cast<double>(first_) - 0.5 || step > static_cast<double>(last_) + 0.5;
}

std::int32_t Grid::nearest(double value) const {
    const double step = value / quantum_ - origin_;
    if (step <= static_cast<double>(first_)) return static_cast<std::int32_t>(first_);
    if (step >= static_cast<double>(last_)) return static_cast<std::int32_t>(last_);
    return static_cast<std::int32_t>(step + (step < 0 ? -0.5 : 0.5));
}

/// Far from 0 a float cannot hold every step of a fine grid. This is the step that its value rounds to.
std::int32_t Grid::settled(std::int32_t step) const {
    if (std::abs(static_cast<std::int64_t>(step)) < steps_exact_) return step;
    // Once is enough but beside a power of two, where floats are nearer to each other on one side.
    for (int i = 0; i < 4; ++i) {
        const std::int32_t again = nearest(value(step));
        if (again == step) break;
        step = again;
    }
    return step;
}

}  // namespace tidewire::replication
