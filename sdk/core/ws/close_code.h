// Close codes of RFC 6455 7.4 and ours.
#pragma once

#include <cstdint>

namespace tidewire::ws {

enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005,  ///< Never on the wire: the close frame had no code.
    Abnormal = 1006,  ///< Never on the wire: the stream ended without a close frame.
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    TryAgainLater = 1013,
    // 4000 to 4099 are Tidewire's own (RFC 6455 7.4.2: 4000-4999 are private).
    SchemaMismatch = 4000,
    ProtocolMismatch = 4001,
    ServerFull = 4002,
    NotJoined = 4003,  ///< A message that the state of the session does not allow.
    // 4010 to 4019: who may come in.
    TokenMissing = 4010,   ///< The server asks for a token, and none was sent.
    TokenRefused = 4011,   ///< Not to be read, not signed by a key of the server's, or meant for another service.
    TokenExpired = 4012,   ///< A fresh one may do.
    TokenTooEarly = 4013,  ///< The same may do later.
    TokenUsed = 4014,      ///< It has let somebody in before, and is good for one time.
    WrongRoom = 4015,      ///< It is for a room that is not here, or not the one that was asked for.
    Denied = 4016,         ///< By the program's own rules.
    TooManyJoins = 4017,   ///< From one address in a short time.
    // 4020 to 4029: who comes back.
    SessionOver = 4020,   ///< There is nothing to come back to: the token is of no session, or too much was missed.
    SessionTaken = 4021,  ///< The player has come back by another connection.
    // 4030 to 4039: which room.
    NoSuchRoom = 4030,    ///< None is as it was wished.
    WrongCode = 4031,     ///< No room has this code, or the reservation is over.
    RoomFull = 4032,      ///< Those that fit have no place free.
    RoomOver = 4033,      ///< It ended while its player was on the way.
    RoomTaken = 4034,     ///< A new one was wished, and another has its name.
    NoNewRooms = 4035,    ///< Clients may not open rooms here, or not such a one.
    TooManyRooms = 4036,  ///< As many as there may be, or too many from one address.
    // 4040 to 4049: whom the operator or the game sends away.
    Kicked = 4040,
    Banned = 4041,  ///< Until the time that the reason names.
    Idle = 4042,    ///< It has done nothing for too long.
};

/// RFC 6455 7.4.1 and 7.4.2: may a close frame carry this number?
constexpr bool allowed_on_wire(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace tidewire::ws
