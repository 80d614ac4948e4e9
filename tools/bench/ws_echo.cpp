// ws-echo: CPU per echoed message of the WebSocket server, beside a bare loop that moves the same bytes, in interleaved pairs.
#include <fstream>
#include <optional>

#include "tidewire/websocket.h"
#include "tools/bench/bare_echo.h"
#include "tools/bench/bench.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"
#include "tools/bench/ws_load.h"

namespace tidewire::bench {

namespace {

struct Options {
    std::size_t connections = 100;
    std::size_t bytes = 64;
    std::size_t messages = 200'000;
    std::size_t pairs = 7;
    bool tls = false;
    TlsServerOptions certificate;
};

std::vector<std::string> server_arguments(const Options& options, bool bare) {
    std::vector<std::string> arguments = {bare ? "bare-echo" : "echo", "--bytes", std::to_string(options.bytes)};
    if (options.tls) {
        arguments.insert(arguments.end(), {"--tls-certificate", options.certificate.certificate_file, "--tls-key",
                                           options.certificate.key_file});
    }
    return arguments;
}

/// CPU microseconds per message of one fresh server.
Result<double> measure(const Options& options, bool bare) {
    auto server = Process::start(server_arguments(options, bare), 0);
    if (!server) return Unexpected{server.error()};
    const auto port = static_cast<std::uint16_t>(std::stoul(server->first_line()));
    auto load = Load::open({.port = port,
                            .connections = options.connections,
                            .payload_bytes = options.bytes,
                            .messages = options.messages,
                            .tls = options.tls});
    if (!load) return Unexpected{load.error()};
    if (auto warm = load->run(options.messages / 10); !warm) return Unexpected{warm.error()};
    const double before = server->cpu_seconds();
    if (auto run = load->run(options.messages); !run) return Unexpected{run.error()};
    return (server->cpu_seconds() - before) * 1e6 / static_cast<double>(options.messages);
}

/// User-space memory of one idle connection: resident growth of a server from none to `connections`.
Result<double> idle_bytes(const Options& options) {
    auto server = Process::start(server_arguments(options, false), 0);
    if (!server) return Unexpected{server.error()};
    const auto port = static_cast<std::uint16_t>(std::stoul(server->first_line()));
    LoadOptions load_options{.port = port, .connections = 100, .payload_bytes = options.bytes, .tls = options.tls};
    // The first hundred pay for what all share: buffers, tables, the allocator's arenas.
    auto first = Load::open(load_options);
    if (!first) return Unexpected{first.error()};
    if (auto run = first->run(1000); !run) return Unexpected{run.error()};
    const long before = server->resident_kib();
    load_options.connections = options.connections;
    auto load = Load::open(load_options);
    if (!load) return Unexpected{load.error()};
    if (auto run = load->run(options.connections); !run) return Unexpected{run.error()};
    return static_cast<double>(server->resident_kib() - before) * 1024 / static_cast<double>(options.connections);
}

}  // namespace

int serve_echo(const TlsServerOptions& tls) {
    websocket::ServerOptions options;
    options.address = "127.0.0.1";
    options.tls = tls;
    // The load expects echoes only: connections that wait for the others to open must not be pinged.
    options.limits.ping_after_silence = std::chrono::minutes(10);
    options.limits.dead_after_silence = std::chrono::minutes(20);
    auto server = websocket::Server::listen(options);
    if (!server) return fail(server.error());
    std::printf("%u\n", static_cast<unsigned>(server->port()));
    std::fflush(stdout);
    while (server->wait(std::chrono::seconds(1)))
        while (auto event = server->poll_event())
            if (event->kind == websocket::EventKind::Message)
                (void)server->send(event->connection, event->message_kind, event->bytes);
    return 0;
}

void add_ws_echo(CLI::App& app, int& exit_code) {
    static Options options;
    CLI::App* command = app.add_subcommand("ws-echo", "CPU per echoed WebSocket message, beside a bare epoll loop");
    command->add_option("--connections", options.connections, "Connections, each with one message under way")
        ->capture_default_str();
    command->add_option("--bytes", options.bytes, "Payload of a message")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    command->add_option("--messages", options.messages, "Messages of one run")->capture_default_str();
    command->add_option("--pairs", options.pairs, "Interleaved pairs; the medians are printed")->capture_default_str();
    command->add_flag("--tls", options.tls, "Over TLS, beside a bare OpenSSL loop");
    command->callback([&exit_code] {
        pin_to_core(1);
        std::optional<TemporaryCertificate> certificate;
        if (options.tls) {
            certificate.emplace();
            options.certificate = certificate->options();
        }
        std::vector<double> ours, bare, ratios;
        for (std::size_t i = 0; i < options.pairs; ++i) {
            auto mine = measure(options, false);
            auto floor = measure(options, true);
            if (!mine || !floor) {
                exit_code = fail(mine ? floor.error() : mine.error());
                return;
            }
            ours.push_back(*mine);
            bare.push_back(*floor);
            ratios.push_back(*mine / *floor);
        }
        Options idle = options;
        idle.connections = 5000;
        auto idle_memory = idle_bytes(idle);
        if (!idle_memory) {
            exit_code = fail(idle_memory.error());
            return;
        }
        print({{"bench", "ws-echo"},
               {"connections", options.connections},
               {"bytes", options.bytes},
               {"tls", options.tls},
               {"cpu_us_per_message", median(ours)},
               {"bare_cpu_us_per_message", median(bare)},
               {"ratio", median(ratios)},
               {"ratio_min", quantile(ratios, 0)},
               {"ratio_max", quantile(ratios, 1)},
               {"idle_connections", idle.connections},
               {"idle_bytes_per_connection", *idle_memory}});
    });

    static Options served;
    CLI::App* echo = app.add_subcommand("echo", "The echo server of ws-echo; prints its port");
    CLI::App* floor = app.add_subcommand("bare-echo", "The bare loop of ws-echo; prints its port");
    for (CLI::App* server : {echo, floor}) {
        server->add_option("--bytes", served.bytes, "Payload of a message");
        server->add_option("--tls-certificate", served.certificate.certificate_file, "PEM file");
        server->add_option("--tls-key", served.certificate.key_file, "PEM file");
    }
    echo->callback([&exit_code] { exit_code = serve_echo(served.certificate); });
    floor->callback([&exit_code] {
        exit_code = served.certificate.enabled()
                        ? bare_tls_echo(served.bytes, served.certificate.certificate_file, served.certificate.key_file)
                        : bare_echo(served.bytes);
    });
}

}  // namespace tidewire::bench
