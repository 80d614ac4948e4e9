// Counting bits where the build may not use the machine's instruction for it: a call of a library would cost more than the count.
#pragma once

#include <cstdint>

namespace tidewire {

constexpr unsigned bit_count(std::uint64_t bits) {
#if defined(__x86_64__) && !defined(__POPCNT__)
    // Sums of 2, then of 4 bits, then of bytes, and of all bytes in the highest one.
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return static_cast<unsigned>(bits * 0x0101010101010101 >> 56);
#else
    return static_cast<unsigned>(__builtin_popcountll(bits));
#endif
}

}  // namespace tidewire
