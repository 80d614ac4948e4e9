// The attributes of one field: quantize, range, interpolate, angle, predict, snap.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in owner.fields[index].rules; reports each error. Precondition: owner.kind is known.
void check_field(const Declarations& declarations, Struct& owner, std::size_t index, Diagnostics& diagnostics);

}  // namespace schemac
