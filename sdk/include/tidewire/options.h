// What a program may set before it connects, and the limits of a session with their reasons.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tidewire/event_rate.h"
#include "tidewire/room_wish.h"
#include "tidewire/tls.h"

namespace tidewire {

/// Of a client that loses its connection while it plays. The server keeps its player for ServerOptions::resume_within.
struct ReconnectOptions {
    bool enabled = true;
    /// The first attempt is at a random instant within: most losses are short, and a whole server's players come at once.
    std::chrono::milliseconds first_within{100};
    /// Later ones at a random instant within a time that doubles from attempt to attempt, up to the most: of the first seconds, in which
    /// a player still waits, and later. Where the server has said when another try is worth it, they begin then.
    std::chrono::milliseconds delay_min{500};
    std::chrono::milliseconds delay_max{30'000};
    std::chrono::milliseconds early{10'000};
    std::chrono::milliseconds early_delay_max{2'000};
    /// One attempt, to its Welcome: a link that was gone may have swallowed the first packet of it, which is sent again after 1 s.
    std::chrono::milliseconds attempt_timeout{3'000};
    /// Then the player has left. Longer than servers keep a session, or take to restart.
    std::chrono::milliseconds give_up_after{60'000};
};

struct ClientOptions {
    std::string player_name = "player";
    /// What the server's authenticator asks for: a JWT, or a ticket; at most 4096 bytes. It goes in the first message, which is never
    /// compressed, and never into the URL, which ends up in logs. Others on the way read it on ws://: use wss:// where that matters.
    std::string token{};
    /// To watch: the whole room, a while ago (Client::spectator_delay()), without a player, inputs and events of one's own; where the
    /// server has a place for it (ServerOptions::spectators_max). A spectator that loses its connection connects anew.
    bool spectate = false;
    /// Which room to play in; with nothing in it any public one.
    RoomWish room{};
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
    /// Events and requests: send() and request() refuse more. Chat, purchases and orders of a busy player fit many times; what is sent
    /// all the time is input. A server closes who sends more than its ServerOptions::client_events, which must be above this: what waits
    /// in a stall of ten seconds comes at once.
    EventRate events{.per_second = 20, .burst = 60, .bytes_per_second = 8 * 1024, .bytes_burst = 32 * 1024};
    /// Events that the link has not taken yet: a link that takes nothing for so many bytes stands still, and what is sent would be old.
    std::size_t event_bytes_unsent_max = 64 * 1024;
    /// Events that came and that no frame has looked at: a program that stands in a debugger for minutes is closed, and keeps its memory.
    std::size_t event_bytes_held_max = 4 * 1024 * 1024;
    /// From a request to its reply. Longer than a stall that a connection survives.
    std::chrono::milliseconds request_timeout{10'000};
    ReconnectOptions reconnect{};
    /// "http://user:password@proxy:3128": reach the server with CONNECT through it. Empty: directly.
    std::string proxy{};
    /// For development: one of simulated_links() by name, as by Client::simulate_link(). Empty: the link as it is.
    std::string simulated_link{};
    /// Whom to trust on wss://.
    TlsClientOptions tls{};
};

}  // namespace tidewire
