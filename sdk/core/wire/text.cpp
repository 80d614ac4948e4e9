// UTF-8 by the table of well-formed byte sequences (RFC 3629 4, Unicode table 3-7).
#include "sdk/core/wire/text.h"

namespace tidewire::wire {

namespace {

/// What must follow a lead byte: `count` continuation bytes, the first of them within [low, high].
struct Continuation {
    std::size_t count;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
};

constexpr std::size_t invalid = 4;

constexpr Continuation after(unsigned char lead) {
    if (lead < 0x80) return {0};
    if (lead < 0xc2) return {invalid};
    if (lead < 0xe0) return {1};
    if (lead == 0xe0) return {2, 0xa0, 0xbf};
    if (lead == 0xed) return {2, 0x80, 0x9f};
    if (lead < 0xf0) return {2};
    if (lead == 0xf0) return {3, 0x90, 0xbf};
    if (lead < 0xf4) return {3};
    if (lead == 0xf4) return {3, 0x80, 0x8f};
    return {invalid};
}

constexpr bool within(char byte, unsigned char low, unsigned char high) {
    const auto value = static_cast<unsigned char>(byte);
    return value >= low && value <= high;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Continuation next = after(static_cast<unsigned char>(text.front()));
        text.remove_prefix(1);
        if (next.count == invalid || next.count > text.size()) return false;
        for (std::size_t i = 0; i < next.count; ++i)
            if (!within(text[i], i == 0 ? next.low : 0x80, i == 0 ? next.high : 0xbf)) return false;
        text.remove_prefix(next.count);
    }
    return true;
}

std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && within(text[end], 0x80, 0xbf)) --end;
    return text.substr(0, end);
}

}  // namespace tidewire::wire
