// Every limit of a game server, with its default, unit and reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tidewire/admission_options.h"
#include "tidewire/client_room_options.h"
#include "tidewire/event_rate.h"
#include "tidewire/idle_options.h"
#include "tidewire/rewind.h"
#include "tidewire/tls.h"

namespace tidewire {

struct ServerOptions {
    /// Where to listen: an IPv4 or IPv6 address of this machine; "0.0.0.0" or "::" for all of them. Others than loopback need a word on
    /// who may come in: see `admission`.
    std::string address = "127.0.0.1";
    std::uint16_t port = 7777;        ///< 0 takes a free one; see Server::port().
    int tick_rate = 30;               ///< Hz, 1 to 128.
    std::uint32_t rooms = 1;   ///< Each a world of its own; a client joins the one with the fewest players. 1 to 4096.
    std::uint32_t shards = 1;  ///< Threads that run the rooms and their connections; 0: one for each core. At most 64.
    std::uint32_t players_max =
        64;  ///< Of each room: humans and bots, at most 32767; a further client is told that the server is full.
    /// Of each room, beside its players: who sees the whole room and cannot play (ClientOptions::spectate). 0: nobody. Each is one more
    /// stream to write; what all are told is encoded once.
    std::uint32_t spectators_max = 0;
    /// So much later than its players they see the room, in whole ticks: long enough that nobody plays by what they say. 0: as it happens.
    std::chrono::milliseconds spectator_delay{10'000};
    /// Of the ticks of a room that wait so long, where it takes spectators. Where all would take more, evenly fewer are kept: spectators
    /// see fewer, just as late. Events take half of it at most. Ten seconds of some hundred moving things at 30 Hz take about 10 MiB.
    std::size_t spectator_bytes_max = 64 * 1024 * 1024;
    /// Sockets, whether they have joined or not; 0 means players_max and spectators_max of all rooms, of client_rooms.rooms_max too where
    /// clients may open any, those of client_rooms.watchers_max who are told of the list, and 64 more for those who are still joining or are
    /// told that the server is full. Never less than the places for humans
    /// (players_max - bots, of each room). A few more sockets are taken only to be told by HTTP that none is free; /healthz answers there
    /// too.
    std::uint32_t connections_max = 0;
    /// Sockets of one IPv4 address, or of one /64 of IPv6; 0: no limit. Enough for a dormitory behind one address, and too few to take all
    /// places of a server by a single machine. Loopback and trusted_proxies, who speak for others, are not counted.
    std::uint32_t connections_per_address_max = 128;
    AdmissionOptions admission{};       ///< Who may come in, and how often somebody may try.
    ClientRoomOptions client_rooms{};   ///< Rooms that clients open, and who is told of the list.
    std::uint32_t entities_max = 8192;  ///< Of one room; at most 65536.
    std::uint32_t bots = 0;             ///< Players that the server itself plays, in each room.
    /// From stop() until the rooms' players are sent away, where the game asks for time to finish (Server::on_drain()); nobody joins meanwhile.
    std::chrono::milliseconds drain_max{30'000};
    /// What clients of a server that stops are told of when another try is worth it: a restart takes about so long. Those whose room is saved
    /// try from then on by themselves, every 2 s at least for 10 s, and less often later.
    std::chrono::milliseconds retry_after{2'000};
    /// A player that has lost its connection keeps its place, its entities and what it is told for so long, and goes on when it comes back
    /// (ClientOptions::reconnect). Longer than a tunnel or a router's restart; 0: whoever is lost has left.
    std::chrono::milliseconds resume_within{30'000};
    IdleOptions idle{};  ///< Players who do nothing.
    /// Rooms go on when the server is started again: at its stop each room whose game has on_save() is written to a file in this folder,
    /// which is made where it is missing, and clients are told to come back. The next server with this folder and the very same schema
    /// restores it before its port opens, once, and its players have `resume_within` to come back. A file that cannot be restored is put
    /// aside, and the room begins anew. Rooms have the names, properties and codes that they had, and those that clients have opened come
    /// back where clients may open rooms. Tokens that are good for one time and were used stay used. One server to a folder. Empty: rooms
    /// end with the server.
    std::string save_directory{};
    std::uint64_t seed = 1;             ///< Of everything random in the simulation.
    int catch_up_ticks_max = 4;         ///< Late ticks run in one go at most; then time is dropped and counted.
    /// Ticks of history: a client further behind gets a keyframe. As many as `rewind` needs are held in any case.
    std::size_t snapshots_held = 64;
    /// Ticks that stay beyond that, since a client is being told of them in parts: what it lacks after a long join is then the difference,
    /// and no world that takes as long again. Each costs what has changed since, at most the world. Clients whose transfers begin in the
    /// same tick share one; a crowd that joins over slow links at one time finds its places here as those before it are done.
    std::size_t ticks_held_for_joins_max = 32;
    RewindOptions rewind{};  ///< How far lag compensation goes, and whom it believes.
    std::chrono::milliseconds unread_timeout{
        10'000};  ///< A client that takes or acknowledges nothing for so long is closed with 1013.
    /// Unsent bytes of one connection beside those of events, with what waits to go in parts; a keyframe of all that a client sees must
    /// fit. With unsent events that is 256 KiB at most.
    std::size_t transmit_bytes_max = 240 * 1024;
    /// Of a message in parts that may be on their way before the client's link is known: more is faster on links that are long and
    /// fat, and holds up everything behind it on slow ones; 16 KiB take 130 ms at 1 Mbit/s. Then the measured rate decides.
    std::size_t first_flight_bytes = 16 * 1024;
    std::size_t bulk_bytes_max = 16 * 1024 * 1024;  ///< Of ServerSim::send_bulk(), waiting for one player.
    /// One group's keyframe before compression. Clients refuse more than their own
    /// ClientOptions::keyframe_bytes_max, so a client that would need more is told so and closed with 1011.
    std::size_t keyframe_bytes_max = 256 * 1024;
    /// Bytes of ticks, with their heads, that one client gets in a tick on average; 0: all that there is. Groups take turns for them
    /// by distance and priority; those with the player's own entities never wait. For clients whose link is known to be thin: the
    /// window of unacknowledged ticks adapts to all others by itself.
    std::size_t client_bytes_per_tick = 0;
    /// Events and replies of one client that its stream has had the chance to take and has not; a client beyond is closed with 1013,
    /// since none is ever left out. As many are kept for who has lost the connection; whoever missed more cannot come back. Seconds of a busy game on a link that stands still, and far less memory than ticks may take. What is
    /// sent at once may be more: it has transmit_bytes_max beside this.
    std::size_t events_unsent_max = 512;
    std::size_t event_bytes_unsent_max = 16 * 1024;
    /// Events and requests of one client; it is closed with 1008 beyond. More than ClientOptions::events, and in the burst ten seconds
    /// of it: what a stall has held back comes at once.
    EventRate client_events{.per_second = 25, .burst = 300, .bytes_per_second = 10 * 1024, .bytes_burst = 128 * 1024};
    /// Trained for the game by tidewire-flight; clients that do not ship them are sent them. Empty: built-in tables, no dictionary.
    std::string code_tables_file{};
    std::string dictionary_file{};
    /// Keep all that happens in the room in this file, which is made or emptied: what tidewire-flight trains from. The whole world is
    /// encoded once more for it in every tick. When the disk fails the recording ends and the game goes on. Empty: none.
    std::string record_file{};
    /// Bans that outlive the server stand in this file, which is read at the start and written anew at each change; empty: they end with
    /// the server.
    std::string bans_file{};
    /// Web pages of other sites that may connect, as "https://example.com", or "*" for all. Pages of the server's own host may
    /// always; programs that are no browsers send no Origin and may always.
    std::vector<std::string> origins{};
    /// Serve wss:// by this certificate; both files empty: ws://.
    TlsServerOptions tls{};
    /// Networks of reverse proxies ("10.0.0.0/8", "::1") whose word on the client's address is taken: X-Forwarded-For, and the
    /// PROXY protocol where `proxy_protocol` is on.
    std::vector<std::string> trusted_proxies{};
    /// Networks from which /metrics is answered: what it tells is not for players.
    std::vector<std::string> metrics_from{"127.0.0.0/8", "::1"};
    /// Connections from trusted proxies begin with a PROXY protocol header, version 1 or 2, before TLS.
    bool proxy_protocol = false;

    /// What connections_max comes to.
    std::uint32_t connections_limit() const {
        if (connections_max != 0) return connections_max;
        const std::uint32_t rooms_most = rooms + (client_rooms.allowed ? client_rooms.rooms_max : 0);
        return rooms_most * (players_max + spectators_max) + 64 + client_rooms.watchers_max;
    }
};

}  // namespace tidewire
