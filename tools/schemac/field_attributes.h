// The attributes of one field of a struct: quantize, range, angle, quaternion, predict, interpolate, snap.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in the rules of all fields of `owner`; reports each error. Precondition: owner.kind is known.
void check_fields(const Declarations& declarations, Struct& owner, Diagnostics& diagnostics);

}  // namespace schemac
