// How likely each symbol of one context is, as shares of rANS.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "sdk/core/replication/rans.h"

namespace tidewire::replication {

/// A decoder looks at two lines of a cache, an encoder at one.
class alignas(64) Distribution {
public:
    static constexpr std::size_t symbols_max = 64;

    /// Shares in proportion to `weights`, at least 1 for each symbol. Whole numbers only: every machine makes the same.
    /// Precondition: 1 to symbols_max weights.
    explicit Distribution(std::span<const std::uint32_t> weights);

    std::size_t symbol_count() const {
        return static_cast<std::size_t>(std::find(start_.begin(), start_.end(), rans_total) - start_.begin());
    }
    RansShare share(std::uint32_t symbol) const {
        const std::uint32_t start = start_[symbol];
        return {start, start_[symbol + 1] - start};
    }
    /// Whose share `place` (below 2^12) lies in.
    std::uint32_t find(std::uint32_t place) const {
        std::uint32_t symbol = first_[place / places_per_step];
        while (place >= start_[symbol + 1]) ++symbol;
        return symbol;
    }

private:
    static constexpr std::uint32_t places_per_step = 32;  // mostly of one symbol

    std::array<std::uint8_t, rans_total / places_per_step> first_{};  // the symbol that holds each 32nd place
    std::array<std::uint16_t, symbols_max + 1> start_{};              // where each symbol's share begins, and the end
};

}  // namespace tidewire::replication
