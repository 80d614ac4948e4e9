// Writes the C++ header of a schema: plain aggregates, and their description as tidewire::SchemaInfo.
#pragma once

#include <string>

#include "tools/schemac/declarations.h"

namespace schemac {

/// `made_from` is the schema's file name, for the first line. Precondition: the attributes are checked and without error.
std::string header_text(const Declarations& declarations, const std::string& made_from);

}  // namespace schemac
