// Hex text to bytes and back, so that tests and sdk/PROTOCOL.md show the same strings.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"

namespace tidewire::test {

/// The value of one hex digit in either case. Throws on anything else: a typing error in a test is no result.
inline unsigned hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
    throw std::invalid_argument(std::string("not a hex digit: ") + digit);
}

/// The bytes of hex text; white space may stand anywhere.
inline Bytes from_hex(std::string_view text) {
    Bytes bytes;
    unsigned value = 0;
    bool half = false;
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
        value = value * 16 + hex_digit(c);
        if (half) {
            bytes.push_back(static_cast<std::byte>(value));
            value = 0;
        }
        half = !half;
    }
    if (half) throw std::invalid_argument("an odd number of hex digits");
    return bytes;
}

/// Lower case, a space between bytes, no line breaks.
inline std::string to_hex(ByteSpan bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 3);
    for (const std::byte byte : bytes) {
        if (!text.empty()) text += ' ';
        text += digits[std::to_integer<std::size_t>(byte) >> 4];
        text += digits[std::to_integer<std::size_t>(byte) & 15];
    }
    return text;
}

}  // namespace tidewire::test
