// Text of a stranger.
#include "sdk/core/base/printable.h"

namespace tidewire {

std::size_t control_bytes(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return 2;
    if (byte(0) != 0xe2) return 0;
    const bool found = (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
                       (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);
    return found ? 3 : 0;
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t control = control_bytes(text);
        out += control > 0 ? '?' : text.front();
        text.remove_prefix(control > 0 ? control : 1);
    }
    return out;
}

}  // namespace tidewire
