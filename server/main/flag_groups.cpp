// What --help says of each option. Why a default is what it is stands in server_options.h; here is what an operator decides by.
#include "server/main/flag_groups.h"

#include <iterator>

namespace tidewire::server {

namespace {

constexpr int mebibyte = 1024 * 1024;
constexpr double idle_seconds_max = 7 * 86'400;

void add_network(FlagList& flags, ServerOptions& options) {
    flags.group("Network");
    flags.add("--address", options.address, "IP",
              "Where to listen: an IPv4 or IPv6 address of this machine, or 0.0.0.0 for all. 127.0.0.1 keeps the server "
              "to this machine");
    flags.add("--port", options.port, "PORT", "TCP port, for players, /healthz and /metrics alike; 0 takes a free one")
        ->check(CLI::Range(0, 65535));
    flags
        .add("--connections-max", options.connections_max, "N",
             "Open sockets, joined or not: bounds the memory that strangers can take. At least as many as there are "
             "places for humans; 0: the places to play and to watch of all rooms, those of --client-rooms-max too where clients "
             "may open any, --room-watchers-max, and 64 more. Beyond them a few get an answer by HTTP: 503, and /healthz")
        ->check(CLI::Range(0, 1'000'000));
    flags
        .add("--connections-per-address-max", options.connections_per_address_max, "N",
             "Open sockets of one IPv4 address, or of one /64 of IPv6; 0: no limit. This machine and --trusted-proxy "
             "are not counted")
        ->check(CLI::Range(0, 1'000'000));
    flags.add("--metrics-from", options.metrics_from, "NETWORK",
              "Network from which /metrics is answered, as 10.0.0.0/8; give it once for each. Without: this machine "
              "alone");
    flags
        .add_milliseconds("--retry-after-ms", options.retry_after,
                          "When clients of a server that stops should try again: until then another should listen")
        ->check(CLI::Range(0, 3'600'000));
    flags.add("--origin", options.origins, "ORIGIN",
              "A web page's origin that may connect, as https://example.com, or * for all; give it once for each. "
              "Pages of the server's own host always may");
    flags.add("--trusted-proxy", options.trusted_proxies, "NETWORK",
              "Network of reverse proxies, as 10.0.0.0/8, whose X-Forwarded-For is believed; give it once for each");
    flags.add_switch("--proxy-protocol", options.proxy_protocol,
                     "Connections from trusted proxies (--trusted-proxy) begin with a PROXY protocol header, version 1 "
                     "or 2");
    flags
        .add_milliseconds("--unread-timeout-ms", options.unread_timeout,
                          "A client that takes or acknowledges nothing for so long is closed with 1013")
        ->check(CLI::Range(100, 3'600'000));
}

void add_admission(FlagList& flags, AdmissionOptions& options) {
    flags.group("Who may come in");
    flags.add_switch("--anonymous", options.anonymous,
                     "Anybody, under the name that they ask for. Said by itself where --address is of this machine "
                     "alone, no --trusted-proxy speaks for others, and nothing else is said");
    flags.add("--ticket-key-file", options.tickets.key_file, "FILE",
              "Whoever has a ticket by one of these keys, one a line in base64url of 32 bytes or more: `ticket --help`. "
              "Read again on SIGHUP");
    flags.add("--jwt-keys", options.jwt.keys.file, "FILE",
              "Whoever has a JSON Web Token that one of these keys has signed. Read again on SIGHUP");
    flags.add_choice("--jwt-key-format", options.jwt.keys.format,
                     {"jwks", "public-key", "secret", "secret-base64url"}, "What that file holds");
    flags.add("--jwt-issuer", options.jwt.rules.issuer, "TEXT", "What a token's iss must be; empty: anything");
    flags.add("--jwt-audience", options.jwt.rules.audience, "TEXT",
              "What must be among a token's aud; empty: it must have none");
    flags.add_switch("--jwt-single-use", options.jwt.single_use, "Tokens must have a jti, and are good once");
    flags
        .add("--joins-per-second", options.joins.per_second, "N",
             "Attempts to join from one address, or one /64 of IPv6, beyond the burst; 0: no limit. Beyond them: 4017")
        ->check(CLI::Range(0.0, 1'000'000.0));
    flags.add("--joins-burst", options.joins.burst, "N", "Attempts that may come at once")
        ->check(CLI::Range(1.0, 1'000'000.0));
}

void add_tls(FlagList& flags, ServerOptions& options) {
    flags.group("TLS");
    flags.add("--tls-certificate", options.tls.certificate_file, "FILE",
              "PEM file with the server's certificate and its intermediates: serve wss://. Read again on SIGHUP, which "
              "stops a server that has no file to read again");
    flags.add("--tls-key", options.tls.key_file, "FILE", "PEM file with the certificate's private key");
}

void add_game(FlagList& flags, ServerOptions& options) {
    flags.group("Game");
    flags
        .add("--tick-rate", options.tick_rate, "HZ",
             "Simulation steps, and updates to every client, in a second: more is smoother, and costs as much more of "
             "processor and link; 1 to 128")
        ->check(CLI::Range(1, 128));
    flags.add("--rooms", options.rooms, "N", "Worlds of their own; a client joins the one with the fewest players")
        ->check(CLI::Range(1, 4096));
    flags.add_number_or("auto", "--shards", options.shards, 64,
                        "Threads that run the rooms and their connections; auto: one for each core");
    flags
        .add("--players-max", options.players_max, "N",
             "Players and bots of each room; whoever comes beyond is told that the server is full")
        ->check(CLI::Range(1, 32767));
    flags
        .add("--bots", options.bots, "N",
             "Players that the server itself plays, in each room; they count towards --players-max")
        ->check(CLI::Range(0, 65536));
    flags
        .add("--spectators-max", options.spectators_max, "N",
             "Of each room, who see all of it and cannot play; 0: none. They take no place of a player's")
        ->check(CLI::Range(0, 65'536));
    flags
        .add_seconds("--spectator-delay-seconds", options.spectator_delay,
                     "So much later than its players they see a room: long enough that nobody plays by what they say")
        ->check(CLI::Range(0.0, 3600.0));
    flags.add("--entities-max", options.entities_max, "N", "Of one room; clients are told of it, and believe no more")
        ->check(CLI::Range(1, 65536));
    flags.add("--seed", options.seed, "N",
              "Of everything random in the game: the same seed and inputs give the same match");
    flags
        .add("--catch-up-ticks-max", options.catch_up_ticks_max, "N",
             "Late ticks that are run in one go at most; then time is dropped and counted")
        ->check(CLI::Range(1, 1000));
    flags
        .add_seconds("--resume-seconds", options.resume_within,
                     "Keep a player's place so long after its connection was lost; 0: it has left at once")
        ->check(CLI::Range(0, 3600));
    flags
        .add_seconds("--idle-seconds", options.idle.after,
                     "A player who has done nothing for so long is idle: the game is told, and nothing else happens; 0: never")
        ->check(CLI::Range(0.0, idle_seconds_max));
    flags
        .add_seconds("--idle-kick-seconds", options.idle.kick_after,
                     "A player who has done nothing for so long is sent away with 4042; 0: never")
        ->check(CLI::Range(0.0, idle_seconds_max));
    flags
        .add_seconds("--hidden-kick-seconds", options.idle.hidden_kick_after,
                     "The same where the client says that nobody looks, as a page in a hidden tab does; 0: never")
        ->check(CLI::Range(0.0, idle_seconds_max));
    flags
        .add_seconds("--drain-seconds", options.drain_max,
                     "From the stop until the players are sent away, where the game asks for time to finish; nobody "
                     "joins meanwhile")
        ->check(CLI::Range(0.0, 86'400.0));
}

void add_rooms(FlagList& flags, ClientRoomOptions& options) {
    flags.group("Rooms of clients");
    flags.add_switch("--client-rooms", options.allowed,
                     "Clients may open rooms, by a name or by what they wish of them, private ones as well");
    flags.add("--client-rooms-max", options.rooms_max, "N", "So many at once, beside --rooms")->check(CLI::Range(0, 4096));
    flags.add_seconds("--room-empty-seconds", options.empty_for, "Such a room ends when nobody has played in it for so long")
        ->check(CLI::Range(0.1, 86'400.0));
    flags
        .add("--room-creations-per-second", options.creations.per_second, "N",
             "Rooms opened from one address, or one /64 of IPv6, beyond the burst; 0: no limit")
        ->check(CLI::Range(0.0, 1'000'000.0));
    flags.add("--room-creations-burst", options.creations.burst, "N", "Rooms that may be opened at once")
        ->check(CLI::Range(1.0, 1'000'000.0));
    flags
        .add("--room-watchers-max", options.watchers_max, "N",
             "Connections that are told of all public rooms and what becomes of them, without a token; 0: nobody is")
        ->check(CLI::Range(0, 100'000));
}

void add_rewind(FlagList& flags, ServerOptions& options) {
    flags.group("Lag compensation");
    flags
        .add_milliseconds("--rewind-depth-ms", options.rewind.depth,
                          "How far back shots may hit; players with longer links must aim ahead by the rest")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{RewindOptions::depth_max.count()}));
    flags
        .add_milliseconds("--rewind-doubt-ms", options.rewind.doubt,
                          "How far a client's word on what it saw may be from what the server makes of its link")
        ->check(CLI::Range(0, 1000));
    flags.add("--rewind-doubt-ticks", options.rewind.doubt_ticks, "N", "The same in ticks, on top: both ends round")
        ->check(CLI::Range(0, 128));
}

void add_limits(FlagList& flags, ServerOptions& options) {
    flags.group("Limits");
    flags
        .add("--client-bytes-per-tick", options.client_bytes_per_tick, "BYTES",
             "Of state that one client gets in a tick on average: far groups wait for their turn; 0: no limit")
        ->check(CLI::Range(0, 64 * mebibyte));
    flags
        .add("--keyframe-bytes-max", options.keyframe_bytes_max, "BYTES",
             "Of one group's whole state before compression; the game's clients must accept as many")
        ->check(CLI::Range(1024, 64 * mebibyte));
    flags
        .add("--transmit-bytes-max", options.transmit_bytes_max, "BYTES",
             "Unsent, of one connection, beside events; a keyframe must fit")
        ->check(CLI::Range(1024, 64 * mebibyte));
    flags
        .add("--first-flight-bytes", options.first_flight_bytes, "BYTES",
             "Of a long message that may be on their way before the client's link is known")
        ->check(CLI::Range(1024, 64 * mebibyte));
    flags
        .add("--bulk-bytes-max", options.bulk_bytes_max, "BYTES",
             "Of the game's bulk transfers that wait for one player")
        ->check(CLI::Range(0, 1024 * mebibyte - 1));
    flags
        .add("--snapshots-held", options.snapshots_held, "TICKS",
             "Of history: a client further behind gets a whole keyframe")
        ->check(CLI::Range(2, 4096));
    flags
        .add("--ticks-held-for-joins-max", options.ticks_held_for_joins_max, "TICKS",
             "That stay beyond those, for clients that are told of them in parts; each costs what has changed since")
        ->check(CLI::Range(0, 4096));
    flags
        .add("--spectator-bytes-max", options.spectator_bytes_max, "BYTES",
             "Of a room's ticks that wait for spectators to see them; where they would take more, fewer are kept")
        ->check(CLI::Range(mebibyte, 1024 * mebibyte - 1));
    flags
        .add("--events-unsent-max", options.events_unsent_max, "N",
             "Events of one client that its link has not taken; beyond them it is closed with 1013")
        ->check(CLI::Range(1, 1'000'000));
    flags.add("--event-bytes-unsent-max", options.event_bytes_unsent_max, "BYTES", "The same in bytes")
        ->check(CLI::Range(1024, 64 * mebibyte));
    flags
        .add("--client-events-per-second", options.client_events.per_second, "N",
             "Events and requests that one client may send; beyond them it is closed with 1008")
        ->check(CLI::Range(0.0, 1'000'000.0));
    flags
        .add("--client-events-burst", options.client_events.burst, "N",
             "That may come at once: what a stall of the link has held back")
        ->check(CLI::Range(1.0, 1'000'000.0));
    flags.add("--client-event-bytes-per-second", options.client_events.bytes_per_second, "BYTES", "The same in bytes")
        ->check(CLI::Range(0.0, 64.0 * mebibyte));
    flags.add("--client-event-bytes-burst", options.client_events.bytes_burst, "BYTES", "The same in bytes")
        ->check(CLI::Range(1.0, 64.0 * mebibyte));
}

void add_files(FlagList& flags, ServerOptions& options) {
    flags.group("Files");
    flags.add("--code-tables", options.code_tables_file, "FILE",
              "Code tables that tidewire-flight has trained for this game; clients that lack them are sent them");
    flags.add("--dictionary", options.dictionary_file, "FILE",
              "zstd dictionary for keyframes that tidewire-flight has trained for this game");
    flags.add("--bans", options.bans_file, "FILE",
              "Bans, one a line as JSON: read at the start, and written anew at each change. Without, they end with the "
              "server");
    flags.add("--save-dir", options.save_directory, "FOLDER",
              "Write rooms whose game can be saved to this folder when the server stops, restore them when it starts again, and let "
              "their players come back");
    flags.add("--record", options.record_file, "FILE",
              "Keep all that is told of the state in this file, for tidewire-flight; it is made or emptied, and grows "
              "until the server stops");
}

void add_run(FlagList& flags, RunOptions& run) {
    flags.group("Log");
    flags.add_choice("--log-level", run.log.level, std::vector<std::string>(std::begin(log_level_names), std::end(log_level_names)),
                     "The least grave lines that are written to standard error");
    flags.add_choice("--log-format", run.log.format, {"text", "json"},
                     "text: names and values; json: one object a line");
    flags.add("--audit-log", run.audit.file, "FILE",
              "Who came, left, was refused or sent away, and what the operator did: a JSON object a line, behind what stands "
              "there. Opened again on SIGHUP, for programs that rotate logs");
    flags.group("Administration");
    flags.add_number_or("off", "--admin-port", run.admin.port, 65535,
                        "TCP port of 127.0.0.1, and of no other address, on which the operator's requests are answered: "
                        "rooms, players, kick, ban, mute, drain, log level");
    flags.add("--admin-token-file", run.admin.token_file, "FILE",
              "What such a request shows as Authorization: Bearer; 16 to 256 letters and digits: openssl rand -hex 32");
    flags.group("Process");
    flags.add("--seconds", run.seconds, "S", "Stop by itself after so long; 0: never")
        ->check(CLI::Range(0, 1'000'000'000));
}

}  // namespace

void add_flags(FlagList& flags, ServerOptions& options, RunOptions& run) {
    add_network(flags, options);
    add_admission(flags, options.admission);
    add_tls(flags, options);
    add_game(flags, options);
    add_rooms(flags, options.client_rooms);
    add_rewind(flags, options);
    add_limits(flags, options);
    add_files(flags, options);
    add_run(flags, run);
}

}  // namespace tidewire::server
