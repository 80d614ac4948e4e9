// The arithmetic of the smallest three.

#include "sdk/core/replication/quaternion_code.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tidewire::replication {

namespace {

using Components = QuaternionCode::Components;
using Slots = QuaternionCode::Slots;

constexpr double half_root = 0.70710678118654752440;  // The most that a second largest component can be.

double square(float x) { return static_cast<double>(x) * static_cast<double>(x); }

/// The components of unit length with the largest first and positive; the others keep their order.
struct Sorted {
    std::int32_t largest;
    std::array<double, 4> unit;
};

std::optional<Sorted> sorted(const Components& q) {
    double sum = 0;
    for (const float component : q) sum += square(component);
    if (!std::isfinite(sum) || sum == 0) return std::nullopt;
    std::size_t largest = 0;  // Of equal ones the first.
    for (std::size_t i = 1; i < 4; ++i)
        if (std::abs(q[i]) > std::abs(q[largest])) largest = i;
    const double length = std::copysign(std::sqrt(sum), static_cast<double>(q[largest]));
    Sorted made{static_cast<std::int32_t>(largest), {static_cast<double>(q[largest]) / length}};
    for (std::size_t i = 0, part = 1; i < 4; ++i)
        if (i != largest) made.unit[part++] = static_cast<double>(q[i]) / length;
    return made;
}

/// The nearest slots, whatever becomes of the largest component when the others are rounded.
Slots nearest(const Sorted& q, std::int32_t middle, double quantum) {
    Slots slots{q.largest};
    for (std::size_t part = 1; part < 4; ++part) {
        const double exact = q.unit[part] / quantum;
        const auto step = static_cast<std::int32_t>(exact + (exact < 0 ? -0.5 : 0.5));
        slots[part] = middle + std::clamp(step, -middle, middle);
    }
    return slots;
}

/// One step towards 0 for the part that is furthest from it, the first of equal ones.
void shrink(Slots& slots, std::int32_t middle) {
    std::size_t furthest = 1;
    for (std::size_t part = 2; part < 4; ++part)
        if (std::abs(slots[part] - middle) > std::abs(slots[furthest] - middle)) furthest = part;
    slots[furthest] += slots[furthest] > middle ? -1 : 1;
}

}  // namespace

QuaternionCode::QuaternionCode(int bits)
    : middle_((std::int32_t{1} << (std::clamp(bits, 2, 16) - 1)) - 1), quantum_(half_root / middle_) {}

std::optional<Slots> QuaternionCode::slots(const Components& q) const {
    const auto unit = sorted(q);
    if (!unit) return std::nullopt;
    Slots made = nearest(*unit, middle_, quantum_);
    // Rounding moves each part by half a step and the largest by no more than three halves: far from a tie all is settled.
    double second = 0;
    for (std::size_t part = 1; part < 4; ++part) second = std::max(second, std::abs(unit->unit[part]));
    if (unit->unit[0] - second > 4 * quantum_) return made;
    // Every shrinking makes the largest larger, until no other can be taken for it; in the end only 0 would be left.
    while (!has(made)) shrink(made, middle_);
    return made;
}

Components QuaternionCode::value(const Slots& slots) const {
    Components q{};
    double sum = 0;
    const auto largest = static_cast<std::size_t>(slots[0]);
    for (std::size_t i = 0, part = 1; i < 4; ++i) {
        if (i == largest) continue;
        q[i] = static_cast<float>(static_cast<double>(slots[part++] - middle_) * quantum_);
        sum += square(q[i]);
    }
    q[largest] = static_cast<float>(std::sqrt(std::max(0.0, 1 - sum)));
    return q;
}

bool QuaternionCode::in_range(const Slots& slots) const {
    if (slots[0] < 0 || slots[0] > 3) return false;
    return std::all_of(slots.begin() + 1, slots.end(),
                       [this](std::int32_t part) { return part >= 0 && part <= part_last(); });
}

bool QuaternionCode::has(const Slots& slots) const {
    if (!in_range(slots)) return false;
    const auto unit = sorted(value(slots));
    return unit && nearest(*unit, middle_, quantum_) == slots;
}

}  // namespace tidewire::replication
