// Entropies and code lengths, context by context.
#include "tools/bench/delta_symbol_meter.h"

#include <cmath>
#include <utility>

#include "tools/bench/delta_prefix_code.h"

namespace tidewire::bench {

namespace {

constexpr unsigned prefix_bits_max = 15;

double entropy_bits(const replication::SymbolCounts::Row& counts) {
    double total = 0;
    for (const std::uint32_t count : counts) total += count;
    double bits = 0;
    for (const std::uint32_t count : counts)
        if (count > 0) bits -= count * std::log2(count / total);
    return bits;
}

std::size_t slot_models(const replication::Codec& codec) {
    namespace contexts = replication::contexts;
    return (codec.context_count() - contexts::structure_count) / contexts::model_count;
}

}  // namespace

SlotCounter::SlotCounter(const replication::Codec& codec) : codec_(&codec), counts_(slot_models(codec)) {}

void SlotCounter::symbol(std::uint32_t context, std::uint32_t symbol) {
    counts_.add(codec_->slot_context(context), symbol);
}

void SlotCounter::bits(unsigned) {}

SymbolMeter::SymbolMeter(const replication::Codec& codec) : counter_(codec) {
    std::vector<std::uint32_t> weights;
    for (std::uint32_t context = 0; context < codec.context_count(); ++context) {
        const replication::Distribution& distribution = codec.distribution(context);
        weights.clear();
        for (std::uint32_t symbol = 0; symbol < distribution.symbol_count(); ++symbol)
            weights.push_back(distribution.share(symbol).frequency);
        lengths_.push_back(prefix_code_lengths(weights, prefix_bits_max));
    }
}

void SymbolMeter::symbol(std::uint32_t context, std::uint32_t symbol) {
    counter_.symbol(context, symbol);
    prefix_bits_ += lengths_[context][symbol];
    ++symbols_;
}

void SymbolMeter::bits(unsigned count) {
    raw_bits_ += count;
    prefix_bits_ += count;
}

double SymbolMeter::order0_bound_bytes() const {
    double bits = static_cast<double>(raw_bits_);
    for (const replication::SymbolCounts::Row& counts : counter_.counts().rows()) bits += entropy_bits(counts);
    return bits / 8;
}

std::uint64_t SymbolMeter::take_prefix_bits() { return std::exchange(prefix_bits_, 0); }

}  // namespace tidewire::bench
