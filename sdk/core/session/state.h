// Where a session is, on either side.
#pragma once

#include <cstdint>

namespace tidewire::session {

/// Connecting: the transport is not open yet. Joining: Hello was sent. Playing: Welcome arrived. Lost: there was a game, and the transport
/// is gone or not open again. Resuming: it is, and the Hello was sent that asks for the game again. Closed: for good.
enum class ClientState : std::uint8_t { Connecting, Joining, Playing, Lost, Resuming, Closed };

/// Greeting: no Hello yet. Joining: Hello was good, the room has not answered. Playing: Welcome was sent. Watching: the client is told of
/// the list of rooms, and plays in none. Closed: for good.
enum class ServerState : std::uint8_t { Greeting, Joining, Playing, Watching, Closed };

}  // namespace tidewire::session
