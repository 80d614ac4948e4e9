// Reads a FlatBuffers binary schema (.bfbs) into declarations. It judges no attribute.
#pragma once

#include <string_view>

#include "tidewire/result.h"
#include "tools/schemac/declarations.h"

namespace schemac {

/// `bytes` are a file's content.
/// An error says in a sentence why the bytes are no schema that flatc made.
tidewire::Result<Declarations> read_schema(std::string_view bytes);

}  // namespace schemac
