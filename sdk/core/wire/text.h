// Text on the wire is UTF-8 (RFC 3629) and short.
#pragma once

#include <string_view>

namespace tidewire::wire {

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF, nothing cut off.
bool is_utf8(std::string_view text);

/// The longest beginning of `text` that has at most `bytes_max` bytes and cuts no code point.
std::string_view cut_text(std::string_view text, std::size_t bytes_max);

}  // namespace tidewire::wire
