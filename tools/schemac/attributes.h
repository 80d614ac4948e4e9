// What the attributes of a schema mean, and every way to write them wrong.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in the kind and flags of structs and tables and the rules of their fields; reports each error with its remedy.
void check_attributes(Declarations& declarations, Diagnostics& diagnostics);

}  // namespace schemac
