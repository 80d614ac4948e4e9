// 64-bit hashes for state and schema: the same on every machine, not for secrets.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"

namespace tidewire {

/// FNV-1a, 64 bit.
inline std::uint64_t fnv1a(ByteSpan bytes, std::uint64_t hash = 0xcbf29ce484222325ULL) {
    for (const std::byte byte : bytes) {
        hash ^= std::to_integer<std::uint64_t>(byte);
        hash *= 0x100000001b3ULL;
    }
    return hash;
}

/// A bijection that spreads every bit over all bits (SplitMix64's finaliser).
inline std::uint64_t mix64(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

inline std::uint64_t hash_combine(std::uint64_t a, std::uint64_t b) { return mix64(a * 0x9e3779b97f4a7c15ULL + b); }

}  // namespace tidewire
