// The arithmetic of the circle.

#include "sdk/core/replication/turn.h"

#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication {

namespace {

constexpr double two_pi = 6.283185307179586476925;

}  // namespace

Turn::Turn(const FieldInfo& field) : scalar_(field.scalar) {
    // What a float near pi is off by must be less than half a step.
    const double steps_max = scalar_ == Scalar::Float ? 0x1p24 : 0x1p31;
    const double steps = std::clamp(std::round(two_pi / field.quantum), 1.0, steps_max);
    quantum_ = two_pi / steps;
    first_ = static_cast<std::int32_t>(-std::floor(steps / 2));
    last_ = static_cast<std::int32_t>(first_ + (steps - 1));
}

double Turn::value(std::int32_t step) const {
    const double radians = static_cast<double>(step) * quantum_;
    return scalar_ == Scalar::Float ? static_cast<double>(static_cast<float>(radians)) : radians;
}

std::int32_t Turn::step(double radians) const {
    // IEEE 754 has the remainder exact, however far the angle has turned; most have not.
    if (std::abs(radians) > two_pi / 2) radians = std::remainder(radians, two_pi);
    const double exact = radians / quantum_;
    const auto nearest = static_cast<std::int64_t>(exact + (exact < 0 ? -0.5 : 0.5));
    if (nearest < first_) return last_;  // The step after the last is the first.
    return nearest > last_ ? first_ : static_cast<std::int32_t>(nearest);
}

}  // namespace tidewire::replication
