// One thread's event loop: accepts, reads, ticks and writes for one gate. All rules are the gate's; all waiting is here.
// It waits for those whose word counts at once, and reads the others, the players of a room, just before the room's tick: waking for
// each of their inputs would cost more than the inputs.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <unordered_map>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/net/poller.h"
#include "sdk/net/proxy_header_reader.h"
#include "sdk/net/socket.h"
#include "sdk/net/stream.h"
#include "sdk/net/waker.h"
#include "server/gate/fronts.h"
#include "server/gate/gate.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// What the program around the shard tells it: set a flag, then wake the waker. Safe in signal handlers.
struct ShardSignals {
    std::atomic<bool> stop = false;
    std::atomic<bool> reload = false;
};

/// One turn in which a room ticked.
struct TickTimes {
    TimePoint began;    ///< The tick was due, and what the players have said was not yet read.
    TimePoint told;     ///< What all clients are told was made.
    TimePoint written;  ///< And was written, as far as their streams took it.
};

/// What the shard tells the program, between turns. Each may be empty.
struct ShardCallbacks {
    std::function<void(const GateEvent&)> on_event;
    /// The certificate for new connections, after ShardSignals::reload; empty keeps the old one.
    std::function<std::optional<net::TlsContext>()> on_reload;
    std::function<void(const TickTimes&)> on_tick{};
};

struct ShardOptions {
    std::size_t accepts_per_turn_max = 64;             ///< A flood of connections must not hold up the tick.
    std::size_t read_bytes_max = 64 * 1024;            ///< Of one connection in one turn: the others are read too.
    Duration shut_down_max = std::chrono::seconds(2);  ///< From the stop to the end, whether clients answer or not.
};

class Shard {
public:
    /// `gate` and `waker` must outlive the shard. Errors: the machine has no descriptor left for the loop.
    static Result<Shard> create(Gate& gate, net::Listener listener, net::Waker& waker, ShardOptions options = {});

    /// Connections from these fronts begin with a PROXY header. `fronts` must outlive the shard.
    void set_proxy_protocol(const Fronts& fronts) { proxy_fronts_ = &fronts; }
    /// Accept wss:// by this certificate from now on.
    void set_tls(net::TlsContext tls) { tls_ = std::move(tls); }
    /// Runs until `signals.stop` is set and `waker` was woken; then closes all connections with 1001 and returns.
    void run(ShardSignals& signals, const ShardCallbacks& callbacks);

private:
    struct Peer {
        net::Stream stream;
        net::Interest interest;
        std::optional<net::ProxyHeaderReader> proxy_header{};  // while it is expected
        bool shut = false;                                     // our sending side
        bool notes_arrivals = false;
        bool at_ticks = false;  // it is in ticks_, not in live_
    };

    Shard(Gate& gate, net::Listener listener, net::Waker& waker, net::Poller live, net::Poller ticks,
          ShardOptions options);

    void wait_and_read(TimePoint until);
    /// Those who wait for the tick.
    void read_players();
    void look_at(const net::Poller::Ready& ready);
    void accept_waiting();
    /// The listener waits again once a tick has passed: descriptors may have become free.
    void watch_listener(bool watch);
    bool read_proxy_header(ConnectionId id, Peer& peer);
    void establish(ConnectionId id, Peer& peer);
    void read(ConnectionId id, Peer& peer);
    void write_ready();
    void write(ConnectionId id);
    void watch(ConnectionId id, Peer& peer, net::Interest interest);
    /// Moves it to the set in which it belongs now.
    void place(ConnectionId id, Peer& peer);
    net::Poller& set_of(const Peer& peer) { return peer.at_ticks ? ticks_ : live_; }
    void close(ConnectionId id);

    Gate* gate_;
    std::optional<net::Listener> listener_;  // until the shutdown
    net::Waker* waker_;
    net::Poller live_;   // wakes the shard
    net::Poller ticks_;  // of the room: looked at before its ticks
    ShardOptions options_;
    Bytes buffer_;                          // one for all connections: the gate is done with it when receive() returns
    const Fronts* proxy_fronts_ = nullptr;  // null: nobody sends a PROXY header
    std::optional<net::TlsContext> tls_;    // of new connections
    std::unordered_map<std::uint64_t, Peer> peers_;
    bool listener_watched_ = true;
    TimePoint players_read_{};  // before the last tick
};

}  // namespace tidewire::server
