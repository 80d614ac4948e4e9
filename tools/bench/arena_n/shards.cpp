// shards: how long one large room takes to write to everybody by one thread and by two, in interleaved pairs. The clients read nothing
// meanwhile, so that both cores are the server's.
#include <signal.h>

#include <map>

#include "tools/bench/arena_n/walkers.h"
#include "tools/bench/bench.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

struct ShardsOptions {
    std::size_t clients = 1000;
    Tick ticks = 150;
    std::size_t pairs = 5;
    std::uint32_t shards = 2;
};

struct SendFigures {
    double send_ms = 0;
    double cpu_ms_per_tick = 0;
    bool identical = true;  // all that was told to everybody was the same
    std::size_t told = 0;   // ticks that were compared
    int left_out = 0;
};

Result<SendFigures> send_figures(const ShardsOptions& options, std::uint32_t shards) {
    auto server = Process::start({"arena-n-serve", "--clients", std::to_string(options.clients), "--view", "all",
                                  "--shards", std::to_string(shards)},
                                 any_core);
    if (!server) return Unexpected{std::move(server).error()};
    const auto hello = nlohmann::json::parse(server->first_line(), nullptr, false);
    if (hello.is_discarded()) return unexpected(Blame::Machine, "the server did not start: " + server->first_line());
    auto walkers = arena_n::Walkers::create({.port = hello["port"],
                                             .clients = options.clients,
                                             .probes = 0,
                                             .digests = true,
                                             .receive_bytes = 2 * 1024 * 1024});
    if (!walkers) return Unexpected{std::move(walkers).error()};
    if (auto joined = walkers->join_all(); !joined) return Unexpected{std::move(joined).error()};
    if (auto ran = walkers->run_for(std::chrono::seconds(2)); !ran) return Unexpected{std::move(ran).error()};
    walkers->take_figures();
    server->signal(SIGUSR1);
    const double before = server->cpu_seconds();
    double after = before;
    if (auto held = walkers->hold_for(options.ticks, [&] { after = server->cpu_seconds(); }); !held)
        return unexpected(Blame::Machine, held.error().message + "; if the kernel does not hold so many unread bytes, raise "
                                                                 "net.ipv4.tcp_mem, or ask for fewer --clients or --ticks");
    SendFigures figures{.cpu_ms_per_tick = (after - before) * 1000 / options.ticks};
    std::map<Tick, std::pair<std::uint64_t, std::size_t>> told;
    for (const auto& [tick, hash] : walkers->take_figures().digests) {
        auto& [first, count] = told.try_emplace(tick, hash, 0).first->second;
        figures.identical = figures.identical && first == hash;
        ++count;
    }
    for (const auto& [tick, each] : told) figures.told += each.second == options.clients ? 1U : 0U;
    const auto said = nlohmann::json::parse(server->stop(), nullptr, false);
    if (said.is_discarded()) return unexpected(Blame::Machine, "the server told no figures");
    figures.send_ms = said["send_ms_p50"];
    figures.left_out = said["ticks_left_out"];
    return figures;
}

}  // namespace

void add_shards(CLI::App& app, int& exit_code) {
    static ShardsOptions options;
    CLI::App* const command = app.add_subcommand("shards", "One large room: its writes by one thread, and by several");
    command->add_option("--clients", options.clients, "In the room")->check(CLI::Range(1, 32767))->capture_default_str();
    command->add_option("--ticks", options.ticks, "In which the clients read nothing")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_option("--shards", options.shards, "Threads of the other server of a pair")
        ->check(CLI::Range(2, 64))
        ->capture_default_str();
    command->add_option("--pairs", options.pairs, "Interleaved; the medians are printed")->capture_default_str();
    command->callback([&exit_code] {
        std::vector<double> one_send, send, send_ratios, one_cpu, cpu, cpu_ratios;
        bool identical = true;
        std::size_t compared = 0;
        int left_out = 0;
        for (std::size_t i = 0; i < options.pairs; ++i) {
            const auto one = send_figures(options, 1);
            const auto several = send_figures(options, options.shards);
            if (!one || !several) {
                exit_code = fail(one ? several.error() : one.error());
                return;
            }
            one_send.push_back(one->send_ms);
            send.push_back(several->send_ms);
            send_ratios.push_back(several->send_ms / one->send_ms);
            one_cpu.push_back(one->cpu_ms_per_tick);
            cpu.push_back(several->cpu_ms_per_tick);
            cpu_ratios.push_back(several->cpu_ms_per_tick / one->cpu_ms_per_tick);
            identical = identical && one->identical && several->identical;
            compared += several->told;
            left_out += several->left_out + one->left_out;
        }
        print({{"bench", "shards"},
               {"clients", options.clients},
               {"shards", options.shards},
               {"one_send_ms_p50", median(one_send)},
               {"send_ms_p50", median(send)},
               {"send_ratio", median(send_ratios)},
               {"one_cpu_ms_per_tick", median(one_cpu)},
               {"cpu_ms_per_tick", median(cpu)},
               {"cpu_ratio", median(cpu_ratios)},
               {"ticks_left_out", left_out},
               {"ticks_told_to_all", compared},
               {"streams_identical", identical}});
    });
}

}  // namespace tidewire::bench
