// Instants of the world's clock as text that everybody reads in the same way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tidewire/identity.h"

namespace tidewire::server {

/// "2026-11-30T18:00:00Z"; years before 1970 and after 9999 are those ends.
std::string to_iso(SystemTime time);
/// That very form; empty for anything else.
std::optional<SystemTime> parse_iso(std::string_view text);

}  // namespace tidewire::server
