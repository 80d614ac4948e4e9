// The server computes on the first processor, proxy and clients on the second.
#include "tools/bench/netcode/sockets.h"

#include <algorithm>
#include <thread>

#include "sdk/net/system.h"
#include "tools/badnet/proxy.h"
#include "tools/bench/netcode/payload_game.h"
#include "tools/bench/netcode/stamped_server.h"
#include "tools/bench/process.h"
#include "tools/bench/stats.h"
#include "tools/sim/sample_game.h"

namespace tidewire::bench {

namespace {

constexpr Duration settled = std::chrono::seconds(2);

struct Measured {
    double cpu_seconds = 0;
    double p99_ms = 0;
};

Result<Measured> measure(const PairOptions& options, bool with_slow) {
    sim::SampleGame game(options.seed);
    auto server = StampedServer::start(
        game.game(), {.players_max = static_cast<std::uint32_t>(options.others + 1), .seed = options.seed});
    if (!server) return Unexpected{std::move(server).error()};
    auto crowd = Crowd::create();
    if (!crowd) return Unexpected{std::move(crowd).error()};
    for (std::size_t i = 0; i <= options.others; ++i) {
        const bool slow = i == options.others;
        // The pair differs in what the hundredth takes, not in how many there are.
        const auto joined = crowd->join((*server)->port(), sim::SampleSchema::info(), "p" + std::to_string(i),
                                        slow && with_slow ? options.slow : Appetite{});
        if (!joined) return Unexpected{joined.error()};
    }
    if (auto ran = crowd->run_until(net::now() + settled); !ran) return Unexpected{ran.error()};
    std::vector<double> times;
    crowd->on_snapshot = [&](std::size_t member, Tick tick, TimePoint now) {
        if (member != options.others) times.push_back(to_milliseconds(now - (*server)->began(tick)));
    };
    const double before = (*server)->cpu_seconds();
    if (auto ran = crowd->run_until(net::now() + options.length); !ran) return Unexpected{ran.error()};
    return Measured{(*server)->cpu_seconds() - before, quantile(std::move(times), 0.99)};
}

}  // namespace

Result<PairFigures> run_slow_peer_pairs(const PairOptions& options) {
    pin_to_core(1);
    std::vector<double> cpu_ratios;
    std::vector<double> p99_ratios;
    std::vector<double> cpu;
    std::vector<double> p99;
    for (int i = 0; i < options.pairs; ++i) {
        const bool slow_first = i % 2 == 1;
        auto first = measure(options, slow_first);
        if (!first) return Unexpected{first.error()};
        auto second = measure(options, !slow_first);
        if (!second) return Unexpected{second.error()};
        const Measured& with = slow_first ? *first : *second;
        const Measured& without = slow_first ? *second : *first;
        cpu_ratios.push_back(with.cpu_seconds / without.cpu_seconds);
        p99_ratios.push_back(with.p99_ms / without.p99_ms);
        cpu.push_back(without.cpu_seconds * 100 / (to_milliseconds(options.length) / 1000));
        p99.push_back(without.p99_ms);
    }
    return PairFigures{median(cpu_ratios), median(p99_ratios), median(cpu), median(p99)};
}

Result<RateDropFigures> run_rate_drop_sockets(const RateDropOptions& options) {
    constexpr Duration drop_at = std::chrono::seconds(5);
    PayloadGame game(options.noise_bytes, options.seed);
    auto server = StampedServer::start(game.game(), {.tick_rate = options.tick_rate, .seed = options.seed});
    if (!server) return Unexpected{std::move(server).error()};
    pin_to_core(1);
    auto listener = net::Listener::listen("127.0.0.1", 0);
    if (!listener) return Unexpected{std::move(listener).error()};
    const net::LinkOptions link{.latency = options.rtt / 2, .bytes_per_second = options.bytes_per_second};
    const net::LinkOptions dropped{.latency = options.rtt / 2, .bytes_per_second = options.dropped_bytes_per_second};
    auto proxy = badnet::Proxy::create(
        std::move(*listener),
        {.target_host = "127.0.0.1",
         .target_port = (*server)->port(),
         .up = link,
         .down = link,
         .seed = options.seed,
         .episode = badnet::Episode{.begin = drop_at, .length = options.drop, .up = dropped, .down = dropped}});
    if (!proxy) return Unexpected{std::move(proxy).error()};
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{std::move(waker).error()};
    std::thread proxy_thread([&] { proxy->run(*waker); });

    RateDropFigures figures;
    const Result<void> ran = [&]() -> Result<void> {
        auto crowd = Crowd::create();
        if (!crowd) return Unexpected{std::move(crowd).error()};
        const TimePoint begin = net::now();
        const TimePoint drop = begin + drop_at;
        const TimePoint end = drop + options.drop + std::chrono::seconds(8);
        Tick shown = 0;
        int in_drop = 0;
        int in_last_second = 0;
        crowd->on_snapshot = [&](std::size_t, Tick tick, TimePoint now) {
            if (now >= drop && shown != 0)
                figures.age_ms_max = std::max(figures.age_ms_max, to_milliseconds(now - (*server)->began(shown)));
            in_drop += now >= drop && now < drop + options.drop ? 1 : 0;
            in_last_second += now >= end - std::chrono::seconds(1) ? 1 : 0;
            shown = tick;
        };
        if (auto joined = crowd->join(proxy->port(), *game.game().schema, "player"); !joined) return joined;
        if (auto run = crowd->run_until(end); !run) return run;
        figures.ticks_per_second = in_drop * 1e3 / to_milliseconds(options.drop);
        figures.recovered_hz = in_last_second;
        const session::ClientCounters& counters = crowd->session(0).counters();
        figures.tick_bytes_mean =
            static_cast<double>(counters.bytes_received) / static_cast<double>(std::max<std::uint64_t>(1, counters.ticks));
        figures.playing = crowd->session(0).state() == session::ClientState::Playing;
        return {};
    }();
    waker->wake();
    proxy_thread.join();
    if (!ran) return Unexpected{ran.error()};
    return figures;
}

}  // namespace tidewire::bench
