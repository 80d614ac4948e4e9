// What the gate tells of its connections: news for a log, not part of the protocol.
#pragma once

#include <cstdint>
#include <string>

#include "tidewire/state.h"

namespace tidewire::server {

/// Numbers the connections of a server from 1; never used twice.
enum class ConnectionId : std::uint64_t {};

/// Numbers the rooms of a server from 1, below 2^31; never used twice.
enum class RoomNumber : std::uint32_t {};

/// Another number than any room's, for what is of its spectators.
constexpr RoomNumber stand_of(RoomNumber room) {
    return RoomNumber{static_cast<std::uint32_t>(room) | 0x8000'0000};
}

struct GateEvent {
    enum class Kind : std::uint8_t {
        Joined,  ///< `player`, `player_name`, `subject`, `token_id`; or a spectator, who `spectates`.
        Left,    ///< The same, with `close_code` and `reason`.
        Lost,    ///< Its connection is gone, for this `reason`, and its place is kept.
        Resumed,  ///< It has come back.
        Moderated,  ///< Something else than sending it away was done about a player, or could not be done, as `reason` says.
        Desync,  ///< The client's state was not ours: `reason` names group, entity, component and field. It is right again.
        /// It ended before it was a player: `close_code` and `reason`, or `http_status` and `reason` where no session came
        /// about, or `reason` alone where not even HTTP did. `connection` is 0 when there was no place for the socket itself,
        /// and the address is empty as well when the machine had no descriptor left.
        Refused,
        RoomOpened,  ///< `room`, called `room_name`, beside those that were there from the beginning.
        RoomClosed,  ///< `room` is over, for this `reason`: its game or the server's end wanted it so.
        RoomSaved,   ///< The same, but it goes on when the server is started again.
        RoomRestored,  ///< `room` goes on where it was saved: `reason` says where that is.
        SaveFailed,    ///< A room is not saved, or not restored, for this `reason`. No room: what is known of tokens is not.
        Load,  ///< `room` cannot keep up, or can again: `reason` is the name of its LoadLevel.
        RoomFailed,  ///< `room` is over, since its game has failed in the way that `reason` says. The others go on.
    };
    Kind kind;
    RoomNumber room{};  ///< Of a player: where it plays.
    ConnectionId connection{};
    std::string peer_address{};
    PlayerId player = 0;  ///< 0: it is none.
    bool spectates = false;
    std::string player_name{};  ///< As the peer sent it: escape it before it meets a log.
    std::string subject{};      ///< As the authenticator knows the player; empty: anonymous.
    std::string token_id{};     ///< Of what was shown, where it has one.
    std::uint16_t close_code = 0;
    int http_status = 0;
    std::string reason{};  ///< The peer's own words perhaps: escape it too.
    bool by_client = false;  ///< `close_code` and `reason` are: they tell nothing of what the server has done.
    std::string room_name{};  ///< And this one.
};

}  // namespace tidewire::server
