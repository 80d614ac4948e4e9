// What the attributes of a schema mean, and every way to write them wrong.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in the kind and flags of structs and the rules of fields; reports each error with its remedy.
void check_attributes(Declarations& declarations, Diagnostics& diagnostics);

/// What is rightly written and does not do yet what it says. After check_attributes().
void warn_of_attributes(const Declarations& declarations, Diagnostics& warnings);

}  // namespace schemac
