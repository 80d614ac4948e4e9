// The clients of one thread and their loop: one readiness set, one queue of timers.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "sdk/net/poller.h"
#include "tools/swarm/client.h"
#include "tools/swarm/options.h"
#include "tools/swarm/wake_queue.h"

namespace tidewire::swarm {

struct SquadOptions {
    const SwarmOptions& swarm;
    std::size_t first;  ///< Of all clients it has this one, and each `step`-th after it.
    std::size_t step;
    TimePoint begin;  ///< When the first of all clients joins.
};

class Squad {
public:
    /// All of the arguments outlive it. Errors: the machine's.
    static Result<std::unique_ptr<Squad>> create(const SwarmGame& game, const net::Route& route,
                                                 const SquadOptions& options);

    /// create() is the way to it.
    Squad(net::Poller poller, const SwarmGame& game, const net::Route& route, const SquadOptions& options);
    Squad(const Squad&) = delete;
    Squad& operator=(const Squad&) = delete;

    /// Until `leave` is set and everybody has left, or until nobody will come any more.
    void run(const std::atomic<bool>& leave);
    /// After run().
    const Tally& tally() const { return tally_; }

private:
    /// What is ready and what is due; sleeps until there is something, or for a moment.
    void turn();
    void turn(std::size_t client, TimePoint now);
    bool all_over() const;

    net::Poller poller_;
    Bytes room_;
    session::SharedCodecs codecs_;
    Tally tally_;
    Surroundings surroundings_;
    std::vector<std::unique_ptr<Client>> clients_;
    WakeQueue wakes_;
};

}  // namespace tidewire::swarm
