// What a swarm may be told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sdk/core/base/time.h"
#include "tidewire/tls.h"
#include "tools/swarm/behaviour.h"

namespace tidewire::swarm {

struct SwarmOptions {
    std::string url{};
    std::size_t clients = 100;
    Behaviour behaviour = Behaviour::Wander;
    Duration length = std::chrono::seconds(30);  ///< After the ramp.
    /// The first joins are spread evenly over it.
    Duration ramp = std::chrono::seconds(1);
    /// A client's latencies, inputs, ticks and bytes count from so long after its join on: the clock of its inputs needs it to find its
    /// place (netcode::TickLeadOptions::start).
    Duration settle = std::chrono::seconds(3);
    double churn_rate = 0;    ///< Of Churn: joins per second, over all; 0: a tenth of the clients.
    std::size_t threads = 1;  ///< Each has its own clients and its own readiness set.
    std::uint64_t seed = 1;   ///< Of all that clients do. What the network does is nobody's.
    bool predict =
        false;  ///< Clients run the game's rules ahead, as a player's does. No byte on the wire depends on it.
    /// So many clients, evenly among them, decode the state and check it; empty: all. The others say the same to the server.
    std::optional<std::size_t> probes{};
    bool metrics = false;  ///< Ask the server for its own figures.
    TlsClientOptions tls{};
    std::string token{};  ///< Of all clients: one that is good more than once.
};

}  // namespace tidewire::swarm
