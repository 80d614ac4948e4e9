// The two keys of the opening handshake (RFC 6455 1.3): what a client sends and what a server makes of it.
#pragma once

#include <string>
#include <string_view>

#include "sdk/core/base/random.h"

namespace tidewire::ws {

/// Sec-WebSocket-Key: 16 random bytes in base64.
std::string make_key(const RandomSource& random);

/// Whether `key` is exactly 16 bytes in canonical base64.
bool valid_key(std::string_view key);

/// Sec-WebSocket-Accept for a key. It proves that a WebSocket server answered, nothing more.
std::string accept_key(std::string_view key);

}  // namespace tidewire::ws
