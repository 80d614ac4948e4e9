// A room with the sessions of its players: what one process saves and another restores.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/room/saved_room.h"
#include "tidewire/room_description.h"

namespace tidewire::server {

/// How a human player comes back.
struct SavedSession {
    using Digest = std::array<std::byte, 32>;
    PlayerId player = 0;
    std::uint64_t id = 0;
    Digest secret{};                   ///< Of the token that counts; nobody makes the token of it.
    std::optional<Digest> before{};    ///< Of the one before, while that counts.
    std::uint32_t events_received = 0;  ///< Of the player's.
    std::uint32_t events_sent = 0;      ///< To the player, those it may not have included.
    std::vector<SharedMessage> events{};  ///< Those, oldest first.
    bool connected = false;  ///< When the room was saved: the game has not heard that the connection is gone.
};

/// Who has opened a room.
enum class RoomOrigin : std::uint8_t {
    Server,   ///< It is one of ServerOptions::rooms.
    Program,  ///< ServerBase::open_room().
    Client,   ///< It is one of ClientRoomOptions::rooms_max.
};

struct SavedGame {
    std::uint32_t number = 1;  ///< The room's.
    std::uint16_t tick_rate = 30;
    std::uint32_t entities_max = 0;
    std::string sdk_version{};
    RoomDescription description{};  ///< Without a name: it is of a server that gave rooms none. Its seats 0: as many as there may be.
    RoomOrigin opened_by = RoomOrigin::Server;
    SavedRoom room{};
    std::vector<SavedSession> sessions{};
};

}  // namespace tidewire::server
