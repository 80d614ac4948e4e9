// hostile-peers: real players beside a thousand peers that never read or that trickle, and the same players alone, in turns.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/net/route.h"
#include "sdk/net/system.h"
#include "sdk/net/waker.h"
#include "server/gate/site.h"
#include "server/runtime/shards.h"
#include "tools/bench/arena_n/game.h"
#include "tools/bench/bench.h"
#include "tools/bench/hostile/hostile_peers.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"
#include "tools/swarm/metrics_fetch.h"
#include "tools/swarm/swarm.h"

namespace tidewire::bench {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct HostileBenchOptions {
    double minutes = 5;
    int phase_seconds = 30;
    std::size_t players = 200;
    std::size_t deaf = 500;
    std::size_t tricklers = 500;
};

/// What a connection may hold on the server, as sdk/SECURITY.md states it: 256 KiB unsent, a message of 16 KiB, and what is beside them.
constexpr double stated_bytes_per_peer = (256 + 16 + 64) * 1024.0;
/// Places for those who are sent away and, as a lost player does, keep theirs for a while.
constexpr std::uint32_t places = 16'000;

/// Anything that moves.
class Walker : public swarm::SwarmPlayer {
public:
    explicit Walker(std::uint64_t seed) : random_(seed) {}
    void steer(const swarm::Sight& sight, std::byte* input) override {
        if (sight.tick % 16 == 0) turn_ = static_cast<std::int8_t>(static_cast<int>(random_.below(255)) - 127);
        static_cast<::arena_n::Steer*>(static_cast<void*>(input))->turn = turn_;
    }

private:
    SeededRandom random_;
    std::int8_t turn_ = 0;
};

class WalkersGame : public swarm::SwarmGame {
public:
    const SchemaInfo& schema() const override { return ::arena_n::Schema::info(); }
    ApplyInput rules() const override { return {}; }
    std::unique_ptr<swarm::SwarmPlayer> make_player(Manner, std::uint64_t seed) const override { return std::make_unique<Walker>(seed); }
};

server::Shards* running = nullptr;

/// The server's process. Who is called "x" has no entity, so that the players see the same world with them and without.
Result<void> serve_hostile() {
    auto listener = net::Listener::listen("127.0.0.1", 0);
    if (!listener) return Unexpected{std::move(listener).error()};
    const std::uint16_t port = listener->port();
    arena_n::Field field(arena_n::Sight{});
    Game game = field.game();
    game.on_join = [join = game.on_join](ServerSim& sim, Player player) {
        if (player.name() != "x") join(sim, player);
    };
    server::Site site(::arena_n::Schema::info(),
                      {.tick_rate = arena_n::tick_rate, .players_max = places, .connections_max = places, .entities_max = 1024}, {}, {},
                      net::system_random());
    auto shards = server::Shards::create(site, 1, std::move(*listener));
    if (!shards) return Unexpected{std::move(shards).error()};
    (*shards)->open_room({.game = game});
    running = shards->get();
    signal(SIGTERM, [](int) { running->stop(); });
    print({{"port", port}});
    return (*shards)->run({.on_event = {}, .on_reload = {}});
}

/// What was seen in one phase, or in all of a sort.
struct Phases {
    swarm::Tally tally{};
    std::vector<double> cpu;            // of the server, a share of its core
    std::vector<double> age_p99;        // of each phase
    std::vector<double> rtt_p99;
    std::vector<double> rss_mb;
    std::vector<double> connections;    // at the end of each phase
    std::vector<double> gate_bytes;     // of all connections, as the server counts
    std::vector<double> ticks_shed;     // tick messages that the room left out, since it had too much to do
    HostileFigures hostile{};
};

/// Looks at the server while the players play: from when they have settled to when they are about to leave.
struct Sample {
    double cpu = 0;
    double rss_mb = 0;
    double connections = 0;
    double gate_bytes = 0;
    double ticks_shed = 0;
};

Sample sample(const Process& server, const net::Route& route, Duration settle, Duration length) {
    Sample seen;
    std::this_thread::sleep_for(settle);
    const auto shed = [](const auto& metrics) { return metrics ? metrics->sum("tidewire_ticks_shed_total").value_or(0) : 0; };
    const double shed_before = shed(swarm::fetch_metrics(route));
    const double before = server.cpu_seconds();
    const TimePoint began = net::now();
    std::this_thread::sleep_for(length);
    seen.cpu = (server.cpu_seconds() - before) / std::chrono::duration<double>(net::now() - began).count();
    seen.rss_mb = static_cast<double>(server.resident_kib()) / 1024;
    if (const auto metrics = swarm::fetch_metrics(route)) {
        seen.connections = metrics->sum("tidewire_shard_connections").value_or(0);
        seen.ticks_shed = shed(metrics) - shed_before;
        seen.gate_bytes = metrics->sum("tidewire_shard_memory_bytes").value_or(0);
    }
    return seen;
}

class Bench {
public:
    static Result<Bench> create(const HostileBenchOptions& options) {
        auto server = Process::start({"hostile-peers-serve"}, 0);
        if (!server) return Unexpected{std::move(server).error()};
        const auto hello = nlohmann::json::parse(server->first_line(), nullptr, false);
        if (hello.is_discarded()) return unexpected(Blame::Machine, "the server did not start: " + server->first_line());
        const std::uint16_t port = hello["port"];
        auto route = net::Route::find(net::parse_url("ws://127.0.0.1:" + std::to_string(port)).value(), {}, {});
        if (!route) return Unexpected{std::move(route).error()};
        return Bench(options, std::move(*server), port, std::move(*route));
    }

