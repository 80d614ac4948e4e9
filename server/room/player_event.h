// What a client sent to the game, on its way there.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// Its bytes were checked.
struct PlayerEvent {
    PlayerId player = 0;
    std::uint16_t type = 0;     ///< Place in SchemaInfo::events.
    Bytes data{};               ///< As replication's event codec has it.
    std::uint32_t request = 0;  ///< What a reply names; 0: it is no request.
};

}  // namespace tidewire::server
