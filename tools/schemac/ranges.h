// The attribute `range`: of a number its values, of a string or bytes its length. And what a type allows without it.
#pragma once

#include <string>

#include "sdk/core/replication/record.h"
#include "tools/schemac/declarations.h"
#include "tools/schemac/numbers.h"

namespace schemac {

/// "an int", "a game.Mode": the type of a field, for a sentence. `enum_index` is into Declarations::enums, or negative.
std::string a_type(const Declarations& declarations, tidewire::Scalar scalar, int enum_index);

/// Every value of the type; of an enum from its first to its last enumerator, of flags all of them.
Range whole_range(const Declarations& declarations, tidewire::Scalar scalar, int enum_index);

/// Reads a range of values into `range`. The complaint when it is none for this type; empty when it is right.
std::string read_range(const std::string& value, const std::string& a_type, tidewire::Scalar scalar, Range& range);

inline constexpr Range default_length{0, 1024};
/// So long that a record of this field alone still holds it.
inline constexpr double length_max = tidewire::replication::record_field_bytes_max;
/// Reads a range of lengths, likewise.
std::string read_length(const std::string& value, Range& range);

}  // namespace schemac
