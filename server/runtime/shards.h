// All shards of a server: each a gate and its thread, the first in the thread of the caller. The rooms are spread over them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "server/gate/gate.h"
#include "server/gate/site.h"
#include "server/runtime/shard.h"
#include "tidewire/result.h"

namespace tidewire::server {

class Shards {
public:
    /// `site` must outlive them. `count` above 0. Errors: the machine has no descriptor left.
    static Result<std::unique_ptr<Shards>> create(Site& site, std::uint32_t count, net::Listener listener,
                                                  ShardOptions options = {});
    ~Shards();
    Shards(const Shards&) = delete;
    Shards& operator=(const Shards&) = delete;

    /// On the shard whose turn it is. Rooms of one shard tick one after another, not all at once. Before run().
    HostedRoom& open_room(RoomSetup setup);
    /// The same of a room that was saved. Errors: HostedRoom::restore()'s; the turn is still the next one's then.
    Result<HostedRoom*> restore_room(RoomSetup setup, const SavedGame& saved);
    void set_tls(const net::TlsContext& tls);
    /// To all shards, each in its own thread. Any thread, while this lives. How many have taken it.
    std::size_t post(const GateTask& task);

    /// Runs all until stop(), or until the last room has ended by itself, unless clients may open another. The callbacks come from several threads, on_event one
    /// at a time, and on_reload from the caller's. Errors: the machine has no thread for one of them; the others were ended.
    Result<void> run(const ShardCallbacks& callbacks);
    /// Drains, and ends then; called again it ends at once. Safe from any thread and in signal handlers.
    void stop();
    /// As the first stop(). False, and nothing has changed, where it was not the first. As safe.
    bool drain();
    /// Safe from any thread and in signal handlers.
    void reload();

    /// By stop(), and not since the last room has ended.
    bool stopped_by_caller() const { return stopped_; }
    std::size_t size() const { return members_.size(); }
    /// To be looked at while it does not run.
    Gate& gate(std::size_t number) { return *members_[number]->gate; }
    GateCounters counters() const;
    RoomCounters room_counters() const;

private:
    struct Member {
        Member(Site& site, std::uint32_t number, net::Waker own_waker, TimePoint now)
            : waker(std::move(own_waker)), gate(std::make_unique<Gate>(site, number, now)) {}
        net::Waker waker;
        ShardSignals signals;
        std::unique_ptr<Gate> gate;
        std::unique_ptr<Shard> shard;
    };

    explicit Shards(Site& site) : site_(&site) {}
    struct Turn {
        Gate* gate;
        TimePoint start;
    };
    Turn next_turn();
    /// As drain(), by nobody's word.
    void end();

    Site* site_;
    TimePoint start_{};  // of the first room
    std::vector<std::unique_ptr<Member>> members_;
    std::uint32_t rooms_ = 0;
    std::atomic<bool> stopped_ = false;
    std::mutex mutex_;  // of callbacks
};

}  // namespace tidewire::server