    /// One phase of players, beside hostile peers of this kind or none.
    Result<void> run(std::optional<HostileKind> kind, Phases& phases) {
        std::optional<HostilePeers> hostile;
        if (kind) {
            hostile.emplace(HostileOptions{.port = port_, .kind = *kind, .deaf = options_.deaf, .tricklers = options_.tricklers});
            // They are all there, and some have been sent away already.
            std::this_thread::sleep_for(seconds(8));
        }
        const Duration length = seconds(options_.phase_seconds);
        auto swarm = swarm::Swarm::prepare(game_, {.url = "ws://127.0.0.1:" + std::to_string(port_),
                                                   .clients = options_.players,
                                                   .length = length + seconds(3),
                                                   .ramp = seconds(2),
                                                   .seed = ++seed_});
        if (!swarm) return Unexpected{std::move(swarm).error()};
        auto waker = net::Waker::create();
        if (!waker) return Unexpected{std::move(waker).error()};
        Sample seen;
        std::thread sampler([&] { seen = sample(server_, route_, seconds(5), length - milliseconds(500)); });
        auto outcome = swarm->run(*waker, [](const std::string& sentence) { std::fprintf(stderr, "%s\n", sentence.c_str()); });
        sampler.join();
        if (!outcome) return Unexpected{std::move(outcome).error()};
        if (outcome->tally.joins_succeeded < options_.players || outcome->tally.disconnects.total() > 0)
            return unexpected(Blame::Machine, std::to_string(outcome->tally.joins_succeeded) + " of " + std::to_string(options_.players) +
                                                  " players came in, and " + std::to_string(outcome->tally.disconnects.total()) + " were lost");
        phases.age_p99.push_back(outcome->tally.state_age.quantile_ms(0.99).value_or(0));
        phases.rtt_p99.push_back(outcome->tally.rtt.quantile_ms(0.99).value_or(0));
        phases.tally.merge(outcome->tally);
        phases.cpu.push_back(seen.cpu);
        phases.rss_mb.push_back(seen.rss_mb);
        phases.connections.push_back(seen.connections);
        phases.gate_bytes.push_back(seen.gate_bytes);
        phases.ticks_shed.push_back(seen.ticks_shed);
        if (hostile) {
            const HostileFigures figures = hostile->stop();
            phases.hostile.connections += figures.connections;
            phases.hostile.sent_away += figures.sent_away;
            phases.hostile.refused += figures.refused;
            phases.hostile.joined += figures.joined;
        }
        return {};
    }

private:
    Bench(const HostileBenchOptions& options, Process server, std::uint16_t port, net::Route route)
        : options_(options), server_(std::move(server)), port_(port), route_(std::move(route)) {}

