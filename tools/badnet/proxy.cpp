// One thread: every turn pumps all connections. It is a tool for a developer's few clients, not a load balancer.
#include "tools/badnet/proxy.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/net/system.h"

namespace tidewire::badnet {

namespace {

constexpr std::uint64_t listener_key = 0;
constexpr std::uint64_t waker_key = 1;
constexpr std::uint64_t connection_key = 2;  // and up: it does not matter which
constexpr Duration retry_accept = std::chrono::milliseconds(100);

}  // namespace

Proxy::Connection::Connection(net::Socket accepted, net::Connector connector, const ProxyOptions& options,
                              std::uint64_t seed, TimePoint now)
    : client(std::move(accepted)),
      connecting(std::move(connector)),
      up(options.up, seed * 2, now),
      down(options.down, seed * 2 + 1, now),
      accepted_at(now),
      key(connection_key) {}

Result<Proxy> Proxy::create(net::Listener listener, ProxyOptions options) {
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{std::move(poller).error()};
    if (auto added = poller->add(listener.fd(), listener_key, {}); !added) return Unexpected{added.error()};
    return Proxy(std::move(*poller), std::move(listener), std::move(options));
}

Proxy::Proxy(net::Poller poller, net::Listener listener, ProxyOptions options)
    : poller_(std::move(poller)), listener_(std::move(listener)), options_(std::move(options)) {}

void Proxy::run(net::Waker& waker) {
    if (!poller_.add(waker.fd(), waker_key, {})) return;
    for (bool running = true; running;) {
        TimePoint now = net::now();
        const TimePoint next = next_instant();
        const auto ready = poller_.wait(next == never ? Duration::max() : std::max(Duration(0), next - now));
        now = net::now();
        bool knocks = false;
        for (const net::Poller::Ready& each : ready) {
            knocks = knocks || each.key == listener_key;
            if (each.key == waker_key) running = false;
        }
        if (knocks) accept(now);
        std::erase_if(connections_, [&](const std::unique_ptr<Connection>& each) {
            if (pump(*each, now)) return false;
            poller_.remove(each->client.fd());
            if (each->target_fd >= 0) poller_.remove(each->target_fd);
            return true;
        });
    }
    waker.reset();
    poller_.remove(waker.fd());
}

void Proxy::accept(TimePoint now) {
    while (connections_.size() < options_.connections_max) {
        auto accepted = listener_.accept();
        if (!accepted) {
            std::fprintf(stderr, "tidewire-badnet: %s\n", accepted.error().message.c_str());
            net::wait(-1, {}, retry_accept);
            return;
        }
        if (!*accepted) return;
        const std::string name = options_.target_host + ":" + std::to_string(options_.target_port);
        auto connector = net::Connector::start(options_.target_host, options_.target_port, name, now);
        if (!connector) {
            std::fprintf(stderr, "tidewire-badnet: %s\n", connector.error().message.c_str());
            continue;  // closes what was accepted
        }
        auto connection = std::make_unique<Connection>(std::move((*accepted)->socket), std::move(*connector), options_,
                                                       hash_combine(options_.seed, ++accepted_), now);
        if (!poller_.add(connection->client.fd(), connection->key, connection->client_interest)) continue;
        connections_.push_back(std::move(connection));
    }
}

TimePoint Proxy::next_change(const Connection& connection) const {
    if (!options_.episode) return never;
    const TimePoint begin = connection.accepted_at + options_.episode->begin;
    if (connection.in_episode) return begin + options_.episode->length;
    return connection.episode_over ? never : begin;
}

void Proxy::change_links(Connection& connection, TimePoint now) {
    if (now < next_change(connection)) return;
    connection.episode_over = connection.in_episode;
    connection.in_episode = !connection.in_episode;
    connection.up.set_link(connection.in_episode ? options_.episode->up : options_.up, now);
    connection.down.set_link(connection.in_episode ? options_.episode->down : options_.down, now);
}

bool Proxy::pump(Connection& connection, TimePoint now) {
    change_links(connection, now);
    if (connection.connecting && !connect(connection, now)) return false;
    if (!connection.connecting) {
        connection.up.pump(connection.client, connection.target, now);
        connection.down.pump(connection.target, connection.client, now);
        if (connection.over()) return false;
    }
    watch(connection);
    return true;
}

bool Proxy::connect(Connection& connection, TimePoint now) {
    auto connected = connection.connecting->advance(now);
    if (!connected) {
        std::fprintf(stderr, "tidewire-badnet: %s\n", connected.error().message.c_str());
        return false;
    }
    if (!*connected) return true;
    if (connection.target_fd >= 0) poller_.remove(connection.target_fd);
    connection.target_fd = -1;
    connection.target = std::move(**connected);
    connection.connecting.reset();
    return true;
}

void Proxy::watch(Connection& connection) {
    const bool connecting = connection.connecting.has_value();
    const int fd = connecting ? connection.connecting->fd() : connection.target.fd();
    const net::Interest client{.readable = !connecting && connection.up.wants_read(),
                               .writable = connection.down.wants_write()};
    const net::Interest target{.readable = !connecting && connection.down.wants_read(),
                               .writable = connecting || connection.up.wants_write()};
    if (client != connection.client_interest) poller_.modify(connection.client.fd(), connection.key, client);
    connection.client_interest = client;
    if (fd != connection.target_fd) {
        if (connection.target_fd >= 0) poller_.remove(connection.target_fd);
        connection.target_fd = poller_.add(fd, connection.key, target) ? fd : -1;
    } else if (target != connection.target_interest) {
        poller_.modify(fd, connection.key, target);
    }
    connection.target_interest = target;
}

TimePoint Proxy::next_instant() const {
    TimePoint next = never;
    for (const auto& each : connections_) {
        if (each->connecting)
            next = std::min(next, each->connecting->poll_timeout());
        else
            next = std::min({next, next_change(*each), each->up.next_arrival(), each->down.next_arrival()});
    }
    return next;
}

}  // namespace tidewire::badnet
