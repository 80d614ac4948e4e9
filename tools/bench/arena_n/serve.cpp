// One room, as ServerBase makes it.
#include "tools/bench/arena_n/serve.h"

#include <signal.h>

#include <atomic>
#include <vector>

#include "sdk/net/system.h"
#include "server/gate/site.h"
#include "server/runtime/shards.h"
#include "tools/bench/bench.h"
#include "tools/bench/stats.h"

namespace tidewire::bench::arena_n {

namespace {

std::atomic<bool> measure_anew = false;
server::Shards* running = nullptr;

double to_ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

/// Of ticks, from their beginning: until all clients' messages are made, how long it takes to write them, and until all are written.
struct TickTimes {
    std::vector<double> told;
    std::vector<double> sent;
    std::vector<double> written;
    server::GateCounters before{};

    void begin(const server::GateCounters& counters) {
        told.clear();
        sent.clear();
        written.clear();
        before = counters;
    }
};

}  // namespace

Result<void> serve(const ServeOptions& options) {
    auto listener = net::Listener::listen("127.0.0.1", 0);
    if (!listener) return Unexpected{std::move(listener).error()};
    const std::uint16_t port = listener->port();
    Field field(options.sight);
    server::Site site(::arena_n::Schema::info(),
                      {.tick_rate = tick_rate,
                       .shards = options.shards,
                       .players_max = options.clients,
                       .spectators_max = options.spectators,
                       .spectator_delay = options.spectator_delay,
                       .entities_max = std::max<std::uint32_t>(options.clients, 64)},
                      {});
    auto shards = server::Shards::create(site, options.shards, std::move(*listener));
    if (!shards) return Unexpected{std::move(shards).error()};
    (*shards)->open_room({.game = field.game()});
    server::Gate& gate = (*shards)->gate(0);

    running = shards->get();
    signal(SIGUSR1, [](int) { measure_anew = true; });
    signal(SIGTERM, [](int) { running->stop(); });
    TickTimes times;
    print({{"port", port}});
    // The room is the first shard's: all ticks are told of in its thread.
    const auto ran = (*shards)->run({.on_event = {}, .on_reload = {}, .on_tick = [&](server::RoomNumber, const server::TickTimes& tick) {
                        if (measure_anew.exchange(false)) return times.begin(gate.counters());
                        times.told.push_back(to_ms(tick.told - tick.began));
                        times.sent.push_back(to_ms(tick.written - tick.told));
                        times.written.push_back(to_ms(tick.written - tick.began));
                    }});
    if (!ran) return ran;
    const server::GateCounters counters = gate.counters();
    print({{"ticks", counters.ticks - times.before.ticks},
           {"ticks_dropped", counters.ticks_dropped - times.before.ticks_dropped},
           {"ticks_left_out", counters.ticks_left_out - times.before.ticks_left_out},
           {"ticks_shed", counters.ticks_shed - times.before.ticks_shed},
           {"tell_ms_p50", quantile(times.told, 0.5)},
           {"send_ms_p50", quantile(times.sent, 0.5)},
           {"tick_ms_p50", quantile(times.written, 0.5)},
           {"tick_ms_p99", quantile(times.written, 0.99)}});
    return {};
}

}  // namespace tidewire::bench::arena_n
