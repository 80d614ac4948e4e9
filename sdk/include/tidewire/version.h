// The version of the SDK and of the protocol that it speaks.
#pragma once

#include <cstdint>

namespace tidewire {

inline constexpr const char* version = "0.1.0";

/// The number in the subprotocol name and in Hello. Both ends must agree.
inline constexpr std::uint16_t protocol_version = 1;

/// The WebSocket subprotocol (RFC 6455 1.9) that a Tidewire client offers and a server selects.
inline constexpr const char* subprotocol = "tidewire.v1";

}  // namespace tidewire
