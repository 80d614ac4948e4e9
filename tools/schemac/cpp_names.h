// Names that a schema may not use because C++ or the generated header has another use for them.
#pragma once

#include "tools/schemac/declarations.h"
#include "tools/schemac/diagnostics.h"

namespace schemac {

void check_cpp_names(const Declarations& declarations, Diagnostics& diagnostics);

/// "::game::Pos" of "game.Pos".
std::string cpp_type(const std::string& name);
/// "game::inner" of "game.inner".
std::string cpp_scope(const std::string& name_space);

}  // namespace schemac
