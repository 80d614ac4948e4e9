// arena-n: the workload by which the servers of this field are compared, with a server and its clients in processes of their own.
#include <signal.h>
#include <sys/resource.h>

#include <map>

#include "sdk/net/system.h"
#include "tools/bench/arena_n/serve.h"
#include "tools/bench/arena_n/walkers.h"
#include "tools/bench/bench.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

constexpr Duration settling = std::chrono::seconds(10);  // what the joins made the server leave out comes back

struct ArenaNOptions {
    std::size_t clients = 500;
    std::string view = "all";
    int seconds = 10;
    std::size_t probes = 8;
    std::uint64_t seed = 1;
    std::uint32_t shards = 1;
    std::uint32_t spectators = 0;
    int spectator_delay_ms = 1000;
};

float half_extent_of(const ArenaNOptions& options) { return options.view == "all" ? 0 : std::stof(options.view); }

double own_cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Result<nlohmann::ordered_json> arena_n_figures(const ArenaNOptions& options) {
    auto server =
        Process::start({"arena-n-serve", "--clients", std::to_string(options.clients), "--view", options.view,
                        "--spectators", std::to_string(options.spectators), "--spectator-delay-ms",
                        std::to_string(options.spectator_delay_ms)},
                       0);
    if (!server) return Unexpected{std::move(server).error()};
    const auto hello = nlohmann::json::parse(server->first_line(), nullptr, false);
    if (hello.is_discarded()) return unexpected(Blame::Machine, "the server did not start: " + server->first_line());
    pin_to_core(1);
    auto walkers = arena_n::Walkers::create({.port = hello["port"],
                                             .clients = options.clients,
                                             .probes = options.probes,
                                             .spectators = options.spectators,
                                             .half_extent = half_extent_of(options),
                                             .seed = options.seed});
    if (!walkers) return Unexpected{std::move(walkers).error()};
    if (auto joined = walkers->join_all(); !joined) return Unexpected{std::move(joined).error()};
    if (auto ran = walkers->run_for(settling); !ran) return Unexpected{std::move(ran).error()};

    walkers->take_figures();
    server->signal(SIGUSR1);
    const double server_before = server->cpu_seconds();
    const double before = own_cpu_seconds();
    const TimePoint began = net::now();
    if (auto ran = walkers->run_for(std::chrono::seconds(options.seconds)); !ran)
        return Unexpected{std::move(ran).error()};
    const double seconds = std::chrono::duration<double>(net::now() - began).count();
    const double cpu = (server->cpu_seconds() - server_before) / seconds;
    const double client_cpu = (own_cpu_seconds() - before) / seconds;
    const arena_n::WalkerFigures figures = walkers->take_figures();
    const double rss_mb = static_cast<double>(server->resident_kib()) / 1024;
    const auto told = nlohmann::json::parse(server->stop(), nullptr, false);
    if (told.is_discarded()) return unexpected(Blame::Machine, "the server told no figures");

    const auto clients = static_cast<double>(options.clients);
    const double visible = ratio(static_cast<double>(figures.visible), static_cast<double>(figures.probe_ticks));
    return nlohmann::ordered_json{
        {"bench", "arena-n"},
        {"clients", options.clients},
        {"view", options.view},
        {"spectators", options.spectators},
        {"spectator_delay_ms", options.spectator_delay_ms},
        {"seconds", options.seconds},
        {"seed", options.seed},
        {"cpu", cpu},
        {"client_cpu", client_cpu},
        {"hz", static_cast<double>(figures.ticks) / seconds / clients},
        {"tell_ms_p50", told["tell_ms_p50"]},
        {"tick_ms_p50", told["tick_ms_p50"]},
        {"tick_ms_p99", told["tick_ms_p99"]},
        {"ticks_dropped", told["ticks_dropped"]},
        {"ticks_left_out", told["ticks_left_out"]},
        {"ticks_shed", told["ticks_shed"]},
        {"bytes_per_client_per_second", static_cast<double>(figures.bytes) / seconds / clients},
        {"entities_visible", visible},
        {"bytes_per_entity_per_tick",
         ratio(ratio(static_cast<double>(figures.tick_bytes), static_cast<double>(figures.ticks)), visible)},
        {"input_to_state_ms_p50", quantile(figures.input_to_state_ms, 0.5)},
        {"input_to_state_ms_p99", quantile(figures.input_to_state_ms, 0.99)},
        {"late_input_pct", 100 * ratio(static_cast<double>(figures.leads_late), static_cast<double>(figures.leads))},
        {"input_margin_ms", figures.margin_ms / clients},
        {"inputs_measured", figures.input_to_state_ms.size()},
        {"rss_mb", rss_mb}};
}

}  // namespace

void add_arena_n(CLI::App& app, int& exit_code) {
    static ArenaNOptions options;
    const auto add_common = [](CLI::App& command) {
        command.add_option("--clients", options.clients, "Each with an entity of its own")
            ->check(CLI::Range(1, 32767))
            ->capture_default_str();
        command
            .add_option("--view", options.view,
                        "all, or half of the side of the square that each client sees, in units")
            ->check(CLI::IsMember({"all", "250"}))
            ->capture_default_str();
        command.add_option("--spectators", options.spectators, "Who watch beside them, all of it")->check(CLI::Range(0, 32767))->capture_default_str();
        command.add_option("--spectator-delay-ms", options.spectator_delay_ms, "So much later")->check(CLI::Range(0, 600'000))->capture_default_str();
    };
    CLI::App* const command = app.add_subcommand("arena-n",
                                                 "Everybody moves in every tick: what a server of so many clients "
                                                 "takes. The server has core 0, they have core 1");
    add_common(*command);
    command->add_option("--seconds", options.seconds, "Measured, after ten to settle")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    command->add_option("--probes", options.probes, "Clients that decode all and measure")->capture_default_str();
    command->add_option("--seed", options.seed, "Of the inputs")->capture_default_str();
    command->callback([&exit_code] {
        const auto figures = arena_n_figures(options);
        if (!figures) {
            exit_code = fail(figures.error());
            return;
        }
        print(*figures);
    });
    CLI::App* const server = app.add_subcommand("arena-n-serve", "The server of arena-n, which starts it")->group("");
    add_common(*server);
    server->add_option("--shards", options.shards, "Threads")->capture_default_str();
    server->callback([&exit_code] {
        const auto served = arena_n::serve({.clients = static_cast<std::uint32_t>(options.clients),
                                            .sight = {.half_extent = half_extent_of(options)},
                                            .shards = options.shards,
                                            .spectators = options.spectators,
                                            .spectator_delay = std::chrono::milliseconds(options.spectator_delay_ms)});
        if (!served) exit_code = fail(served.error());
    });
}

}  // namespace tidewire::bench
