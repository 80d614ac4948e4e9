// Numbers of attributes and of generated text.
#include "tools/schemac/numbers.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace schemac {

namespace {

using tidewire::Scalar;

struct ScalarNames {
    const char* schema;
    const char* cpp;
    const char* enumerator;
    std::uint32_t size;
    Range range;
};

template <class T>
constexpr ScalarNames names(const char* schema, const char* cpp, const char* enumerator) {
    return {
        schema,
        cpp,
        enumerator,
        sizeof(T),
        {static_cast<double>(std::numeric_limits<T>::lowest()), static_cast<double>(std::numeric_limits<T>::max())}};
}

// In the order of Scalar.
constexpr ScalarNames scalars[] = {
    names<bool>("bool", "bool", "Bool"),
    names<std::int8_t>("byte", "std::int8_t", "Int8"),
    names<std::uint8_t>("ubyte", "std::uint8_t", "UInt8"),
    names<std::int16_t>("short", "std::int16_t", "Int16"),
    names<std::uint16_t>("ushort", "std::uint16_t", "UInt16"),
    names<std::int32_t>("int", "std::int32_t", "Int32"),
    names<std::uint32_t>("uint", "std::uint32_t", "UInt32"),
    names<std::int64_t>("long", "std::int64_t", "Int64"),
    names<std::uint64_t>("ulong", "std::uint64_t", "UInt64"),
    names<float>("float", "float", "Float"),
    names<double>("double", "double", "Double"),
};

const ScalarNames& row(Scalar scalar) { return scalars[static_cast<std::size_t>(scalar)]; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<Range> parse_range(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) return std::nullopt;
    const auto min = parse_number(text.substr(0, dots));
    const auto max = parse_number(text.substr(dots + 2));
    if (!min || !max) return std::nullopt;
    return Range{*min, *max};
}

bool read_priority(std::string_view text, std::uint8_t& priority) {
    const auto number = parse_number(text);
    if (!number || *number < 1 || *number > 255 || *number != std::floor(*number)) return false;
    priority = static_cast<std::uint8_t>(*number);
    return true;
}

std::string to_text(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return std::to_string(static_cast<std::int64_t>(number));
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    return error == std::errc() ? std::string(text, end) : std::string();
}

Range range_of(Scalar scalar) { return row(scalar).range; }
bool is_real(Scalar scalar) { return scalar == Scalar::Float || scalar == Scalar::Double; }
const char* schema_name(Scalar scalar) { return row(scalar).schema; }
const char* cpp_name(Scalar scalar) { return row(scalar).cpp; }
const char* enumerator_name(Scalar scalar) { return row(scalar).enumerator; }
std::uint32_t size_of(Scalar scalar) { return row(scalar).size; }

}  // namespace schemac
