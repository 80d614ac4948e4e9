// What a room, or all rooms of a gate together, have done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sdk/core/session/message_budget.h"
#include "server/gate/delivery_ladder.h"

namespace tidewire::server {

struct GateCounters {
    std::uint64_t ticks = 0;
    std::uint64_t ticks_dropped = 0;  ///< Time that was given up after catch_up_ticks_max.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t ticks_sent = 0;  ///< Tick messages.
    std::uint64_t ticks_left_out =
        0;  ///< Ticks that a client did not get: its rung, its window or its queue did not allow it.
    std::uint64_t ticks_shed = 0;  ///< And those that the room left out, since it had more to do than it can.
    std::array<std::uint32_t, rung_count> clients_on_rung{};  ///< At the last tick, by Rung.
    std::uint64_t keyframes = 0;                              ///< Tick messages with a keyframe.
    std::uint64_t ticks_shown = 0;  ///< Tick messages to spectators, who are in none of the others.
    std::uint64_t events_sent = 0;                            ///< Events and replies, of each client that got one.
    session::MessageCounts messages{};                        ///< Of clients.
    std::uint64_t players_dismissed = 0;                      ///< Kicked, banned, or sent away for doing nothing.

    GateCounters& operator+=(const GateCounters& other) {
        ticks += other.ticks;
        ticks_dropped += other.ticks_dropped;
        bytes_sent += other.bytes_sent;
        bytes_received += other.bytes_received;
        ticks_sent += other.ticks_sent;
        ticks_left_out += other.ticks_left_out;
        ticks_shed += other.ticks_shed;
        for (std::size_t i = 0; i < rung_count; ++i) clients_on_rung[i] += other.clients_on_rung[i];
        keyframes += other.keyframes;
        ticks_shown += other.ticks_shown;
        events_sent += other.events_sent;
        messages += other.messages;
        players_dismissed += other.players_dismissed;
        return *this;
    }
};

}  // namespace tidewire::server
