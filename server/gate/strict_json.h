// JSON (RFC 8259) of strangers, read strictly. It is not for documents of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidewire::server {

/// Claims of identity providers nest four deep at most.
inline constexpr std::size_t json_depth_max = 8;
/// Of one object: the names are compared with each other.
inline constexpr std::size_t json_members_max = 128;

struct JsonValue {
    enum class Kind : std::uint8_t { Null, Boolean, Number, Text, Array, Object };

    /// Of an object: the member of this name; null when there is none.
    const JsonValue* find(std::string_view name) const;

    Kind kind = Kind::Null;
    bool boolean = false;
    double number = 0;                 ///< Always finite; whole numbers are exact up to 2^53.
    std::string text{};                ///< UTF-8; may hold any character, NUL too.
    std::vector<std::string> names{};  ///< Of an object, in their order, no two the same.
    std::vector<JsonValue> values{};   ///< Of an array, or one for each name.
};

/// Empty when `text` is not exactly one value, when a name comes twice in one object (two readers would disagree on which one counts), when
/// a number is beyond a double, or beyond the limits above.
std::optional<JsonValue> parse_json(std::string_view text);

}  // namespace tidewire::server
