// What the game or the operator wants done about a player. A room keeps it until the callback that asked for it is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tidewire/state.h"

namespace tidewire::server {

struct Order {
    enum class Kind : std::uint8_t {
        Kick,  ///< For `reason`.
        Ban,   ///< The same, and not to come in again for `time`.
        Mute,  ///< For `time`; 0: no more.
        Idle,  ///< It has done nothing for `time`.
        Hidden,  ///< Nobody has looked for `time`.
    };
    Kind kind = Kind::Kick;
    PlayerId player = 0;
    std::chrono::milliseconds time{0};
    std::string reason{};
};

}  // namespace tidewire::server
