// Text of strangers on its way into a log line.
#pragma once

#include <string>
#include <string_view>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"

namespace tidewire::server {

/// In double quotes, with \" and \\ for what would end them, and \xNN for bytes that are not UTF-8 or that control_bytes()
/// names, so that no name can forge a line or colour a terminal. At most `bytes_max` bytes of `text`, never a part of a code
/// point, then three dots outside the quotes.
inline std::string quoted(std::string_view text, std::size_t bytes_max = 256) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    std::size_t taken = 0;
    while (!text.empty()) {
        // The code point in front; one byte when there is none.
        std::size_t bytes = 1;
        while (bytes < 4 && bytes < text.size() && !valid_utf8(as_bytes(text.substr(0, bytes)))) ++bytes;
        bool plain = valid_utf8(as_bytes(text.substr(0, bytes)));
        if (!plain) bytes = 1;
        if (const std::size_t control = control_bytes(text); control > 0) {
            bytes = control;
            plain = false;
        }
        if (taken + bytes > bytes_max) break;
        for (const char c : text.substr(0, bytes)) {
            if (c == '"' || c == '\\')
                out += {'\\', c};
            else if (plain)
                out += c;
            else
                out +=
                    {'\\', 'x', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
        }
        text.remove_prefix(bytes);
        taken += bytes;
    }
    out += '"';
    if (!text.empty()) out += "...";
    return out;
}

/// For texts that JSON quotes: as much as quoted() would take, and three dots for the rest.
inline std::string cut(const std::string& text, std::size_t bytes_max = 256) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    // Not in the middle of a code point.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "...";
}

}  // namespace tidewire::server
