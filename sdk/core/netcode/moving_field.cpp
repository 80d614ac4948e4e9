// Lines, arcs and rotations.
#include "sdk/core/netcode/moving_field.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sdk/core/replication/scalar_io.h"

namespace tidewire::netcode {

namespace {

using Path = MovingField::Path;

constexpr double two_pi = 6.283185307179586476925;
constexpr double exact_max = 9007199254740992.0;

bool is_real(Scalar scalar) { return scalar == Scalar::Float || scalar == Scalar::Double; }

/// Four reals in a row that turn together.
bool is_quaternion(std::span<const FieldInfo> fields) {
    return fields.size() >= 4 && std::all_of(&fields[0], &fields[0] + 4, [](const FieldInfo& field) {
               return field.interpolation == Interpolation::Quaternion && is_real(field.scalar);
           });
}

/// Hamilton's product: first b, then a.
MovingValue product(const MovingValue& a, const MovingValue& b) {
    return {
        a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1], a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
        a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3], a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2]};
}

}  // namespace

std::vector<MovingField> moving_fields(const StructInfo& component) {
    std::vector<MovingField> fields;
    for (std::size_t i = 0; i < component.fields.size(); ++i) {
        const FieldInfo& field = component.fields[i];
        if (field.interpolation == Interpolation::Hold || field.scalar == Scalar::Bool) continue;
        if (is_quaternion(component.fields.subspan(i))) {
            fields.push_back({&field, Path::Rotation});
            i += 3;
        } else if (field.interpolation != Interpolation::Quaternion) {
            const bool is_arc = field.angle || field.interpolation == Interpolation::Angle;
            fields.push_back({&field, is_arc ? Path::Arc : Path::Line});
        }
    }
    return fields;
}

double within_circle(const FieldInfo& field, double radians) {
    if (field.angle) return std::remainder(radians, two_pi);
    if (radians > field.max) radians -= two_pi;
    if (radians < field.min) radians += two_pi;
    return std::clamp(radians, field.min, field.max);
}

bool moves_exactly(const FieldInfo& field, double from, double to) {
    const bool has_exact_doubles = field.scalar != Scalar::Int64 && field.scalar != Scalar::UInt64;
    return has_exact_doubles || std::max(std::abs(from), std::abs(to)) <= exact_max;
}

MovingValue load_value(const MovingField& field, const std::byte* aggregate) {
    MovingValue value{};
    const std::size_t count = field.path == Path::Rotation ? 4 : 1;
    for (std::size_t i = 0; i < count; ++i)
        value[i] = replication::load_number(aggregate + field.info[i].offset, field.info[i].scalar);
    return value;
}

void store_value(const MovingField& field, const MovingValue& value, std::byte* aggregate) {
    const FieldInfo& info = *field.info;
    if (field.path == Path::Rotation) {
        for (std::size_t i = 0; i < 4; ++i)
            replication::store_number(aggregate + field.info[i].offset, field.info[i].scalar, value[i]);
        return;
    }
    const double allowed =
        field.path == Path::Arc ? within_circle(info, value[0]) : std::clamp(value[0], info.min, info.max);
    replication::store_number(aggregate + info.offset, info.scalar, allowed);
}

Way way_between(const MovingField& field, const MovingValue& from, const MovingValue& to) {
    if (field.path == Path::Rotation) {
        // The rotation that turns `from` into `to`; of the two ways to say it the one that turns less.
        MovingValue turn = product(to, {-from[0], -from[1], -from[2], from[3]});
        if (turn[3] < 0) turn = {-turn[0], -turn[1], -turn[2], -turn[3]};
        const double sine = std::sqrt(turn[0] * turn[0] + turn[1] * turn[1] + turn[2] * turn[2]);
        if (!std::isfinite(sine) || sine == 0) return {};
        const double factor = 2 * std::atan2(sine, turn[3]) / sine;
        return {turn[0] * factor, turn[1] * factor, turn[2] * factor};
    }
    double delta = to[0] - from[0];
    if (field.path == Path::Arc) delta = std::remainder(delta, two_pi);
    if (!std::isfinite(delta) || !moves_exactly(*field.info, from[0], to[0])) return {};
    return {delta, 0, 0};
}

MovingValue moved_along(const MovingField& field, const MovingValue& from, const Way& way) {
    if (field.path != Path::Rotation) return {from[0] + way[0], 0, 0, 0};
    const double angle = length(way);
    if (angle == 0) return from;
    const double factor = std::sin(angle / 2) / angle;
    return product({way[0] * factor, way[1] * factor, way[2] * factor, std::cos(angle / 2)}, from);
}

double length(const Way& way) { return std::sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]); }

}  // namespace tidewire::netcode
