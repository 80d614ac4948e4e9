// Numbers of attributes and of generated text: exact, shortest, the same in every locale; and what each scalar can hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tidewire/schema.h"

namespace schemac {

struct Range {
    double min;
    double max;
};

/// The whole of `text`, finite. Empty for anything else.
std::optional<double> parse_number(std::string_view text);
/// "-512..512". Empty when it is not two numbers; the order is not checked.
std::optional<Range> parse_range(std::string_view text);

/// The attribute `priority`. False when `text` is no whole number from 1 to 255.
bool read_priority(std::string_view text, std::uint8_t& priority);

/// A short text that reads back as the same number: "0.01", "-512".
std::string to_text(double number);

/// Every value of a scalar type, as far as a double can say it. Of float and double: the finite ones.
Range range_of(tidewire::Scalar scalar);
bool is_real(tidewire::Scalar scalar);
/// As the schema spells it: "ubyte".
const char* schema_name(tidewire::Scalar scalar);
/// As C++ spells it: "std::uint8_t".
const char* cpp_name(tidewire::Scalar scalar);
/// The enumerator: "UInt8".
const char* enumerator_name(tidewire::Scalar scalar);
std::uint32_t size_of(tidewire::Scalar scalar);

}  // namespace schemac
