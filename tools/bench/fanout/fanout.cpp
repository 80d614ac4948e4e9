// fanout: a message of its own to each of many connections in each tick, and an input of each: CPU per message, beside a bare loop that
// moves the same bytes, in interleaved pairs.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "sdk/net/system.h"
#include "tidewire/websocket.h"
#include "tools/bench/bench.h"
#include "tools/bench/fanout/bare_fanout.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"
#include "tools/bench/ws_load.h"

namespace tidewire::bench {

namespace {

struct FanoutOptions {
    std::size_t connections = 1000;
    std::size_t input_bytes = 30;
    FanoutLoadShape shape{};
    int seconds = 5;
    std::size_t pairs = 7;
};

struct Measured {
    double us_per_message = 0;  // sent or received
    double switches_per_second = 0;
    double send_ms_p50 = 0;
};

Result<Measured> measure(const FanoutOptions& options, bool bare) {
    auto server = Process::start(
        {bare ? "bare-fanout" : "serve-fanout", "--bytes", std::to_string(options.shape.payload_bytes), "--connections",
         std::to_string(options.connections), "--tick-rate", std::to_string(options.shape.tick_rate)},
        0);
    if (!server) return Unexpected{server.error()};
    auto load = Load::open({.port = static_cast<std::uint16_t>(std::stoul(server->first_line())),
                            .connections = options.connections,
                            .payload_bytes = options.input_bytes});
    if (!load) return Unexpected{load.error()};
    const TickLoad ticks{.rate = options.shape.tick_rate, .answer_bytes = options.shape.payload_bytes};
    if (auto warm = load->run_ticks(ticks, std::chrono::seconds(1)); !warm) return Unexpected{warm.error()};
    const double cpu = server->cpu_seconds();
    const long switches = server->context_switches();
    const TimePoint began = net::now();
    const auto messages = load->run_ticks(ticks, std::chrono::seconds(options.seconds));
    if (!messages) return Unexpected{messages.error()};
    const double seconds = std::chrono::duration<double>(net::now() - began).count();
    return Measured{.us_per_message = (server->cpu_seconds() - cpu) * 1e6 / static_cast<double>(*messages),
                    .switches_per_second = static_cast<double>(server->context_switches() - switches) / seconds,
                    .send_ms_p50 = std::stod(server->stop())};
}

int serve_fanout(const FanoutOptions& options) {
    auto server = websocket::Server::listen({.address = "127.0.0.1"});
    if (!server) return fail(server.error());
    std::printf("%u\n", static_cast<unsigned>(server->port()));
    std::fflush(stdout);
    static std::atomic<bool> stopped = false;
    signal(SIGTERM, [](int) { stopped = true; });

    std::vector<websocket::ConnectionId> clients;
    const auto drain = [&] {
        std::size_t messages = 0;
        while (auto event = server->poll_event()) {
            if (event->kind == websocket::EventKind::Opened) clients.push_back(event->connection);
            if (event->kind == websocket::EventKind::Closed) std::erase(clients, event->connection);
            messages += event->kind == websocket::EventKind::Message;
        }
        return messages;
    };
    std::vector<std::byte> payload(options.shape.payload_bytes, std::byte{'x'});
    std::vector<double> send_ms;
    const Duration period = Duration(std::chrono::seconds(1)) / options.shape.tick_rate;
    TimePoint due = net::now() + period;
    for (std::uint64_t tick = 1; !stopped; ++tick, due += period) {
        // Who joins is answered at once; afterwards everybody waits for the tick.
        while (clients.size() < options.connections && net::now() < due && !stopped) {
            server->wait(std::chrono::duration_cast<std::chrono::milliseconds>(due - net::now()));
            drain();
        }
        std::this_thread::sleep_for(std::max(due - net::now(), Duration(0)));
        do server->wait(std::chrono::milliseconds(0));
        while (drain() > 0);
        const TimePoint began = net::now();
        for (const websocket::ConnectionId client : clients) {
            std::memcpy(payload.data(), &tick, sizeof tick);
            std::memcpy(payload.data() + 8, &client, 4);
            (void)server->send(client, websocket::MessageKind::Binary, payload);
        }
        drain();
        send_ms.push_back(std::chrono::duration<double, std::milli>(net::now() - began).count());
    }
    std::printf("%f\n", median(send_ms));
    return 0;
}

}  // namespace

void add_fanout(CLI::App& app, int& exit_code) {
    static FanoutOptions options;
    const auto add_common = [](CLI::App& command) {
        command.add_option("--connections", options.connections, "Clients")->capture_default_str();
        command.add_option("--bytes", options.shape.payload_bytes, "Payload of each client's own message in each tick")
            ->check(CLI::Range(126, 65535))
            ->capture_default_str();
        command.add_option("--tick-rate", options.shape.tick_rate, "Hz")
            ->check(CLI::Range(1, 128))
            ->capture_default_str();
    };
    CLI::App* const command =
        app.add_subcommand("fanout", "CPU per message of a server that ticks, beside a bare epoll loop");
    add_common(*command);
    command->add_option("--input-bytes", options.input_bytes, "Payload of each client's input, one in each tick")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    command->add_option("--seconds", options.seconds, "Of one run")->capture_default_str();
    command->add_option("--pairs", options.pairs, "Interleaved pairs; the medians are printed")->capture_default_str();
    command->callback([&exit_code] {
        pin_to_core(1);
        std::vector<double> ours, bare, ratios, switches, bare_switches, send_ms, bare_send_ms;
        for (std::size_t i = 0; i < options.pairs; ++i) {
            const auto mine = measure(options, false);
            const auto floor = measure(options, true);
            if (!mine || !floor) {
                exit_code = fail(mine ? floor.error() : mine.error());
                return;
            }
            ours.push_back(mine->us_per_message);
            bare.push_back(floor->us_per_message);
            ratios.push_back(mine->us_per_message / floor->us_per_message);
            switches.push_back(mine->switches_per_second);
            bare_switches.push_back(floor->switches_per_second);
            send_ms.push_back(mine->send_ms_p50);
            bare_send_ms.push_back(floor->send_ms_p50);
        }
        print({{"bench", "fanout"},
               {"connections", options.connections},
               {"bytes", options.shape.payload_bytes},
               {"input_bytes", options.input_bytes},
               {"tick_rate", options.shape.tick_rate},
               {"cpu_us_per_message", median(ours)},
               {"bare_cpu_us_per_message", median(bare)},
               {"ratio", median(ratios)},
               {"ratio_min", quantile(ratios, 0)},
               {"ratio_max", quantile(ratios, 1)},
               {"context_switches_per_second", median(switches)},
               {"bare_context_switches_per_second", median(bare_switches)},
               {"send_ms_p50", median(send_ms)},
               {"bare_send_ms_p50", median(bare_send_ms)}});
    });
    CLI::App* const ours = app.add_subcommand("serve-fanout", "The server of fanout, which starts it")->group("");
    CLI::App* const floor = app.add_subcommand("bare-fanout", "The bare loop of fanout, which starts it")->group("");
    add_common(*ours);
    add_common(*floor);
    ours->callback([&exit_code] { exit_code = serve_fanout(options); });
    floor->callback([&exit_code] { exit_code = bare_fanout(options.shape); });
}

}  // namespace tidewire::bench
