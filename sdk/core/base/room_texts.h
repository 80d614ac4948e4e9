// What a room may be called, and what it may say of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tidewire/room_wish.h"

namespace tidewire {

/// Why these do not work, as "the room's name has 80 bytes; at most 64 are allowed"; empty when they do. Each may be empty.
std::optional<std::string> refuse_room_texts(std::string_view name, const RoomProperties& properties, std::string_view code);

}  // namespace tidewire
