// HMAC-SHA-256 (RFC 2104, FIPS 180-4) with one key, and the comparison that its results need.
#pragma once

#include <array>
#include <memory>

#include "sdk/core/base/bytes.h"

namespace tidewire::server {

/// Whether both are the same, in a time that tells only their lengths: an early end would say how many bytes of a guess were right.
bool equal_in_constant_time(ByteSpan a, ByteSpan b);

/// SHA-256 of the bytes.
std::array<std::byte, 32> sha256(ByteSpan bytes);

/// Any thread may use one, several at a time.
class HmacSha256 {
public:
    using Code = std::array<std::byte, 32>;

    explicit HmacSha256(ByteSpan key);

    Code of(ByteSpan message) const;
    bool verify(ByteSpan message, ByteSpan code) const { return equal_in_constant_time(of(message), code); }

private:
    /// Immutable once made, so that copies may share it: a key is large in there, and a message needs a copy of its own anyway.
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace tidewire::server
