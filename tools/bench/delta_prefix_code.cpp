// Coins of 2^-1 to 2^-length_max, one of each for every symbol: the cheapest ones that sum up to count - 1 are the code.
#include "tools/bench/delta_prefix_code.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace tidewire::bench {

namespace {

/// Some coins that are worth as much as one of the next size.
struct Package {
    std::uint64_t weight;
    std::vector<std::uint8_t> coins;  // by symbol
};

bool lighter(const Package& a, const Package& b) { return a.weight < b.weight; }

/// Two by two, the lightest first; one that is left over is of no use.
std::vector<Package> paired(std::vector<Package>&& list) {
    std::vector<Package> pairs;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        Package& pair = pairs.emplace_back(std::move(list[i]));
        pair.weight += list[i + 1].weight;
        for (std::size_t s = 0; s < pair.coins.size(); ++s)
            pair.coins[s] = static_cast<std::uint8_t>(pair.coins[s] + list[i + 1].coins[s]);
    }
    return pairs;
}

}  // namespace

std::vector<std::uint8_t> prefix_code_lengths(std::span<const std::uint32_t> weights, unsigned length_max) {
    assert(!weights.empty() && length_max < 32 && weights.size() <= std::size_t{1} << length_max);
    if (weights.size() == 1) return {1};
    std::vector<Package> singles;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        singles.push_back({weights[i], std::vector<std::uint8_t>(weights.size())});
        singles.back().coins[i] = 1;
    }
    std::stable_sort(singles.begin(), singles.end(), lighter);
    std::vector<Package> list = singles;
    for (unsigned length = length_max; length > 1; --length) {
        const std::vector<Package> pairs = paired(std::move(list));
        list.clear();
        std::merge(singles.begin(), singles.end(), pairs.begin(), pairs.end(), std::back_inserter(list), lighter);
    }
    std::vector<std::uint8_t> lengths(weights.size());
    for (std::size_t i = 0; i < 2 * (weights.size() - 1); ++i)
        for (std::size_t s = 0; s < lengths.size(); ++s)
            lengths[s] = static_cast<std::uint8_t>(lengths[s] + list[i].coins[s]);
    return lengths;
}

}  // namespace tidewire::bench
