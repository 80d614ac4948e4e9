// Randomness is an argument: secrets come from a RandomSource of the caller, games and tests from a seed.
#pragma once

#include <cstdint>
#include <functional>

#include "sdk/core/base/bytes.h"

namespace tidewire {

/// Fills the span with bytes that nobody can predict (mask keys, tokens). Native: the operating system's generator.
using RandomSource = std::function<void(MutableByteSpan)>;

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same sequence on every machine. Never for secrets.
class SeededRandom {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

    /// Uniform in [0, bound); 0 when bound is 0.
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
    }

    /// Uniform in [0, 1).
    float unit() { return static_cast<float>(next() >> 40) * 0x1p-24F; }

    /// Uniform in [low, high).
    float range(float low, float high) { return low + (high - low) * unit(); }

private:
    std::uint64_t state_;
};

}  // namespace tidewire
