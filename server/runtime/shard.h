// One thread's event loop: it accepts, reads, ticks and writes for one gate, and helps its neighbours with the writes of a large room.
// All rules are the gate's, and all sockets are in links.h.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/net/poller.h"
#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "server/gate/fronts.h"
#include "server/gate/gate.h"
#include "server/gate/peer.h"
#include "server/runtime/links.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/shared_work.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// What the program around the shard tells it: set a flag, then wake the waker. Safe in signal handlers.
struct ShardSignals {
    std::atomic<bool> stop = false;      ///< Drain, and end then.
    std::atomic<bool> stop_now = false;  ///< Beside `stop`: end without waiting for anybody.
    std::atomic<bool> reload = false;
};

/// What the shard tells the program, between turns and in its thread. Each may be empty.
struct ShardCallbacks {
    std::function<void(const GateEvent&)> on_event;
    /// The certificate for new connections of all shards, after ShardSignals::reload; empty keeps the old one.
    std::function<std::optional<net::TlsContext>()> on_reload;
    std::function<void(RoomNumber, const TickTimes&)> on_tick{};
};

struct ShardOptions {
    std::size_t accepts_per_turn_max = 64;  ///< A flood of connections must not hold up the tick.
    /// The machine is out of descriptors or memory: so long nobody is accepted, for some to become free.
    Duration accept_pause = std::chrono::milliseconds(50);
    Duration streams_noted_every = std::chrono::seconds(1);  ///< The kernel is asked for each connection.
    LinkLimits links{};
    std::size_t letters_max = 4096;  ///< Connections that other shards have handed over and that were not taken in yet.
    /// From the stop until rooms whose games ask for time are ended. See ServerOptions::drain_max.
    std::chrono::milliseconds drain_max = std::chrono::seconds(30);
    Duration shut_down_max = std::chrono::seconds(2);  ///< And then to the end, whether clients answer or not.
};

/// Something to be done with a shard's gate, in the shard's thread and between its turns.
using GateTask = std::function<void(Gate&)>;

class Shard {
public:
    /// `gate` and `waker` must outlive the shard. Errors: the machine has no descriptor left for the loop.
    static Result<std::unique_ptr<Shard>> create(Gate& gate, net::Listener listener, net::Waker& waker,
                                                 ShardOptions options = {});
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    /// Connections from these fronts begin with a PROXY header. `fronts` must outlive the shard.
    void set_proxy_protocol(const Fronts& fronts) { proxy_fronts_ = &fronts; }
    /// Accept wss:// by this certificate from now on.
    void set_tls(net::TlsContext tls) { tls_ = std::move(tls); }
    /// All shards of the server, this one among them, by their gates' numbers; they must not go before all have returned from run().
    void set_neighbours(std::vector<Shard*> all);
    /// Any thread. False when as much as can wait is waiting already. What is posted after run() has returned is never done.
    bool post(GateTask task);
    /// Runs until `signals.stop` is set and `waker` was woken; then drains its rooms, closes all connections with 1001 and returns.
    void run(ShardSignals& signals, const ShardCallbacks& callbacks);

private:
    /// A connection whose room lives here.
    struct Arrival {
        ConnectionId id{};
        std::unique_ptr<Peer> peer;
        std::unique_ptr<Links::Link> link;
    };
    using Letter = std::variant<Arrival, net::TlsContext, GateTask>;

    Shard(Gate& gate, net::Listener listener, net::Waker& waker, net::Poller live, ShardOptions options);

    /// Any thread.
    bool post(Letter& letter);

    void begin_to_stop(const ShardSignals& signals);
    bool stopped() const;
    void wait_and_read();
    void accept_waiting();
    void watch_listener(bool watch);
    void take_letters();
    void take_in(Arrival arrival);
    void send_departures();
    void run_due_rooms(const ShardCallbacks& callbacks);
    void run_room(RoomNumber room, const ShardCallbacks& callbacks);
    void run_stand(RoomNumber room);
    void help_neighbours();
    void note_streams();

    Gate* gate_;
    std::optional<net::Listener> listener_;  // until its rooms are drained
    net::Waker* waker_;
    ShardOptions options_;
    Links links_;
    const Fronts* proxy_fronts_ = nullptr;  // null: nobody sends a PROXY header
    std::optional<net::TlsContext> tls_;    // of new connections
    std::vector<Shard*> all_;               // by number; empty: it is alone
    Mailbox<Letter> mailbox_;
    std::vector<Letter> unposted_;  // and to whom; their mailbox was full
    std::vector<std::uint32_t> unposted_to_;
    SharedWork shared_writes_;
    bool listener_watched_ = true;
    std::uint64_t turned_away_ = 0;  // by the listener, as far as the gate knows
    TimePoint streams_noted_at_{};
    TimePoint accept_again_at_ = never;
    TimePoint drain_until_ = never;  // from the stop on
    TimePoint end_ = never;          // from when all were closed
};

}  // namespace tidewire::server
