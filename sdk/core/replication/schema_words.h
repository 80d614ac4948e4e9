// The words and numbers of a schema's description, for its writer and its reader. Private to this room.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "tidewire/schema.h"

namespace tidewire::replication::words {

inline constexpr std::string_view first_line = "tidewire schema 2 ";

/// In the order of Scalar, as FlatBuffers spells them.
inline constexpr std::array<std::string_view, 11> scalars = {"bool", "byte", "ubyte", "short", "ushort", "int",
                                                             "uint", "long", "ulong", "float", "double"};
/// In the order of Role.
inline constexpr std::array<std::string_view, 3> roles = {"component", "input", "event"};

/// What the program's locale writes between whole and fraction. The C functions below know no other way.
inline std::string decimal_point() {
    std::array<char, 16> half{};
    std::snprintf(half.data(), half.size(), "%.1f", 0.5);
    const std::string text = half.data();
    return text.substr(1, text.size() - 2);
}

/// The whole of `text`, as number_text() writes it or in another way; infinities too. Empty for anything else.
inline std::optional<double> parse_number(std::string_view text) {
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text.empty() || text.size() > 32 || text.find_first_not_of("0123456789.e+-") != std::string_view::npos)
        return std::nullopt;
    std::string local(text);
    if (const std::size_t point = local.find('.'); point != std::string::npos) local.replace(point, 1, decimal_point());
    char* end = nullptr;
    const double number = std::strtod(local.c_str(), &end);
    if (end != local.c_str() + local.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

/// A short text that reads back as the same number, whatever the program's locale is. (Emscripten has no std::to_chars for it,
/// and streams would be half of a web page.)
inline std::string number_text(double number) {
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return std::to_string(static_cast<std::int64_t>(number));
    std::array<char, 48> local{};
    for (int digits = 15; digits <= std::numeric_limits<double>::max_digits10; ++digits) {
        std::snprintf(local.data(), local.size(), "%.*g", digits, number);
        if (std::strtod(local.data(), nullptr) == number) break;
    }
    std::string text = local.data();
    const std::string point = decimal_point();
    if (const std::size_t at = text.find(point); at != std::string::npos) text.replace(at, point.size(), ".");
    return text;
}

inline std::string range_text(double min, double max) { return number_text(min) + ".." + number_text(max); }

}  // namespace tidewire::replication::words
