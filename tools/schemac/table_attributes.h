// What tables may be and hold: rare components and events, of numbers, texts and bytes.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

/// Fills in the kind and flags of `table` and the ranges of its fields; reports each error.
void check_table(const Declarations& declarations, Table& table, Diagnostics& diagnostics);

}  // namespace schemac
