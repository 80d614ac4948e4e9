// A TCP proxy whose connections are as bad as a model link: for real programs what the model is for virtual time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/net/connector.h"
#include "sdk/net/poller.h"
#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "tidewire/result.h"
#include "tools/badnet/way.h"

namespace tidewire::badnet {

/// A while in which a connection's links are others, such as a drop of the rate. Both since it was accepted.
struct Episode {
    Duration begin;
    Duration length;
    net::LinkOptions up{};
    net::LinkOptions down{};
};

struct ProxyOptions {
    std::string target_host;
    std::uint16_t target_port = 0;
    net::LinkOptions up{};    ///< From who connects.
    net::LinkOptions down{};  ///< From the target.
    std::uint64_t seed = 1;   ///< Each connection has links of its own, made of this and its number.
    std::size_t connections_max = 4096;
    std::optional<Episode> episode{};
};

class Proxy {
public:
    static Result<Proxy> create(net::Listener listener, ProxyOptions options);

    std::uint16_t port() const { return listener_.port(); }
    std::size_t connection_count() const { return connections_.size(); }
    /// Runs until `waker` wakes it.
    void run(net::Waker& waker);

private:
    struct Connection {
        Connection(net::Socket accepted, net::Connector connector, const ProxyOptions& options, std::uint64_t seed,
                   TimePoint now);

        bool over() const { return up.broken() || down.broken() || (up.ended() && down.ended()); }

        net::Socket client;
        std::optional<net::Connector> connecting;
        net::Socket target;  // once connected
        Way up;
        Way down;
        TimePoint accepted_at;
        bool in_episode = false;
        bool episode_over = false;
        std::uint64_t key;
        int target_fd = -1;  // in the poller
        net::Interest client_interest{};
        net::Interest target_interest{};
    };

    Proxy(net::Poller poller, net::Listener listener, ProxyOptions options);
    void accept(TimePoint now);
    void change_links(Connection& connection, TimePoint now);
    /// When change_links() has something to do; `never` when not any more.
    TimePoint next_change(const Connection& connection) const;
    /// False when the connection is over.
    bool pump(Connection& connection, TimePoint now);
    bool connect(Connection& connection, TimePoint now);
    void watch(Connection& connection);
    TimePoint next_instant() const;

    net::Poller poller_;
    net::Listener listener_;
    ProxyOptions options_;
    std::uint64_t accepted_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace tidewire::badnet
