// What the attributes of a schema mean, and every way to write them wrong.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in the kind and flags of structs and the rules of fields; reports each error with its remedy.
void check_attributes(Declarations& declarations, Diagnostics& diagnostics);

}  // namespace schemac
