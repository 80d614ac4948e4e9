// What was trained for a game and is shared by all clients of a room.
#pragma once

#include <optional>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/wire/dictionary.h"

namespace tidewire::server {

struct RoomResources {
    replication::CodeTables code_tables = replication::CodeTables::built_in();
    std::optional<wire::Dictionary> dictionary{};
};

}  // namespace tidewire::server
