// A dedicated server: flags, signals and a log around a server that knows none of them.
#include <unistd.h>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sdk/net/system.h"
#include "server/admin/admin_server.h"
#include "server/main/admin_desk.h"
#include "server/main/audit_log.h"
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

/// Both logs get what the operator did, and what others tried.
server::AdminEvents events_of_admin(server::Log& log, server::AuditLog* audit) {
    using server::LogLevel;
    using Content = server::HttpExchange::Content;
    const auto on_asked = [&log, audit](const Content& content, const server::DeskAnswer& answer) {
        const server::LogField method("method", content.head.method);
        const server::LogField path("path", content.path());
        const server::LogField status("status", answer.status);
        const server::LogField body("content", content.body);
        // Who only looks changes nothing, and does so every second perhaps.
        log.write(content.head.method == "GET" ? LogLevel::Debug : LogLevel::Info, "admin", {method, path, status, body});
        if (audit != nullptr && content.head.method != "GET") audit->write_action({method, path, status, body});
    };
    const auto on_turned_away = [&log, audit](const Content& content, const server::DeskAnswer& answer) {
        const server::LogField method("method", content.head.method);
        const server::LogField path("path", content.path());
        const server::LogField status("status", answer.status);
        log.write_at_most(1, net::now(), LogLevel::Warn, "admin refused", {method, path, status});
        if (audit != nullptr) audit->write_stranger("admin refused", {method, path, status}, net::now());
    };
    return {.on_asked = on_asked, .on_turned_away = on_turned_away};
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
    const auto fail = [&](const Error& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.message.c_str());
        return error.blame == Blame::Caller ? 2 : 1;
    };
    server::RunOptions run;
    if (const auto answer = server::parse_flags(argc, argv, server.options(), run)) return say(*answer);
    std::string admin_token;
    if (run.admin.port != 0) {
        auto token = server::read_admin_token(run.admin);
        if (!token) return fail(token.error());
        admin_token = std::move(*token);
    }
    if (auto listening = server.listen(); !listening) return fail(listening.error());

    server::Log log(run.log);
    using server::LogLevel;
    std::unique_ptr<server::AuditLog> audit;
    if (!run.audit.file.empty()) {
        auto opened = server::AuditLog::open(run.audit, net::wall_clock, [&log](const Error& error) {
            log.write(LogLevel::Error, "audit log not written", {{"reason", error.message}});
        });
        if (!opened) return fail(opened.error());
        audit = std::move(*opened);
    }
    server.state_->on_event = [&log, &audit](const server::GateEvent& event) {
        log.write(event, net::now());
        if (audit) audit->write(event, net::now());
    };
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
    server.state_->on_bans_failed = [&log](const Error& error) {
        log.write(LogLevel::Error, "bans not written", {{"reason", error.message}});
    };
    server.state_->on_reload_asked = [&audit] {
        if (audit) audit->reopen();
    };
    std::unique_ptr<server::AdminServer> admin;
    if (run.admin.port != 0) {
        auto started = server::AdminServer::start(
            static_cast<std::uint16_t>(run.admin.port), std::move(admin_token),
            server::make_desk(*server.state_->shards, *server.state_->site, log),
            events_of_admin(log, audit.get()));
        if (!started) return fail({started.error().blame, "admin port (--admin-port): " + started.error().message});
        admin = std::move(*started);
    }
    const server::AuthenticatorChoice& admission = server.state_->admission;
    const server::Signals signals(server, server.options().tls.enabled() || admission.authenticator.reload || audit);
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
               {"admin_port", run.admin.port},
               {"seed", options.seed}});
    std::printf("listening on %s (%d Hz, %u bots)\n", url.c_str(), options.tick_rate, options.bots);
    std::fflush(stdout);

    const auto ended = server.run();
    alarm(0);
    admin.reset();
    log.write_left_out();
    if (!ended) {
        log.write(LogLevel::Error, "failed", {{"reason", ended.error().message}});
        return 1;
    }
    log_totals(log, server.state_->gate_counters, server.state_->room_counters);
    return 0;
}

}  // namespace tidewire
