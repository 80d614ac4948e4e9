// One room on one shard, as ServerBase makes them.
#include "tools/bench/arena_n/serve.h"

#include <signal.h>

#include <atomic>
#include <vector>

#include "sdk/net/system.h"
#include "server/gate/gate.h"
#include "server/runtime/shard.h"
#include "tools/bench/bench.h"
#include "tools/bench/stats.h"

namespace tidewire::bench::arena_n {

namespace {

std::atomic<bool> measure_anew = false;
server::ShardSignals* running = nullptr;
net::Waker* waking = nullptr;

double to_ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

/// Of ticks, from their beginning: until all clients' messages are made, and until all are written.
struct TickTimes {
    std::vector<double> told;
    std::vector<double> written;
    server::GateCounters before{};

    void begin(const server::GateCounters& counters) {
        told.clear();
        written.clear();
        before = counters;
    }
};

}  // namespace

Result<void> serve(const ServeOptions& options) {
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{std::move(waker).error()};
    auto listener = net::Listener::listen("127.0.0.1", 0);
    if (!listener) return Unexpected{std::move(listener).error()};
    const std::uint16_t port = listener->port();
    Field field(options.sight);
    const Game game = field.game();
    const ServerOptions server_options{.tick_rate = tick_rate,
                                       .players_max = options.clients,
                                       .entities_max = std::max<std::uint32_t>(options.clients, 64)};
    server::Gate gate(game, server_options, net::now());
    auto shard = server::Shard::create(gate, std::move(*listener), *waker);
    if (!shard) return Unexpected{std::move(shard).error()};

    server::ShardSignals signals;
    running = &signals;
    waking = &*waker;
    signal(SIGUSR1, [](int) { measure_anew = true; });
    signal(SIGTERM, [](int) {
        running->stop = true;
        waking->wake();
    });
    TickTimes times;
    print({{"port", port}});
    (*shard)->run(signals, {.on_event = {}, .on_reload = {}, .on_tick = [&](server::RoomNumber, const server::TickTimes& tick) {
                             if (measure_anew.exchange(false)) return times.begin(gate.counters());
                             times.told.push_back(to_ms(tick.told - tick.began));
                             times.written.push_back(to_ms(tick.written - tick.began));
                         }});
    const server::GateCounters counters = gate.counters();
    print({{"ticks", counters.ticks - times.before.ticks},
           {"ticks_dropped", counters.ticks_dropped - times.before.ticks_dropped},
           {"ticks_left_out", counters.ticks_left_out - times.before.ticks_left_out},
           {"tell_ms_p50", quantile(times.told, 0.5)},
           {"tick_ms_p50", quantile(times.written, 0.5)},
           {"tick_ms_p99", quantile(times.written, 0.99)}});
    return {};
}

}  // namespace tidewire::bench::arena_n
