// What a room is called, who finds it, and when it ends by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tidewire/identity.h"
#include "tidewire/room_wish.h"

namespace tidewire {

struct RoomDescription {
    std::string name{};  ///< No other open room of the server has it. Empty: the room's number.
    RoomProperties properties{};
    std::uint32_t seats = 0;  ///< For humans and bots; 0: ServerOptions::players_max, which is the most.
    std::string code{};       ///< Not empty: the room is private. Nobody finds it without, and no list tells of it.
    /// It ends when no human has played in it or been on the way to that for so long; 0: it stays.
    std::chrono::milliseconds empty_for{0};
};

/// Decides on a room that a client wants to create, and may change it: who it is, and what is wished. Shards call it from their threads,
/// several at a time: it must not block.
using AllowRoom = std::function<std::optional<Refusal>(const Identity& who, RoomDescription& room)>;

}  // namespace tidewire
