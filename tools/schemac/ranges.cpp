// What may stand in a range.
#include "tools/schemac/ranges.h"

#include <algorithm>
#include <cmath>

namespace schemac {

namespace {

using tidewire::Scalar;

constexpr double exact_max = 9007199254740991;  // 2^53 - 1: up to here a double is that whole number and no other

bool whole(const Range& range) { return range.min == std::floor(range.min) && range.max == std::floor(range.max); }

std::string remedy(double min, double max) { return "write range: \"" + to_text(min) + ".." + to_text(max) + "\""; }

}  // namespace

std::string a_type(const Declarations& declarations, Scalar scalar, int enum_index) {
    const std::string name =
        enum_index >= 0 ? declarations.enums[static_cast<std::size_t>(enum_index)].name : schema_name(scalar);
    const bool vowel = std::string("aeio").find(name[0]) != std::string::npos;
    return (vowel ? "an " : "a ") + name;
}

Range whole_range(const Declarations& declarations, Scalar scalar, int enum_index) {
    if (enum_index < 0) return range_of(scalar);
    const Enum& type = declarations.enums[static_cast<std::size_t>(enum_index)];
    const auto number = [&](std::int64_t value) {
        return type.scalar == Scalar::UInt64 ? static_cast<double>(static_cast<std::uint64_t>(value))
                                             : static_cast<double>(value);
    };
    if (type.values.empty()) return range_of(type.scalar);
    std::uint64_t all_flags = 0;
    Range range{number(type.values.front().value), number(type.values.front().value)};
    for (const Enumerator& value : type.values) {
        all_flags |= static_cast<std::uint64_t>(value.value);
        range.min = std::min(range.min, number(value.value));
        range.max = std::max(range.max, number(value.value));
    }
    if (type.flags) range = {0, static_cast<double>(all_flags)};
    return range;
}

std::string read_range(const std::string& value, const std::string& a_type, Scalar scalar, Range& range) {
    const std::string found = "range \"" + value + "\"";
    const auto parsed = parse_range(value);
    if (!parsed) return found + " is not a range; write two numbers such as range: \"-512..512\"";
    const Range whole_type = range_of(scalar);
    if (parsed->min > parsed->max) return found + " is reversed; " + remedy(parsed->max, parsed->min);
    if (parsed->min == parsed->max) return found + " holds one value only; widen it, or leave the field out";
    if (parsed->min < whole_type.min || parsed->max > whole_type.max)
        return found + " is beyond what " + a_type + " holds, " + to_text(whole_type.min) + ".." +
               to_text(whole_type.max) + "; write a smaller range or a wider type";
    if (!is_real(scalar) && !whole(*parsed))
        return found + " of " + a_type + " needs whole numbers; " +
               remedy(std::floor(parsed->min), std::ceil(parsed->max));
    if (!is_real(scalar) && std::max(std::abs(parsed->min), std::abs(parsed->max)) > exact_max)
        return found + " is not exact beyond " + to_text(exact_max) + "; leave it out";
    range = *parsed;
    return "";
}

std::string read_length(const std::string& value, Range& range) {
    const std::string found = "range \"" + value + "\"";
    const auto parsed = parse_range(value);
    if (!parsed || !whole(*parsed) || parsed->min < 0)
        return found + " is not a range of lengths in bytes; write two whole numbers such as range: \"0..32\"";
    if (parsed->min > parsed->max) return found + " is reversed; " + remedy(parsed->max, parsed->min);
    if (parsed->max > length_max)
        return found + " is beyond the " + to_text(length_max) +
               " bytes of a field that a record of 16 KiB has room for; " + remedy(0, length_max);
    if (parsed->max == 0) return found + " holds nothing; widen it, or leave the field out";
    if (parsed->min > 0)
        return found + " has a least length, and a field is empty until something sets it; " + remedy(0, parsed->max);
    range = *parsed;
    return "";
}

}  // namespace schemac
