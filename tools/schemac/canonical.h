// The canonical text of a schema: what two programs must agree on before they talk, and nothing else.
// White space, comments, drawing (interpolate, angle, snap) and the server's own business (priority) do not count.
#pragma once

#include <cstdint>
#include <string>

#include "tools/schemac/declarations.h"

namespace schemac {

/// Precondition: the attributes are checked and without error.
std::string canonical_text(const Declarations& declarations);
/// FNV-1a of the canonical text.
std::uint64_t schema_hash(const Declarations& declarations);

}  // namespace schemac
