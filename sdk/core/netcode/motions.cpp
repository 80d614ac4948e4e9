// Lines, arcs and rotations.
#include "sdk/core/netcode/motions.h"

#include <algorithm>
#include <cmath>

#include "sdk/core/replication/scalar_io.h"

namespace tidewire::netcode {

namespace {

constexpr double two_pi = 6.283185307179586476925;

/// The rotations are opposite ways to say the same when this is negative: the shorter way is to the other's negative.
double dot(const std::array<double, 4>& a, const std::array<double, 4>& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

}  // namespace

void Motions::clear() {
    motions_.clear();
    rotations_.clear();
}

void Motions::add(const Fields& fields, std::uint32_t base, const std::byte* from, const std::byte* to) {
    const std::size_t motions = motions_.size();
    const std::size_t rotations = rotations_.size();
    for (std::uint16_t i = 0; i < fields.size(); ++i) {
        const bool moves = fields[i].path == MovingField::Path::Rotation ? add_rotation(fields[i], base, from, to)
                                                                         : add_motion(fields[i], i, base, from, to);
        if (moves) continue;
        motions_.resize(motions);
        rotations_.resize(rotations);
        return;
    }
}

bool Motions::add_motion(const MovingField& moved, std::uint16_t index, std::uint32_t base, const std::byte* from,
                         const std::byte* to) {
    const FieldInfo& field = *moved.info;
    const double start = replication::load_number(from + field.offset, field.scalar);
    const double end = replication::load_number(to + field.offset, field.scalar);
    double delta = end - start;
    if (moved.path == MovingField::Path::Arc) delta = std::remainder(delta, two_pi);
    if (delta == 0 || !std::isfinite(delta)) return true;
    if (field.snap > 0 && std::abs(delta) > field.snap) return false;
    if (!moves_exactly(field, start, end)) return true;
    motions_.push_back({base + field.offset, index, start, delta});
    return true;
}

bool Motions::add_rotation(const MovingField& moved, std::uint32_t base, const std::byte* from, const std::byte* to) {
    const FieldInfo* const fields = moved.info;
    Rotation rotation{.base = base, .fields = fields, .from = {}, .delta = {}};
    std::array<double, 4> end;
    for (std::size_t i = 0; i < 4; ++i) {
        rotation.from[i] = replication::load_number(from + fields[i].offset, fields[i].scalar);
        end[i] = replication::load_number(to + fields[i].offset, fields[i].scalar);
    }
    if (rotation.from == end) return true;
    const double cosine = dot(rotation.from, end);  // Of half the angle between.
    if (!std::isfinite(cosine)) return true;
    if (fields[0].snap > 0 && 2 * std::acos(std::min(1.0, std::abs(cosine))) > fields[0].snap) return false;
    for (std::size_t i = 0; i < 4; ++i) rotation.delta[i] = (cosine < 0 ? -end[i] : end[i]) - rotation.from[i];
    rotations_.push_back(rotation);
    return true;
}

void Motions::move(const Fields& fields, double fraction, std::byte* block) const {
    for (const Motion& motion : motions_) {
        const MovingField& field = fields[motion.field];
        double value = motion.from + motion.delta * fraction;
        if (field.path == MovingField::Path::Arc) value = within_circle(*field.info, value);
        replication::store_number(block + motion.offset, field.info->scalar, value);
    }
    for (const Rotation& rotation : rotations_) {
        std::array<double, 4> q;
        for (std::size_t i = 0; i < 4; ++i) q[i] = rotation.from[i] + rotation.delta[i] * fraction;
        const double length = std::sqrt(dot(q, q));
        if (!(length > 0)) continue;  // Only of what no unit quaternion is.
        for (std::size_t i = 0; i < 4; ++i)
            replication::store_number(block + rotation.base + rotation.fields[i].offset, rotation.fields[i].scalar,
                                      q[i] / length);
    }
}

}  // namespace tidewire::netcode
