// Whether a newer schema only appends to an older one, so that a server of the newer still serves clients of the older.
//
// Components, inputs and events may be added at the end of their lists, and fields at the end of a table. A struct never grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tidewire/schema.h"

namespace tidewire::replication {

/// A Hello with as many, and its texts, fits into the 16 KiB that a server takes as one message.
inline constexpr std::size_t schema_prints_max = 2048;

/// What a client tells of its schema: a form (1: whole, 2: structs without their fields), its name's hash, then for components,
/// inputs and events their number, and for each its head's hash, its number of fields and each field's hash. Hashes are the low
/// half of FNV-1a over the lines of schema_description.h. A schema that is too large for form 1 is told in form 2, and one that is too large
/// for that not at all: the result is empty.
std::vector<std::uint32_t> fingerprint(const SchemaInfo& schema);

/// Empty when `newer` only appends. Otherwise a sentence that names the first difference and, where there is one, the remedy;
/// it calls `older` the client's. `older` may be anything that a stranger sends.
std::optional<std::string> append_only_difference(std::span<const std::uint32_t> older, const SchemaInfo& newer);
std::optional<std::string> append_only_difference(const SchemaInfo& older, const SchemaInfo& newer);

}  // namespace tidewire::replication
