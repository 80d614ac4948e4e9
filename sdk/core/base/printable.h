// Text of a stranger, made fit to stand in a sentence: it gets no say over the terminal or the log.
#pragma once

#include <string>
#include <string_view>

namespace tidewire {

/// C0 and C1 controls (U+0000 to U+001F, U+007F to U+009F), the separators that end lines (U+2028, U+2029) and the marks that turn the
/// direction of text (U+202A to U+202E, U+2066 to U+2069). How many bytes of UTF-8 such a character takes at the front of `text`; 0 when
/// there is none.
std::size_t control_bytes(std::string_view text);

/// `text` with '?' for each such character.
std::string printable(std::string_view text);

}  // namespace tidewire
