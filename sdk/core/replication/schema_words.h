// The words and numbers of a schema's description, for its writer and its reader. Private to this room.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
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

/// The whole of `text`, as number_text() writes it or in another way; infinities too. Empty for anything else.
inline std::optional<double> parse_number(std::string_view text) {
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text.empty() || text.size() > 32) return std::nullopt;
    std::istringstream stream{std::string(text)};
    stream.imbue(std::locale::classic());
    double number = 0;
    if (!(stream >> number) || stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
    return number;
}

/// A short text that reads back as the same number, whatever the program's locale is. (Emscripten has no std::to_chars for it.)
inline std::string number_text(double number) {
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return std::to_string(static_cast<std::int64_t>(number));
    std::string text;
    for (int digits = 15; digits <= std::numeric_limits<double>::max_digits10; ++digits) {
        std::ostringstream stream;
        stream.imbue(std::locale::classic());
        stream.precision(digits);
        stream << number;
        text = stream.str();
        if (parse_number(text) == number) break;
    }
    return text;
}

inline std::string range_text(double min, double max) { return number_text(min) + ".." + number_text(max); }

}  // namespace tidewire::replication::words
