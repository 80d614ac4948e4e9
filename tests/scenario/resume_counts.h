// What tests of players who come back share: how they walk, and how often something was told of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tests/scenario/duel_game.h"

namespace tidewire::test {

inline duel::Move walk(std::uint32_t number) { return {.dx = static_cast<std::int8_t>(number % 3), .fire = false}; }

inline std::size_t count(const sim::VirtualServer& server, server::GateEvent::Kind kind) {
    return static_cast<std::size_t>(
        std::count_if(server.gate_events.begin(), server.gate_events.end(), [&](const auto& event) { return event.kind == kind; }));
}

inline std::size_t count(const sim::VirtualClient& client, session::ClientEvent::Kind kind) {
    return static_cast<std::size_t>(
        std::count_if(client.events.begin(), client.events.end(), [&](const auto& event) { return event.kind == kind; }));
}

}  // namespace tidewire::test
