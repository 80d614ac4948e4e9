// How a Tick packs the sizes of its bodies. Private to this room.
#pragma once

#include <cstdint>

namespace tidewire::wire {

/// The low bits of GroupBody::coding_and_size are the size, the others the coding. A size that needs more is all ones there, and
/// stands in large_sizes.
inline constexpr unsigned tick_size_bits = 13;
inline constexpr std::uint32_t tick_size_mask = (1U << tick_size_bits) - 1;

}  // namespace tidewire::wire
