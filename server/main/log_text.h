// Text of strangers on its way into a log line.
#pragma once

#include <string>
#include <string_view>

namespace tidewire::server {

/// In double quotes, with quotes, backslashes and everything that is not printable ASCII as \xNN, so that no name can
/// forge a line or colour a terminal. At most `bytes_max` bytes of it, then three dots outside the quotes.
inline std::string quoted(std::string_view text, std::size_t bytes_max = 128) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text.substr(0, bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\')
            out += c;
        else
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    out += '"';
    if (text.size() > bytes_max) out += "...";
    return out;
}

}  // namespace tidewire::server
