// The automaton of Unicode's table 3-7 (well-formed byte sequences), and eight ASCII bytes at a time before it.
#include "sdk/core/base/utf8.h"

#include <array>
#include <cstring>

namespace tidewire {
namespace {

/// What the next byte must be.
enum State : std::uint8_t {
    Start,    // the first byte of a code point
    Tail1,    // one more of 80..BF
    Tail2,    // two more
    Tail3,    // three more
    AfterE0,  // A0..BF, then one more: shorter forms are overlong
    AfterED,  // 80..9F, then one more: the rest are surrogates
    AfterF0,  // 90..BF, then two more: shorter forms are overlong
    AfterF4,  // 80..8F, then two more: the rest is beyond U+10FFFF
    Invalid,  // for good
    StatesCount,
};

using Table = std::array<std::array<std::uint8_t, 256>, StatesCount>;

constexpr void allow(Table& table, State from, unsigned first, unsigned last, State to) {
    for (unsigned byte = first; byte <= last; ++byte) table[from][byte] = to;
}

constexpr Table make_table() {
    Table table{};
    for (auto& row : table)
        for (auto& next : row) next = Invalid;
    allow(table, Start, 0x00, 0x7f, Start);
    allow(table, Start, 0xc2, 0xdf, Tail1);
    allow(table, Start, 0xe0, 0xe0, AfterE0);
    allow(table, Start, 0xe1, 0xec, Tail2);
    allow(table, Start, 0xed, 0xed, AfterED);
    allow(table, Start, 0xee, 0xef, Tail2);
    allow(table, Start, 0xf0, 0xf0, AfterF0);
    allow(table, Start, 0xf1, 0xf3, Tail3);
    allow(table, Start, 0xf4, 0xf4, AfterF4);
    allow(table, Tail1, 0x80, 0xbf, Start);
    allow(table, Tail2, 0x80, 0xbf, Tail1);
    allow(table, Tail3, 0x80, 0xbf, Tail2);
    allow(table, AfterE0, 0xa0, 0xbf, Tail1);
    allow(table, AfterED, 0x80, 0x9f, Tail1);
    allow(table, AfterF0, 0x90, 0xbf, Tail2);
    allow(table, AfterF4, 0x80, 0x8f, Tail2);
    return table;
}

constexpr Table transitions = make_table();

}  // namespace

bool Utf8Validator::receive(ByteSpan bytes) {
    std::uint8_t state = state_;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    while (left > 0) {
        if (state == Start) {
            for (std::uint64_t word; left >= sizeof(word); at += sizeof(word), left -= sizeof(word)) {
                std::memcpy(&word, at, sizeof(word));
                if (word & 0x8080808080808080ULL) break;
            }
            if (left == 0) break;
        }
        // At least to the end of this code point, and on while the text is not ASCII.
        do {
            state = transitions[state][std::to_integer<std::uint8_t>(*at)];
            ++at;
            --left;
        } while (left > 0 && (state != Start || std::to_integer<std::uint8_t>(*at) >= 0x80) && state != Invalid);
        if (state == Invalid) break;
    }
    state_ = state;
    return state != Invalid;
}

bool valid_utf8(ByteSpan bytes) {
    Utf8Validator validator;
    return validator.receive(bytes) && validator.complete();
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t size = bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    return text.substr(0, size);
}

}  // namespace tidewire
