// What was trained for a game and is shared by all clients of a room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/wire/dictionary.h"

namespace tidewire::server {

struct RoomResources {
    replication::CodeTables code_tables = replication::CodeTables::built_in();
    std::optional<wire::Dictionary> dictionary{};
};

/// Why a client that lacks these could not be sent them, in a sentence; empty when it can.
std::optional<std::string> refuse_resources(const RoomResources& resources, std::size_t transmit_bytes_max);

}  // namespace tidewire::server
