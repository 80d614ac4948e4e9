// base64url (RFC 4648 5) without padding, as tokens write bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"

namespace tidewire::server {

std::string to_base64url(ByteSpan bytes);

/// Empty unless `text` is the one way to write its bytes: no padding, no white space, no bits left over. Two texts of one token would be
/// two tokens to whoever compares texts.
std::optional<Bytes> parse_base64url(std::string_view text);

}  // namespace tidewire::server
