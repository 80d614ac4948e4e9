// What token.h and contexts.h say of small numbers, looked up: which way a residual goes cannot be foreseen, so branches on it cost more
// than everything else that is done with it.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>

#include "sdk/core/replication/contexts.h"
#include "sdk/core/replication/token.h"

namespace tidewire::replication {

/// Of a residual of at most small_residual_max: its token, and the level of the slot after it.
struct ResidualFacts {
    std::uint32_t token;  ///< See packed().
    std::uint16_t level;
    std::int16_t drift;  ///< to_drift() of it, when it is a change.
};

/// All of those whose sign is in the symbol, and that have less than 8 bits.
inline constexpr std::int32_t small_residual_max = (1 << token::octaves_from) - 1;

/// Of a drift: the change that it stands for, and where the contexts of that begin.
struct DriftFacts {
    std::int32_t change;
    std::uint32_t context;  ///< contexts::change() at level 0.
};

/// Of a symbol below token::octaves_first: its residual is base + bits, or base - bits where the sign is -1.
struct SymbolFacts {
    std::int16_t base;
    std::int8_t sign;  ///< 0 or -1.
    std::uint8_t bit_count;
    std::uint8_t level;  ///< Of the slot after it.
};

namespace token_tables {

inline constexpr auto residuals = [] {
    std::array<ResidualFacts, 2 * small_residual_max + 1> facts{};
    for (std::int32_t residual = -small_residual_max; residual <= small_residual_max; ++residual) {
        facts[static_cast<std::size_t>(residual + small_residual_max)] = {
            .token = packed(to_token(residual)),
            .level = static_cast<std::uint16_t>(contexts::level_of(residual)),
            .drift = static_cast<std::int16_t>(to_drift(residual))};
    }
    return facts;
}();

inline constexpr std::int32_t drift_bound = static_cast<std::int32_t>(drift_max);
inline constexpr auto drifts = [] {
    std::array<DriftFacts, 2 * drift_max + 1> facts{};
    for (std::int32_t drift = -drift_bound; drift <= drift_bound; ++drift) {
        const std::int32_t change = from_drift(drift);
        facts[static_cast<std::size_t>(drift + drift_bound)] = {
            .change = change, .context = contexts::change(contexts::magnitude_class(change), 0)};
    }
    return facts;
}();

inline constexpr auto symbols = [] {
    std::array<SymbolFacts, token::octaves_first> facts{};
    for (std::uint32_t symbol = token_same + 1; symbol < facts.size(); ++symbol)
        facts[symbol] = {.base = static_cast<std::int16_t>(from_token(symbol, 0)),
                         .sign = static_cast<std::int8_t>(from_token(symbol, 0) < 0 ? -1 : 0),
                         .bit_count = static_cast<std::uint8_t>(token_bit_count(symbol)),
                         .level = static_cast<std::uint8_t>(contexts::level_of(from_token(symbol, 0)))};
    return facts;
}();

}  // namespace token_tables

constexpr bool is_small(std::int32_t residual) {
    return static_cast<std::uint32_t>(residual) + small_residual_max < token_tables::residuals.size();
}

/// Precondition: is_small(residual).
constexpr const ResidualFacts& facts_of(std::int32_t residual) {
    return token_tables::residuals[static_cast<std::size_t>(residual + small_residual_max)];
}

/// Precondition: to_drift() has made it, or it was checked.
constexpr const DriftFacts& facts_of_drift(std::int32_t drift) {
    assert(token::magnitude(drift) <= drift_max);
    return token_tables::drifts[static_cast<std::size_t>(drift + token_tables::drift_bound)];
}

/// Precondition: symbol < token::octaves_first.
constexpr const SymbolFacts& facts_of_symbol(std::uint32_t symbol) { return token_tables::symbols[symbol]; }

}  // namespace tidewire::replication
