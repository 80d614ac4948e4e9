// Listeners to the encoder: how often each symbol comes, and what it would cost by other codes.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/replication/ports.h"

namespace tidewire::bench {

/// Counts symbols slot by slot: what tables for a schema are trained from.
class SlotCounter final : public replication::SymbolListener {
public:
    /// `codec` must outlive the counter. Contexts are the same whatever its tables are.
    explicit SlotCounter(const replication::Codec& codec);

    void symbol(std::uint32_t context, std::uint32_t symbol) override;
    void bits(unsigned count) override;
    const replication::SymbolCounts& counts() const { return counts_; }

private:
    const replication::Codec* codec_;
    replication::SymbolCounts counts_;
};

/// Knows what symbols would cost by other codes.
class SymbolMeter final : public replication::SymbolListener {
public:
    /// Prefix codes are made from the codec's own weights. `codec` must outlive the meter.
    explicit SymbolMeter(const replication::Codec& codec);

    void symbol(std::uint32_t context, std::uint32_t symbol) override;
    void bits(unsigned count) override;

    /// The least that any code could take for all that was heard, if it knew how often each symbol comes in each context of the
    /// coder: their empirical entropy, and the raw bits.
    double order0_bound_bytes() const;
    /// In prefix codes of at most 15 bits, since this was asked last.
    std::uint64_t take_prefix_bits();
    std::uint64_t symbols() const { return symbols_; }

private:
    SlotCounter counter_;
    std::vector<std::vector<std::uint8_t>> lengths_;  // by context
    std::uint64_t symbols_ = 0;
    std::uint64_t raw_bits_ = 0;
    std::uint64_t prefix_bits_ = 0;
};

}  // namespace tidewire::bench
