// The fields of a component that move between two values as the schema says, and the way from one value to another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tidewire/schema.h"

namespace tidewire::netcode {

struct MovingField {
    enum class Path : std::uint8_t { Line, Arc, Rotation };

    const FieldInfo* info;  ///< Of a rotation the first of four.
    Path path;
};

/// Those of a component, in order. All others hold.
std::vector<MovingField> moving_fields(const StructInfo& component);

/// An arc may leave the turn, or the declared range, on the side where the circle closes.
double within_circle(const FieldInfo& field, double radians);

/// 64-bit integers beyond the 53 bits of a double hold: a line between them would not end where it must.
bool moves_exactly(const FieldInfo& field, double from, double to);

/// One number, or the four of a rotation.
using MovingValue = std::array<double, 4>;
/// What must be added to get from one value to another: one number, or of a rotation its axis times its angle in radians.
using Way = std::array<double, 3>;

MovingValue load_value(const MovingField& field, const std::byte* aggregate);
/// Saturates at the declared range.
void store_value(const MovingField& field, const MovingValue& value, std::byte* aggregate);

/// The shorter one. Zero where there is no way that ends exactly.
Way way_between(const MovingField& field, const MovingValue& from, const MovingValue& to);
/// Where it leads. Precondition: of a rotation, `from` has length 1.
MovingValue moved_along(const MovingField& field, const MovingValue& from, const Way& way);

double length(const Way& way);
inline Way operator*(const Way& way, double factor) { return {way[0] * factor, way[1] * factor, way[2] * factor}; }
/// The schema says that such a way is a teleport.
inline bool is_teleport(const MovingField& field, const Way& way) {
    return field.info->snap > 0 && length(way) > field.info->snap;
}

}  // namespace tidewire::netcode
