// What a program may set before it connects, and the limits of a session with their reasons.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "tidewire/tls.h"

namespace tidewire {

struct ClientOptions {
    std::string player_name = "player";
    /// From the start of the connection to Welcome. Long enough for a far server and a slow phone.
    std::chrono::milliseconds connect_timeout{10'000};
    /// Any one message from the server.
    std::size_t message_bytes_max = 256 * 1024;
    /// A keyframe when it is no longer compressed: about 4 bytes for each number of each entity. What a server may make a client
    /// inflate; for larger worlds raise it here and in ServerOptions.
    std::size_t keyframe_bytes_max = 256 * 1024;
    /// Snapshots kept for drawing: more than the longest interpolation delay at 128 Hz.
    std::size_t snapshots_held = 64;
    /// "http://user:password@proxy:3128": reach the server with CONNECT through it. Empty: directly.
    std::string proxy{};
    /// Whom to trust on wss://.
    TlsClientOptions tls{};
};

}  // namespace tidewire
