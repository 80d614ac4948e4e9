// How the arena's client complains: one line on stderr. The text may be the server's and gets no say over the terminal.
#pragma once

#include <string>
#include <string_view>

namespace arena {

/// `text` as one line without control characters and marks that turn the direction of text.
std::string one_line(std::string_view text);

/// Prints "arena: `text`" to stderr. Returns 1, the exit code of main().
int complain(std::string_view text);

}  // namespace arena
