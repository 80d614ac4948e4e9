// What the gate tells of its connections: news for a log, not part of the protocol.
#pragma once

#include <cstdint>
#include <string>

#include "tidewire/state.h"

namespace tidewire::server {

/// Numbers connections from 1; never used twice.
enum class ConnectionId : std::uint64_t {};

struct GateEvent {
    enum class Kind : std::uint8_t {
        Joined,   ///< `player`, `player_name`.
        Left,     ///< The same player, with `close_code` and `reason`.
        Refused,  ///< The session ended before it was a player: `close_code` and `reason`.
    };
    Kind kind;
    ConnectionId connection{};
    std::string peer_address{};
    PlayerId player = 0;
    std::string player_name{};  ///< As the peer sent it: escape it before it meets a log.
    std::uint16_t close_code = 0;
    std::string reason{};  ///< The peer's own words perhaps: escape it too.
};

}  // namespace tidewire::server
