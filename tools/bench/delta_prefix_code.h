// Prefix codes: what bodies would be coded with if rANS were not. Only their lengths matter to the bench.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tidewire::bench {

/// The lengths in bits of an optimal prefix code for these weights with no code longer than `length_max` (Larmore and
/// Hirschberg 1990, package-merge). One symbol alone still takes a bit. Precondition: 1 to 2^length_max weights.
std::vector<std::uint8_t> prefix_code_lengths(std::span<const std::uint32_t> weights, unsigned length_max);

}  // namespace tidewire::bench
