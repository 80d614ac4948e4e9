// How the arena's client complains: one line on stderr.
#include "samples/arena/client/complaint.h"

#include <cstdio>

namespace arena {

namespace {

/// Bytes of the unfit character at the front of `text`: C0 and C1 controls, U+202A to U+202E, U+2066 to U+2069. 0 when it is fit.
std::size_t unfit_bytes(std::string_view text) {
    const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    if (at(0) < 0x20 || at(0) == 0x7F) return 1;
    if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) <= 0x9F) return 2;
    if (at(0) != 0xE2) return 0;
    if (at(1) == 0x80 && at(2) >= 0xAA && at(2) <= 0xAE) return 3;
    return at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9 ? 3 : 0;
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const std::size_t unfit = unfit_bytes(text);
        line.push_back(unfit == 0 ? text.front() : ' ');
        text.remove_prefix(unfit == 0 ? 1 : unfit);
    }
    return line;
}

int complain(std::string_view text) {
    std::fprintf(stderr, "arena: %s\n", one_line(text).c_str());
    return 1;
}

}  // namespace arena
