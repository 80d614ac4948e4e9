// What an operator asks about a room and who is in it: one look, as plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sdk/core/base/time.h"
#include "server/gate/gate_event.h"

namespace tidewire::server {

struct RoomReport {
    RoomNumber room{};
    std::uint32_t players = 0;  ///< With bots.
    std::uint32_t players_max = 0;
    std::uint32_t bots = 0;
    std::uint32_t away = 0;  ///< Who has lost the connection and may come back.
    std::uint32_t spectators = 0;
    Tick tick = 0;
    int tick_rate = 0;
    const char* load = "";  ///< The name of its LoadLevel.
    double busy = 0;        ///< What its ticks take of their time.
    std::uint64_t memory_bytes = 0;
    bool ended = false;
};

/// Of a player, or of a spectator.
struct PlayerReport {
    RoomNumber room{};
    PlayerId player = 0;  ///< A spectator's is first_spectator or above.
    std::string name{};
    std::string subject{};
    std::string address{};
    ConnectionId connection{};  ///< 0: it has none, or is a bot.
    bool bot = false;
    bool spectates = false;
    bool away = false;
    std::chrono::milliseconds muted_for{0};
    std::chrono::milliseconds quiet_for{0};
    std::optional<Duration> rtt{};
    const char* rung = "";  ///< The name of its Rung; empty: it has no connection.
};

}  // namespace tidewire::server
