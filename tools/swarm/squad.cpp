// Wait, read who is ready, wake who is due.
#include "tools/swarm/squad.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/net/system.h"
#include "tools/bench/processor_time.h"

namespace tidewire::swarm {

namespace {

/// As much as a read takes at once.
constexpr std::size_t room_bytes = 256 * 1024;
/// Whether all shall leave is looked at this often.
constexpr Duration sleep_max = std::chrono::milliseconds(50);
/// A server that does not answer goodbyes is left anyway.
constexpr Duration leave_patience = std::chrono::seconds(3);

Duration to_duration(double seconds) { return Duration(static_cast<Duration::rep>(seconds * 1e6)); }

RoutineOptions routine_of(const SwarmOptions& options) {
    const auto clients = static_cast<double>(options.clients);
    RoutineOptions routine{.behaviour = options.behaviour};
    if (options.churn_rate > 0) routine.stay_mean = to_duration(clients / options.churn_rate);
    return routine;
}

/// The first of each of as many stretches.
bool is_probe(const SwarmOptions& options, std::size_t number) {
    const std::size_t probes = std::min(options.probes.value_or(options.clients), options.clients);
    if (number == 0) return probes > 0;
    return number * probes / options.clients != (number - 1) * probes / options.clients;
}

}  // namespace

Result<std::unique_ptr<Squad>> Squad::create(const SwarmGame& game, const net::Route& route,
                                             const SquadOptions& options) {
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{poller.error()};
    return std::make_unique<Squad>(std::move(*poller), game, route, options);
}

Squad::Squad(net::Poller poller, const SwarmGame& game, const net::Route& route, const SquadOptions& options)
    : poller_(std::move(poller)),
      room_(room_bytes),
      codecs_(game.schema()),
      surroundings_{.game = game,
                    .route = route,
                    .token = options.swarm.token,
                    .behaviour = options.swarm.behaviour,
                    .predict = options.swarm.predict,
                    .settle = options.swarm.settle,
                    .poller = poller_,
                    .room = room_,
                    .codecs = codecs_,
                    .tally = tally_},
      wakes_((options.swarm.clients + options.step - 1 - options.first) / options.step) {
    const RoutineOptions routine = routine_of(options.swarm);
    for (std::size_t number = options.first; number < options.swarm.clients; number += options.step) {
        const double share = static_cast<double>(number) / static_cast<double>(options.swarm.clients);
        const TimePoint join =
            options.begin + to_duration(share * static_cast<double>(options.swarm.ramp.count()) / 1e6);
        clients_.push_back(std::make_unique<Client>(surroundings_, clients_.size(),
                                                    ClientLife{.name = "swarm " + std::to_string(number + 1),
                                                               .routine = routine,
                                                               .seed = hash_combine(options.swarm.seed, number),
                                                               .first_join = join,
                                                               .decodes = is_probe(options.swarm, number)}));
        wakes_.set(clients_.size() - 1, join);
    }
}

void Squad::run(const std::atomic<bool>& leave) {
    const TimePoint begin = net::now();
    const double processor_before = bench::processor_us();
    while (!leave && !all_over()) turn();
    const double used = (bench::processor_us() - processor_before) / 1e6;
    const double lasted = std::chrono::duration<double>(net::now() - begin).count();
    tally_.cpu_seconds = used;
    tally_.busiest_share = used / std::max(lasted, 1e-6);
    const Histogram lag = tally_.lag;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const TimePoint now = net::now();
        clients_[i]->finish(now);
        wakes_.set(i, clients_[i]->poll_timeout());
    }
    const TimePoint end = net::now() + leave_patience;
    while (!all_over() && net::now() < end) turn();
    // Thousands of goodbyes at once are no measurement.
    tally_.lag = lag;
}

void Squad::turn() {
    TimePoint now = net::now();
    const TimePoint due = std::min(wakes_.poll_timeout(), now + sleep_max);
    for (const net::Poller::Ready& ready : poller_.wait(std::max(due - now, Duration(0))))
        turn(static_cast<std::size_t>(ready.key), net::now());
    now = net::now();
    while (const auto next = wakes_.pop(now)) {
        const TimePoint begin = net::now();
        tally_.lag.add(begin - next->at);
        turn(next->client, begin);
    }
}

void Squad::turn(std::size_t client, TimePoint now) {
    clients_[client]->turn(now);
    wakes_.set(client, clients_[client]->poll_timeout());
}

bool Squad::all_over() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& client) { return client->over(); });
}

}  // namespace tidewire::swarm
