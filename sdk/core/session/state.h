// Where a session is, on either side.
#pragma once

#include <cstdint>

namespace tidewire::session {

/// Connecting: the transport is not open yet. Joining: Hello was sent. Playing: Welcome arrived. Closed: for good.
enum class ClientState : std::uint8_t { Connecting, Joining, Playing, Closed };

/// Greeting: no Hello yet. Joining: Hello was good, the room has not answered. Playing: Welcome was sent. Closed: for good.
enum class ServerState : std::uint8_t { Greeting, Joining, Playing, Closed };

}  // namespace tidewire::session
