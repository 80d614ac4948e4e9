// What a program may set before it connects, and the limits of a session with their reasons.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tidewire/tls.h"

namespace tidewire {

struct ClientOptions {
    std::string player_name = "player";
    /// From the start of the connection to Welcome. Long enough for a far server and a slow phone.
    std::chrono::milliseconds connect_timeout{10'000};
    /// Any one message from the server.
    std::size_t message_bytes_max = 256 * 1024;
    /// One group's keyframe when it is no longer compressed. What a server may make a client inflate; for larger worlds raise it here
    /// and in ServerOptions.
    std::size_t keyframe_bytes_max = 256 * 1024;
    /// One bulk transfer of the server's, and all that are whole and not taken yet: see Client::take_bulk().
    std::size_t bulk_bytes_max = 16 * 1024 * 1024;
    /// Code tables and dictionaries that ship with the game: files of tidewire-flight, whole. What is not here the server sends.
    std::vector<std::vector<std::byte>> code_tables{};
    std::vector<std::vector<std::byte>> dictionaries{};
    /// Snapshots kept for drawing: more than the longest interpolation delay at 128 Hz.
    std::size_t snapshots_held = 64;
    /// "http://user:password@proxy:3128": reach the server with CONNECT through it. Empty: directly.
    std::string proxy{};
    /// For development: one of simulated_links() by name, as by Client::simulate_link(). Empty: the link as it is.
    std::string simulated_link{};
    /// Whom to trust on wss://.
    TlsClientOptions tls{};
};

}  // namespace tidewire
