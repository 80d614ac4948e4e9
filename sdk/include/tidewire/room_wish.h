// Which room a client wants to play in, and which one it has got.
//
//     tidewire::Client<game::Schema, Rules> net(url, {.room = {.properties = {{"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate}});
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace tidewire {

/// What a room says of itself, and is found by: {"mode", "duel"}, {"map", "harbour"}, {"region", "eu"}. Names are not empty and have
/// no '=' in them.
using RoomProperties = std::map<std::string, std::string>;

/// Every text of a room is UTF-8 without control characters. What is larger is refused.
struct RoomTextLimits {
    std::size_t bytes_max = 64;      ///< Of a name, a code or a reservation, and of a property, name and value together.
    std::size_t properties_max = 8;  ///< Of one room: mode, map, region and some more. Each wish is compared with those of all rooms.
};

enum class RoomChoice : std::uint8_t {
    Join,          ///< One that is there.
    JoinOrCreate,  ///< The same, and a new one where none fits that has a place free.
    Create,        ///< A new one.
};

/// With nothing in it: any public room, the one with the fewest players. With properties it is the one with the most that has a place
/// free, so that those who want the same find each other.
struct RoomWish {
    std::string name{};           ///< Empty: whatever it is called.
    RoomProperties properties{};  ///< Each of them must be the room's as well. A new room has them.
    /// Of a private room, as Client::room() of who has created it tells. It finds the room by itself.
    std::string code{};
    std::uint32_t free_seats = 0;  ///< So many places at least must be free, for friends who come after; 0 is as good as 1.
    RoomChoice choice = RoomChoice::Join;
    std::uint32_t seats = 0;   ///< Of a new room; 0: as many as the server gives.
    bool is_private = false;   ///< Of a new room: only who has its code finds it.
    std::string reservation{}; ///< Of Server::reserve(): the place that is kept. What else is wished does not count then.

    friend bool operator==(const RoomWish&, const RoomWish&) = default;
};

/// The room that a client plays in.
struct RoomIdentity {
    std::uint32_t number = 0;  ///< In the server's log and metrics; 0 before Playing.
    std::string name{};
    std::string code{};  ///< Of a private one: for friends. Empty: it is public.

    friend bool operator==(const RoomIdentity&, const RoomIdentity&) = default;
};

}  // namespace tidewire
