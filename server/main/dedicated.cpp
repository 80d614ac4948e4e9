// A dedicated server: flags, signals and a log around a server that knows none of them.
#include <unistd.h>
#include <cstdio>
#include <string>
#include <string_view>

#include "sdk/net/system.h"
#include "server/main/flags.h"
#include "server/main/log.h"
#include "server/main/server_state.h"
#include "server/main/signals.h"
#include "server/main/ticket_command.h"
#include "tidewire/server.h"

namespace tidewire {

namespace {

void log_totals(server::Log& log, const server::GateCounters& gate, const server::RoomCounters& room) {
    using server::LogLevel;
    if (room.groups_refused > 0)
        log.write(LogLevel::Warn, "groups_refused",
                  {{"count", room.groups_refused},
                   {"remedy",
                    "all ids of groups were taken: remove groups that are not used any more, or make the cells of the "
                    "grid larger"}});
    log.write(LogLevel::Info, "stopped",
              {{"ticks", gate.ticks},
               {"ticks_dropped", gate.ticks_dropped},
               {"tick_messages", gate.ticks_sent},
               {"ticks_left_out", gate.ticks_left_out},
               {"keyframes", gate.keyframes},
               {"bytes_sent", gate.bytes_sent},
               {"bytes_received", gate.bytes_received},
               {"inputs", room.inputs.consumed},
               {"inputs_repeated", room.inputs.repeated},
               {"inputs_neutral", room.inputs.neutral},
               {"inputs_late", room.inputs.late},
               {"inputs_early", room.inputs.early},
               {"values_saturated", room.quantize.saturated},
               {"values_nan", room.quantize.nan},
               {"rewinds", room.rewinds.rewinds},
               {"rewinds_clamped", room.rewinds.clamped},
               {"views_forged", room.rewinds.forged},
               {"events", room.events},
               {"events_unhandled", room.events_unhandled},
               {"events_sent", gate.events_sent}});
}

std::string url_of(const ServerOptions& options, std::uint16_t port) {
    const bool v6 = options.address.find(':') != std::string::npos;
    return (options.tls.enabled() ? "wss://" : "ws://") + (v6 ? "[" + options.address + "]" : options.address) + ":" +
           std::to_string(port);
}

}  // namespace

int run_dedicated(ServerBase& server, int argc, const char* const* argv) {
    const auto say = [&](const server::FlagsAnswer& answer) {
        std::fputs(answer.output.c_str(), stdout);
        if (!answer.error.empty()) std::fprintf(stderr, "%s: %s\n", argv[0], answer.error.c_str());
        return answer.exit_code;
    };
    if (argc > 1 && argv[1] == std::string_view("ticket"))
        return say(server::ticket_command(argc - 1, argv + 1, net::wall_clock()));
    server::RunOptions run;
    if (const auto answer = server::parse_flags(argc, argv, server.options(), run)) return say(*answer);
    if (auto listening = server.listen(); !listening) {
        std::fprintf(stderr, "%s: %s\n", argv[0], listening.error().message.c_str());
        return listening.error().blame == Blame::Caller ? 2 : 1;
    }

    server::Log log(run.log);
    using server::LogLevel;
    server.state_->on_event = [&log](const server::GateEvent& event) { log.write(event, net::now()); };
    server.state_->on_reload = [&log](const char* what, const Result<void>& reloaded) {
        const std::string event = std::string(what) + (reloaded ? " read again" : " kept");
        if (reloaded)
            log.write(LogLevel::Info, event.c_str(), {});
        else
            log.write(LogLevel::Error, event.c_str(), {{"reason", reloaded.error().message}});
    };
    server.state_->on_record_failed = [&log](const Error& error) {
        log.write(LogLevel::Error, "recording ended", {{"reason", error.message}});
    };
    const server::AuthenticatorChoice& admission = server.state_->admission;
    const server::Signals signals(server, server.options().tls.enabled() || admission.authenticator.reload);
    if (run.seconds > 0) alarm(run.seconds);

    const ServerOptions& options = server.options();
    const std::string url = url_of(options, server.port());
    log.write(LogLevel::Info, "listening",
              {{"url", url, server::LogField::Kind::Word},
               {"tick_rate", options.tick_rate},
               {"rooms", options.rooms},
               {"bots", options.bots},
               {"players_max", options.players_max},
               {"admission", admission.name},
               {"seed", options.seed}});
    std::printf("listening on %s (%d Hz, %u bots)\n", url.c_str(), options.tick_rate, options.bots);
    std::fflush(stdout);

    const auto ended = server.run();
    alarm(0);
    log.write_left_out();
    if (!ended) {
        log.write(LogLevel::Error, "failed", {{"reason", ended.error().message}});
        return 1;
    }
    log_totals(log, server.state_->gate_counters, server.state_->room_counters);
    return 0;
}

}  // namespace tidewire
