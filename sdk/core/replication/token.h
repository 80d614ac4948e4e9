// How a residual becomes one symbol and a few bits that are as likely as any others, and how a change is remembered in a byte.
#pragma once

#include <cstdint>

namespace tidewire::replication {

/// Symbols of a residual. 0: the value is the last one's, whatever was expected. 1 to 15: small residuals, 0, -1, 1, -2, 2 … 7.
/// 16 to 39: magnitudes 8 to 511, by sign and half an octave. 40 to 62: by octave; the sign is among the bits.
inline constexpr unsigned token_symbols = 63;
inline constexpr unsigned token_same = 0;

struct Token {
    std::uint32_t symbol;
    std::uint32_t bit_count;
    std::uint32_t bits;
};

namespace token {

inline constexpr std::uint32_t small_first = 1;
inline constexpr std::uint32_t half_octaves_first = 16;
inline constexpr std::uint32_t octaves_first = 40;
inline constexpr unsigned half_octaves_from = 3;  // 2^3 is the first magnitude that is not small
inline constexpr unsigned octaves_from = 9;

/// Without a branch: signs cannot be foreseen.
constexpr std::uint32_t magnitude(std::int32_t value) {
    const auto sign = static_cast<std::uint32_t>(value >> 31);
    return (static_cast<std::uint32_t>(value) ^ sign) - sign;
}

constexpr unsigned octave(std::uint32_t magnitude) { return 31U - static_cast<unsigned>(__builtin_clz(magnitude)); }

}  // namespace token

constexpr Token to_token(std::int32_t residual) {
    const std::uint32_t zigzag =
        (static_cast<std::uint32_t>(residual) << 1) ^ static_cast<std::uint32_t>(residual >> 31);
    const std::uint32_t magnitude = token::magnitude(residual);
    if (magnitude < 8) return {token::small_first + zigzag, 0, 0};
    const unsigned octave = token::octave(magnitude);
    const std::uint32_t negative = residual < 0 ? 1U : 0U;
    if (octave < token::octaves_from) {
        const std::uint32_t half = magnitude >> (octave - 1) & 1;
        const std::uint32_t place = ((octave - token::half_octaves_from) * 2 + half) * 2 + negative;
        return {token::half_octaves_first + place, octave - 1, magnitude & ((1U << (octave - 1)) - 1)};
    }
    const std::uint32_t low = magnitude & ((1U << octave) - 1);
    return {token::octaves_first + octave - token::octaves_from, octave + 1, low << 1 | negative};
}

/// In one word: the symbol, the number of its bits, the bits. Precondition: at most 16 bits.
constexpr std::uint32_t packed(const Token& token) { return token.symbol << 24 | token.bit_count << 16 | token.bits; }

/// How many bits follow a symbol. Precondition: symbol < token_symbols.
constexpr std::uint32_t token_bit_count(std::uint32_t symbol) {
    if (symbol < token::half_octaves_first) return 0;
    if (symbol < token::octaves_first) return (symbol - token::half_octaves_first) / 4 + token::half_octaves_from - 1;
    return symbol - token::octaves_first + token::octaves_from + 1;
}

/// Precondition: the symbol is not token_same.
constexpr std::int32_t from_token(std::uint32_t symbol, std::uint32_t bits) {
    if (symbol < token::half_octaves_first) {
        const std::uint32_t zigzag = symbol - token::small_first;
        return static_cast<std::int32_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
    }
    std::uint32_t magnitude = 0;
    bool negative = false;
    if (symbol < token::octaves_first) {
        const std::uint32_t place = symbol - token::half_octaves_first;
        const unsigned octave = place / 4 + token::half_octaves_from;
        magnitude = (2 + (place >> 1 & 1)) << (octave - 1) | bits;
        negative = (place & 1) != 0;
    } else {
        magnitude = 1U << (symbol - token::octaves_first + token::octaves_from) | bits >> 1;
        negative = (bits & 1) != 0;
    }
    return static_cast<std::int32_t>(negative ? ~magnitude + 1 : magnitude);
}

/// The largest symbol that a residual of at most this magnitude takes.
constexpr std::uint32_t token_symbol_max(std::uint32_t magnitude) {
    // Of both signs the positive one is larger among the small, the negative one above.
    const auto value = static_cast<std::int32_t>(magnitude < 8 ? magnitude : ~magnitude + 1);
    return to_token(value).symbol;
}

inline constexpr std::uint32_t drift_max = 231;  ///< Of a change of 2^31 - 1, and of -2^31.

/// A change rounded to 8 steps an octave: what a stream remembers of each slot that moved. The same sign; 0 for 0.
constexpr std::int32_t to_drift(std::int32_t change) {
    const std::uint32_t magnitude = token::magnitude(change);
    std::uint32_t drift = magnitude;
    if (magnitude >= 16) {
        const unsigned octave = token::octave(magnitude);
        drift = (octave - 2) * 8 + (magnitude >> (octave - 3) & 7);
        if (drift > drift_max) drift = drift_max;
    }
    return change < 0 ? -static_cast<std::int32_t>(drift) : static_cast<std::int32_t>(drift);
}

/// The middle of the changes that round to it. to_drift(from_drift(d)) == d for |d| <= drift_max.
constexpr std::int32_t from_drift(std::int32_t drift) {
    const std::uint32_t steps = token::magnitude(drift);
    std::uint32_t magnitude = steps;
    if (steps >= 16) {
        const unsigned octave = steps / 8 + 2;
        magnitude = (8 + steps % 8) << (octave - 3) | (1U << (octave - 3)) >> 1;
    }
    return static_cast<std::int32_t>(drift < 0 ? ~magnitude + 1 : magnitude);
}

}  // namespace tidewire::replication
