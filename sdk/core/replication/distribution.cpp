// Whole shares that sum up to 2^12.

#include "sdk/core/replication/distribution.h"

#include <algorithm>
#include <cassert>

namespace tidewire::replication {

Distribution::Distribution(std::span<const std::uint32_t> weights) {
    assert(!weights.empty() && weights.size() <= symbols_max);
    std::uint64_t total = 0;
    for (const std::uint32_t weight : weights) total += weight;
    std::array<std::uint32_t, symbols_max> shares{};
    std::uint32_t given = 0;
    std::size_t largest = 0;
    // One place each, the rest in proportion; what rounding leaves goes to the likeliest.
    const std::uint64_t rest = rans_total - weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        shares[i] = 1 + (total == 0 ? 0 : static_cast<std::uint32_t>(rest * weights[i] / total));
        given += shares[i];
        if (weights[i] > weights[largest]) largest = i;
    }
    shares[largest] += rans_total - given;
    std::uint32_t start = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        start_[i] = static_cast<std::uint16_t>(start);
        for (std::uint32_t step = (start + places_per_step - 1) / places_per_step;
             step < first_.size() && step * places_per_step < start + shares[i]; ++step)
            first_[step] = static_cast<std::uint8_t>(i);
        start += shares[i];
    }
    start_[weights.size()] = static_cast<std::uint16_t>(start);
}

}  // namespace tidewire::replication
