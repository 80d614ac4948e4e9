// UTF-8 validation (RFC 3629) of bytes that arrive in pieces. It decodes nothing.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"

namespace tidewire {

/// Fails at the first byte that no continuation can make valid: overlong forms, surrogates, beyond U+10FFFF.
class Utf8Validator {
public:
    /// False from the first invalid byte on.
    bool receive(ByteSpan bytes);
    /// The bytes until now are valid and end with a whole code point.
    bool complete() const { return state_ == 0; }

private:
    std::uint8_t state_ = 0;
};

bool valid_utf8(ByteSpan bytes);

/// The longest prefix of at most `bytes_max` bytes that does not cut a code point. Precondition: `text` is UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace tidewire
