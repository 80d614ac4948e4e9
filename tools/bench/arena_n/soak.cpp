// soak: crowds that come, play and go, with quiet between them, for as long as one likes: what a server keeps of them.
#include <signal.h>

#include <chrono>
#include <thread>

#include "sdk/net/system.h"
#include "tools/bench/arena_n/walkers.h"
#include "tools/bench/bench.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

struct SoakOptions {
    std::size_t clients = 500;
    double minutes = 15;
    int load_seconds = 25;
    int quiet_seconds = 8;
    std::uint32_t shards = 1;
};

/// One crowd, and the quiet behind it.
struct Cycle {
    double late_input_pct = 0;
    double input_margin_ms = 0;
    double state_ms_p50 = 0;  // from an input to its state
    double rss_mb = 0;        // at the end of the quiet
    std::size_t descriptors = 0;
    double quiet_cpu = 0;
};

Result<Cycle> run_cycle(const SoakOptions& options, std::uint16_t port, const Process& server, std::uint64_t seed) {
    Cycle cycle;
    {
        auto walkers = arena_n::Walkers::create({.port = port, .clients = options.clients, .seed = seed});
        if (!walkers) return Unexpected{std::move(walkers).error()};
        if (auto joined = walkers->join_all(); !joined) return Unexpected{std::move(joined).error()};
        if (auto ran = walkers->run_for(std::chrono::seconds(3)); !ran) return Unexpected{std::move(ran).error()};
        walkers->take_figures();
        if (auto ran = walkers->run_for(std::chrono::seconds(std::max(options.load_seconds - 3, 1))); !ran)
            return Unexpected{std::move(ran).error()};
        const arena_n::WalkerFigures figures = walkers->take_figures();
        cycle.late_input_pct =
            100 * ratio(static_cast<double>(figures.leads_late), static_cast<double>(figures.leads));
        cycle.input_margin_ms = figures.margin_ms / static_cast<double>(options.clients);
        cycle.state_ms_p50 = median(figures.input_to_state_ms);
    }
    std::this_thread::sleep_for(std::chrono::seconds(options.quiet_seconds / 2));
    const double cpu = server.cpu_seconds();
    const TimePoint began = net::now();
    std::this_thread::sleep_for(std::chrono::seconds(options.quiet_seconds - options.quiet_seconds / 2));
    cycle.quiet_cpu = (server.cpu_seconds() - cpu) / std::chrono::duration<double>(net::now() - began).count();
    cycle.rss_mb = static_cast<double>(server.resident_kib()) / 1024;
    cycle.descriptors = server.descriptors();
    return cycle;
}

nlohmann::ordered_json to_json(const Cycle& cycle) {
    return {{"late_input_pct", cycle.late_input_pct},
            {"input_margin_ms", cycle.input_margin_ms},
            {"input_to_state_ms_p50", cycle.state_ms_p50},
            {"quiet_rss_mb", cycle.rss_mb},
            {"quiet_descriptors", cycle.descriptors},
            {"quiet_cpu", cycle.quiet_cpu}};
}

Result<nlohmann::ordered_json> soak(const SoakOptions& options) {
    auto server = Process::start({"arena-n-serve", "--clients", std::to_string(options.clients), "--view", "all",
                                  "--shards", std::to_string(options.shards)},
                                 any_core);
    if (!server) return Unexpected{std::move(server).error()};
    const auto hello = nlohmann::json::parse(server->first_line(), nullptr, false);
    if (hello.is_discarded()) return unexpected(Blame::Machine, "the server did not start: " + server->first_line());
    const TimePoint end = net::now() + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(60 * options.minutes));
    std::vector<Cycle> cycles;
    while (net::now() < end) {
        auto cycle = run_cycle(options, hello["port"], *server, cycles.size() + 1);
        if (!cycle) return Unexpected{std::move(cycle).error()};
        print(to_json(*cycle));
        cycles.push_back(*cycle);
    }
    const auto said = nlohmann::json::parse(server->stop(), nullptr, false);
    if (said.is_discarded()) return unexpected(Blame::Machine, "the server told no figures");
    return nlohmann::ordered_json{{"bench", "soak"},
                                  {"clients", options.clients},
                                  {"shards", options.shards},
                                  {"cycles", cycles.size()},
                                  {"first", to_json(cycles.front())},
                                  {"last", to_json(cycles.back())},
                                  {"ticks_dropped", said["ticks_dropped"]}};
}

}  // namespace

void add_soak(CLI::App& app, int& exit_code) {
    static SoakOptions options;
    CLI::App* const command = app.add_subcommand("soak", "Crowds that come and go: what a server keeps of them");
    command->add_option("--clients", options.clients, "Of each crowd")->check(CLI::Range(1, 32767))->capture_default_str();
    command->add_option("--minutes", options.minutes, "Of all of them")->capture_default_str();
    command->add_option("--load-seconds", options.load_seconds, "Of each crowd")->capture_default_str();
    command->add_option("--quiet-seconds", options.quiet_seconds, "Between two")->capture_default_str();
    command->add_option("--shards", options.shards, "Threads of the server")->capture_default_str();
    command->callback([&exit_code] {
        const auto figures = soak(options);
        if (!figures) {
            exit_code = fail(figures.error());
            return;
        }
        print(*figures);
    });
}

}  // namespace tidewire::bench
