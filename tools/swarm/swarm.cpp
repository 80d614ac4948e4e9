// A thread for each squad; the calling one reads metrics and the clock.
#include "tools/swarm/swarm.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/net/system.h"
#include "tools/swarm/machine.h"
#include "tools/swarm/metrics_fetch.h"
#include "tools/swarm/squad.h"

namespace tidewire::swarm {

namespace {

/// How often it is looked at whether there is anybody left.
constexpr Duration look_period = std::chrono::milliseconds(100);

/// Threads of squads, joined at the end.
class SquadThreads {
public:
    explicit SquadThreads(std::vector<std::unique_ptr<Squad>>& squads) : running_(squads.size()) {
        for (const auto& squad : squads)
            threads_.emplace_back([this, squad = squad.get()] {
                squad->run(leave_);
                --running_;
            });
    }
    ~SquadThreads() {
        leave_ = true;
        for (std::thread& thread : threads_) thread.join();
    }
    SquadThreads(const SquadThreads&) = delete;
    SquadThreads& operator=(const SquadThreads&) = delete;

    bool running() const { return running_ > 0; }

private:
    std::atomic<bool> leave_{false};
    std::atomic<std::size_t> running_;
    std::vector<std::thread> threads_;
};

}  // namespace

Result<Swarm> Swarm::prepare(const SwarmGame& game, SwarmOptions options) {
    auto url = net::parse_url(options.url);
    if (!url) return Unexpected{url.error()};
    if (auto allowed = allow_sockets(options.clients); !allowed) return Unexpected{allowed.error()};
    auto route = net::Route::find(std::move(*url), {}, options.tls);
    if (!route) return Unexpected{route.error()};
    return Swarm(game, std::move(options), std::move(*route));
}

Result<Outcome> Swarm::run(const net::Waker& stop, void (*complain)(const std::string& sentence)) {
    const auto metrics = [&]() -> std::optional<MetricsText> {
        if (!options_.metrics) return std::nullopt;
        auto text = fetch_metrics(route_);
        if (text) return std::move(*text);
        complain(text.error().message);
        return std::nullopt;
    };
    Outcome outcome{.clients = options_.clients};
    const auto before = metrics();
    const TimePoint begin = net::now();
    const TimePoint end = begin + options_.ramp + options_.length;
    std::vector<std::unique_ptr<Squad>> squads;
    for (std::size_t i = 0; i < options_.threads; ++i) {
        auto squad =
            Squad::create(*game_, route_, {.swarm = options_, .first = i, .step = options_.threads, .begin = begin});
        if (!squad) return Unexpected{squad.error()};
        squads.push_back(std::move(*squad));
    }
    outcome.rss_before_mb = resident_mb();
    {
        const SquadThreads threads(squads);
        for (TimePoint now = begin; threads.running() && now < end; now = net::now())
            if (net::wait(stop.fd(), {}, std::min(end - now, look_period))) break;
        outcome.seconds = std::chrono::duration<double>(net::now() - begin).count();
        outcome.rss_mb = resident_mb();
        if (before)
            if (const auto after = metrics()) outcome.server = figures_between(*before, *after);
    }
    for (const auto& squad : squads) outcome.tally.merge(squad->tally());
    return outcome;
}

}  // namespace tidewire::swarm
