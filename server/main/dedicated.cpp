// The command line of a dedicated server: flags, signals and a log. The server itself knows none of them.
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <CLI/CLI.hpp>

#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "sdk/net/system.h"
#include "server/main/line_limit.h"
#include "server/main/log_text.h"
#include "server/main/server_state.h"
#include "tidewire/server.h"
#include "tidewire/version.h"

namespace tidewire {

namespace {

/// What the flags say beyond ServerOptions.
struct RunOptions {
    std::uint32_t seconds = 0;
};

/// The server that signals stop. One process runs one dedicated server.
std::atomic<ServerBase*> signalled = nullptr;

void stop_signalled(int) {
    if (ServerBase* server = signalled.load()) server->stop();
}

void reload_signalled(int) {
    if (ServerBase* server = signalled.load()) server->reload_certificate();
}

/// While this lives SIGINT, SIGTERM and the alarm of --seconds stop the server. So does SIGHUP, the end of its terminal,
/// unless the server has a certificate to read again (daemons have no terminal) or was started to ignore it, as nohup does.
class Signals {
public:
    Signals(ServerBase& server, bool reloads) {
        signalled = &server;
        for (std::size_t i = 0; i < count; ++i) {
            struct sigaction action = {};
            action.sa_handler = numbers[i] == SIGHUP && reloads ? reload_signalled : stop_signalled;
            sigaction(numbers[i], &action, &before_[i]);
            if (numbers[i] == SIGHUP && !reloads && before_[i].sa_handler == SIG_IGN)
                sigaction(numbers[i], &before_[i], nullptr);
        }
    }
    ~Signals() {
        for (std::size_t i = 0; i < count; ++i) sigaction(numbers[i], &before_[i], nullptr);
        signalled = nullptr;
    }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

private:
    static constexpr int numbers[] = {SIGINT, SIGTERM, SIGALRM, SIGHUP};
    static constexpr std::size_t count = std::size(numbers);
    struct sigaction before_[count] = {};
};

/// True: go on. Otherwise `exit_code` is main's.
bool parse_flags(int argc, const char* const* argv, ServerOptions& options, RunOptions& run, int& exit_code) {
    CLI::App app(
        "A Tidewire game server, version " + std::string(version) +
        ". It prints one line to standard output when it listens, logs to standard error, and stops cleanly on "
        "SIGINT and SIGTERM.");
    app.option_defaults()->always_capture_default();
    app.get_formatter()->column_width(34);
    app.set_version_flag("--version", "Tidewire " + std::string(version), "Print the version and exit");
    app.add_option(
           "--address", options.address,
           "Where to listen: an IPv4 or IPv6 address of this machine. 127.0.0.1 keeps the server to this machine")
        ->type_name("IP");
    app.add_option("--port", options.port, "TCP port, for players and /healthz alike; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT");
    app.add_option(
           "--tick-rate", options.tick_rate,
           "Simulation steps, and updates to every client, in a second: more is smoother, and costs as much more of "
           "processor and link; 1 to 128")
        ->check(CLI::Range(1, 128))
        ->type_name("HZ");
    app.add_option("--players-max", options.players_max,
                   "Players and bots; whoever comes beyond is told that the server is full")
        ->check(CLI::Range(1, 32767))
        ->type_name("N");
    app.add_option("--connections-max", options.connections_max,
                   "Open sockets, joined or not: bounds the memory that strangers can take. At least as many as there "
                   "are places for humans; 0: --players-max and 64 more. Beyond them a few get an answer by HTTP: 503, "
                   "and /healthz")
        ->check(CLI::Range(0, 1'000'000))
        ->type_name("N");
    app.add_option("--bots", options.bots, "Players that the server itself plays; they count towards --players-max")
        ->check(CLI::Range(0, 65536))
        ->type_name("N");
    app.add_option(
           "--origin", options.origins,
           "A web page's origin that may connect, as https://example.com, or * for all; give it once for each. Pages "
           "of the server's own host always may")
        ->type_name("ORIGIN");
    app.add_option("--tls-certificate", options.tls.certificate_file,
                   "PEM file with the server's certificate and its intermediates: serve wss://. Read again on SIGHUP, "
                   "which stops a server without one")
        ->type_name("FILE");
    app.add_option("--tls-key", options.tls.key_file, "PEM file with the certificate's private key")->type_name("FILE");
    app.add_option(
           "--trusted-proxy", options.trusted_proxies,
           "Network of reverse proxies, as 10.0.0.0/8, whose X-Forwarded-For is believed; give it once for each")
        ->type_name("NETWORK");
    app.add_flag(
        "--proxy-protocol", options.proxy_protocol,
        "Connections from trusted proxies (--trusted-proxy) begin with a PROXY protocol header, version 1 or 2");
    app.add_option("--code-tables", options.code_tables_file,
                   "Code tables that tidewire-flight has trained for this game; clients that lack them are sent them")
        ->type_name("FILE");
    app.add_option("--dictionary", options.dictionary_file,
                   "zstd dictionary for keyframes that tidewire-flight has trained for this game")
        ->type_name("FILE");
    app.add_option("--record", options.record_file,
                   "Keep all that is told of the state in this file, for tidewire-flight; it is made or emptied, and "
                   "grows until the server stops")
        ->type_name("FILE");
    app.add_option(
           "--client-bytes-per-tick", options.client_bytes_per_tick,
           "Bytes of state that one client gets in a tick on average: far groups wait for their turn; 0: no limit")
        ->check(CLI::Range(0, 64 * 1024 * 1024))
        ->type_name("BYTES");
    app.add_option("--seed", options.seed,
                   "Of everything random in the game: the same seed and inputs give the same match")
        ->type_name("N");
    app.add_option("--seconds", run.seconds, "Stop by itself after so long; 0: never")
        ->check(CLI::Range(0, 1'000'000'000))
        ->type_name("N");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        exit_code = app.exit(help);
        return false;
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "%s: %s; see --help\n", argv[0], error.what());
        exit_code = 2;
        return false;
    }
    return true;
}

std::shared_ptr<spdlog::logger> make_log() {
    auto log = std::make_shared<spdlog::logger>("server", std::make_shared<spdlog::sinks::stderr_sink_st>());
    log->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
    log->flush_on(spdlog::level::trace);
    return log;
}

/// Everyone can have himself refused, as often as he likes.
constexpr std::uint32_t refused_lines_per_second = 10;

void log_left_out(spdlog::logger& log, std::uint64_t count) {
    if (count > 0) log.warn("refused left_out={}", count);
}

/// Says as much as is known: how far the connection came decides it.
void log_refused(spdlog::logger& log, const server::GateEvent& event) {
    std::string line = "refused";
    if (event.connection != server::ConnectionId{})
        line += " connection=" + std::to_string(static_cast<std::uint64_t>(event.connection));
    line += " address=" + event.peer_address;
    if (!event.player_name.empty()) line += " name=" + server::quoted(event.player_name);
    if (event.http_status != 0) line += " status=" + std::to_string(event.http_status);
    if (event.close_code != 0) line += " code=" + std::to_string(event.close_code);
    log.warn("{} reason={}", line, server::quoted(event.reason));
}

void log_event(spdlog::logger& log, server::LineLimit& refused, const server::GateEvent& event) {
    const TimePoint now = net::now();
    log_left_out(log, refused.take_left_out(now));
    const auto connection = static_cast<std::uint64_t>(event.connection);
    switch (event.kind) {
        case server::GateEvent::Kind::Joined:
            log.info("joined player={} name={} connection={} address={}", event.player,
                     server::quoted(event.player_name), connection, event.peer_address);
            break;
        case server::GateEvent::Kind::Left:
            log.info("left player={} name={} connection={} code={} reason={}", event.player,
                     server::quoted(event.player_name), connection, event.close_code, server::quoted(event.reason));
            break;
        case server::GateEvent::Kind::Desync:
            if (refused.take(now))
                log.error("desync player={} name={} connection={} difference={}", event.player,
                          server::quoted(event.player_name), connection, server::quoted(event.reason));
            break;
        case server::GateEvent::Kind::Refused:
            if (refused.take(now)) log_refused(log, event);
            break;
        case server::GateEvent::Kind::RoomClosed:
            log.info("room closed room={} reason={}", static_cast<std::uint32_t>(event.room),
                     server::quoted(event.reason));
            break;
        case server::GateEvent::Kind::RoomFailed:
            log.error("room failed room={} reason={}", static_cast<std::uint32_t>(event.room),
                      server::quoted(event.reason));
            break;
        case server::GateEvent::Kind::Load:
            log.warn("load room={} level={}", static_cast<std::uint32_t>(event.room), event.reason);
            break;
    }
}

std::string url_of(const ServerOptions& options, std::uint16_t port) {
    const bool v6 = options.address.find(':') != std::string::npos;
    return (options.tls.enabled() ? "wss://" : "ws://") + (v6 ? "[" + options.address + "]" : options.address) + ":" +
           std::to_string(port);
}

}  // namespace

int run_dedicated(ServerBase& server, int argc, const char* const* argv) {
    RunOptions run;
    int exit_code = 0;
    if (!parse_flags(argc, argv, server.options(), run, exit_code)) return exit_code;
    if (auto listening = server.listen(); !listening) {
        std::fprintf(stderr, "%s: %s\n", argv[0], listening.error().message.c_str());
        return listening.error().blame == Blame::Caller ? 2 : 1;
    }

    const auto log = make_log();
    server::LineLimit refused(refused_lines_per_second);
    server.state_->on_event = [&](const server::GateEvent& event) { log_event(*log, refused, event); };
    server.state_->on_reload = [&log](const Result<void>& reloaded) {
        if (reloaded)
            log->info("certificate read again");
        else
            log->error("certificate kept reason={}", server::quoted(reloaded.error().message));
    };
    server.state_->on_record_failed = [&log](const Error& error) {
        log->error("recording ended reason={}", server::quoted(error.message));
    };
    const Signals signals(server, server.options().tls.enabled());
    if (run.seconds > 0) alarm(run.seconds);

    const ServerOptions& options = server.options();
    const std::string url = url_of(options, server.port());
    log->info("listening url={} tick_rate={} bots={} players_max={} seed={}", url, options.tick_rate, options.bots,
              options.players_max, options.seed);
    std::printf("listening on %s (%d Hz, %u bots)\n", url.c_str(), options.tick_rate, options.bots);
    std::fflush(stdout);

    const auto ended = server.run();
    alarm(0);
    log_left_out(*log, refused.take_left_out());
    if (!ended) {
        log->error("failed reason={}", server::quoted(ended.error().message));
        return 1;
    }
    const server::GateCounters& gate = server.state_->gate_counters;
    const server::RoomCounters& room = server.state_->room_counters;
    if (room.groups_refused > 0)
        log->warn(
            "groups_refused={} remedy=\"all ids of groups were taken: remove groups that are not used any more, or "
            "make the "
            "cells of the grid larger\"",
            room.groups_refused);
    log->info(
        "stopped ticks={} ticks_dropped={} tick_messages={} ticks_left_out={} keyframes={} bytes_sent={} "
        "bytes_received={} "
        "inputs={} inputs_repeated={} inputs_neutral={} inputs_late={} inputs_early={} values_saturated={} "
        "values_nan={} rewinds={} rewinds_clamped={} views_forged={} events={} events_unhandled={} events_sent={}",
        gate.ticks, gate.ticks_dropped, gate.ticks_sent, gate.ticks_left_out, gate.keyframes, gate.bytes_sent,
        gate.bytes_received, room.inputs.consumed, room.inputs.repeated, room.inputs.neutral, room.inputs.late,
        room.inputs.early, room.quantize.saturated, room.quantize.nan, room.rewinds.rewinds, room.rewinds.clamped,
        room.rewinds.forged, room.events, room.events_unhandled, gate.events_sent);
    return 0;
}

}  // namespace tidewire