    HostileBenchOptions options_;
    Process server_;
    std::uint16_t port_;
    net::Route route_;
    WalkersGame game_;
    std::uint64_t seed_ = 0;
};

nlohmann::ordered_json to_json(const Phases& phases, const HostileBenchOptions& options) {
    const session::ClientCounters& inputs = phases.tally.settled;
    const double late = inputs.inputs == 0 ? 0 : 100.0 * static_cast<double>(inputs.inputs_late) / static_cast<double>(inputs.inputs);
    nlohmann::ordered_json figures{{"phases", phases.cpu.size()},
                                   {"seconds", phases.cpu.size() * static_cast<std::size_t>(options.phase_seconds)},
                                   {"server_cpu", median(phases.cpu)},
                                   {"state_age_ms_p50", phases.tally.state_age.quantile_ms(0.5).value_or(0)},
                                   {"state_age_ms_p99", phases.tally.state_age.quantile_ms(0.99).value_or(0)},
                                   {"rtt_ms_p50", phases.tally.rtt.quantile_ms(0.5).value_or(0)},
                                   {"rtt_ms_p99", phases.tally.rtt.quantile_ms(0.99).value_or(0)},
                                   {"late_input_pct", late},
                                   {"ticks_per_second", static_cast<double>(inputs.ticks) / std::max(phases.tally.client_seconds, 1e-9)},
                                   {"ticks_shed", median(phases.ticks_shed)},
                                   {"lag_ms_p99", phases.tally.lag.quantile_ms(0.99).value_or(0)},
                                   {"server_rss_mb", median(phases.rss_mb)},
                                   {"server_connections", median(phases.connections)}};
    return figures;
}

/// Beside what the players are alone.
nlohmann::ordered_json to_json(const Phases& phases, const Phases& alone, const HostileBenchOptions& options) {
    nlohmann::ordered_json figures = to_json(phases, options);
    const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
    const double hostile = std::max(median(phases.connections) - static_cast<double>(options.players), 1.0);
    const double held = median(phases.gate_bytes) - median(alone.gate_bytes);
    figures.update({{"server_cpu_ratio", ratio(median(phases.cpu), median(alone.cpu))},
                    {"state_age_p99_ratio", ratio(median(phases.age_p99), median(alone.age_p99))},
                    {"rtt_p99_ratio", ratio(median(phases.rtt_p99), median(alone.rtt_p99))},
                    {"gate_bytes_per_peer", held / hostile},
                    {"rss_bytes_per_peer", (median(phases.rss_mb) - median(alone.rss_mb)) * 1024 * 1024 / hostile},
                    {"stated_bytes_per_peer", stated_bytes_per_peer},
                    {"hostile_connections", phases.hostile.connections},
                    {"hostile_sent_away", phases.hostile.sent_away},
                    {"hostile_refused", phases.hostile.refused},
                    {"hostile_joined", phases.hostile.joined}});
    return figures;
}

Result<void> run_hostile_peers(const HostileBenchOptions& options) {
    auto bench = Bench::create(options);
    if (!bench) return Unexpected{std::move(bench).error()};
    pin_to_core(1);
    // The first joins warm up what later ones find.
    Phases warming;
    if (auto warmed = bench->run({}, warming); !warmed) return warmed;
    Phases alone;
    Phases strangers;
    Phases players;
    const auto rounds = static_cast<int>(std::max(1.0, options.minutes * 60 / (2 * options.phase_seconds) + 0.5));
    for (int i = 0; i < rounds; ++i) {
        if (auto ran = bench->run({}, alone); !ran) return ran;
        if (auto ran = bench->run(HostileKind::Strangers, strangers); !ran) return ran;
        if (auto ran = bench->run({}, alone); !ran) return ran;
        if (auto ran = bench->run(HostileKind::Players, players); !ran) return ran;
        // They had places, which are kept for a while.
        std::this_thread::sleep_for(ServerOptions{}.resume_within + seconds(1));
    }
    print({{"bench", "hostile-peers"},
           {"players", options.players},
           {"never_read", options.deaf},
           {"trickle", options.tricklers},
           {"alone", to_json(alone, options)},
           {"beside_strangers", to_json(strangers, alone, options)},
           {"beside_players", to_json(players, alone, options)}});
    return {};
}

}  // namespace

void add_hostile_peers(CLI::App& app, int& exit_code) {
    static HostileBenchOptions options;
    CLI::App* const command = app.add_subcommand(
        "hostile-peers", "Players beside peers that never read and that trickle, and alone, in turns. The server has core 0, all others core 1");
    command->add_option("--minutes", options.minutes, "Of all phases with hostile peers; as long again without")->capture_default_str();
    command->add_option("--phase-seconds", options.phase_seconds, "Measured in each phase")->check(CLI::Range(2, 3600))->capture_default_str();
    command->add_option("--players", options.players)->check(CLI::Range(1, 2000))->capture_default_str();
    command->add_option("--never-read", options.deaf)->check(CLI::Range(0, 5000))->capture_default_str();
    command->add_option("--trickle", options.tricklers)->check(CLI::Range(0, 5000))->capture_default_str();
    command->callback([&exit_code] {
        if (auto ran = run_hostile_peers(options); !ran) exit_code = fail(ran.error());
    });
    CLI::App* const server = app.add_subcommand("hostile-peers-serve", "The server of hostile-peers, which starts it")->group("");
    server->callback([&exit_code] {
        if (auto served = serve_hostile(); !served) exit_code = fail(served.error());
    });
}

}  // namespace tidewire::bench
