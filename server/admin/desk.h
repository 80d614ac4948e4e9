// What an operator can ask a server for and have it do, as functions that the server's program fills in. Each may be called from the
// operator's thread at any time, and may wait for the shards, though not for long.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/room_report.h"
#include "server/room/order.h"
#include "tidewire/ban.h"
#include "tidewire/result.h"

namespace tidewire::server {

struct Desk {
    /// Empty when not all shards have answered in time.
    std::function<std::optional<std::vector<RoomReport>>()> rooms;
    std::function<std::optional<std::vector<PlayerReport>>()> players;

    enum class Done : std::uint8_t {
        Yes,       ///< By the next tick.
        NoPlayer,  ///< No such room, or no human of this number in it; a mute is for who plays.
        NoAnswer,  ///< As above.
    };
    std::function<Done(RoomNumber, Order)> order;

    std::function<SystemTime()> now;
    std::function<Result<BanId>(Ban)> ban;
    std::function<bool(BanId)> lift_ban;
    std::function<std::vector<ListedBan>()> bans;

    /// False when it drains already.
    std::function<bool()> drain;
    std::function<std::string()> log_level;
    /// False when there is no such level.
    std::function<bool(std::string_view)> set_log_level;
};

}  // namespace tidewire::server
