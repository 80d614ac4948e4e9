// Masking of payloads (RFC 6455 5.3), and where a client's keys come from.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"

namespace tidewire::ws {

using MaskKey = std::array<std::byte, 4>;

/// Masks or unmasks in place. `bytes` begins `offset` bytes into the frame's payload. Any alignment; touches nothing else.
inline void apply_mask(MutableByteSpan bytes, MaskKey key, std::uint64_t offset) {
    std::array<std::byte, 8> repeated;
    for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = key[(offset + i) % key.size()];
    std::uint64_t mask;
    std::memcpy(&mask, repeated.data(), sizeof(mask));
    std::byte* const data = bytes.data();
    const std::size_t words = bytes.size() / sizeof(mask);
    for (std::size_t i = 0; i < words; ++i) {  // a shape that compilers vectorise
        std::uint64_t word;
        std::memcpy(&word, data + i * sizeof(word), sizeof(word));
        word ^= mask;
        std::memcpy(data + i * sizeof(word), &word, sizeof(word));
    }
    for (std::size_t i = words * sizeof(mask); i < bytes.size(); ++i) data[i] ^= repeated[i % repeated.size()];
}

/// Unpredictable keys (RFC 6455 10.3), drawn from the caller's source for many frames at once.
class MaskSource {
public:
    explicit MaskSource(RandomSource random) : random_(std::move(random)) {}

    MaskKey next() {
        if (used_ == pool_.size()) {
            random_(pool_);
            used_ = 0;
        }
        MaskKey key;
        std::memcpy(key.data(), pool_.data() + used_, key.size());
        used_ += key.size();
        return key;
    }

    const RandomSource& random() const { return random_; }

private:
    RandomSource random_;
    std::array<std::byte, 256> pool_{};
    std::size_t used_ = 256;
};

}  // namespace tidewire::ws
