// Rooms that clients open for themselves, and the list of rooms.
#pragma once

#include <chrono>
#include <cstdint>

#include "tidewire/admission_options.h"

namespace tidewire {

struct ClientRoomOptions {
    bool allowed = false;  ///< RoomChoice::JoinOrCreate and Create. A world costs memory and time, and strangers open them.
    std::uint32_t rooms_max = 64;  ///< So many at once, beside ServerOptions::rooms; at most 4096.
    /// A room that a client has opened ends when nobody has played in it for so long: long enough to come by a link from a friend.
    std::chrono::milliseconds empty_for{15'000};
    /// Rooms opened from one address: a group of friends needs a few, and one client alone must not take all of them.
    JoinRate creations{.per_second = 0.1, .burst = 8};
    /// Connections that only want the list of public rooms and its changes; 0: nobody is told. They need no token: the list is for
    /// everybody who reaches the server.
    std::uint32_t watchers_max = 0;
};

}  // namespace tidewire
