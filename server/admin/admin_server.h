// The operator's port: HTTP/1.1 on loopback, for whoever has the token. It has a thread of its own, so that nothing that comes to it takes
// a moment of a shard's: what it asks of the shards goes through their mailboxes, and is done between two of their turns.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "sdk/core/base/bytes.h"
#include "sdk/net/poller.h"
#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "server/admin/admin_limits.h"
#include "server/admin/desk.h"
#include "server/admin/desk_routes.h"
#include "server/admin/http_exchange.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// For the audit log, from the thread of the port. The texts are those of the request: escape them.
struct AdminEvents {
    /// Somebody with the token has asked for this, and got this answer.
    std::function<void(const HttpExchange::Content&, const DeskAnswer&)> on_asked;
    /// Somebody without it.
    std::function<void(const HttpExchange::Content&, const DeskAnswer&)> on_turned_away;
};

class AdminServer {
public:
    /// Listens at 127.0.0.1, whatever the players' port does; port 0 takes a free one. `token` is a secret. Errors: the machine's.
    static Result<std::unique_ptr<AdminServer>> start(std::uint16_t port, std::string token, Desk desk, AdminEvents events,
                                                      AdminLimits limits = {});
    /// Waits for the request at hand.
    ~AdminServer();
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

    std::uint16_t port() const { return listener_.port(); }

private:
    struct Connection {
        net::Socket socket;
        HttpExchange exchange;
        net::Interest interest{.readable = true};
        bool shut = false;  // our sending side
        bool ended = false;  // theirs
    };
    using Connections = std::map<std::uint64_t, Connection>;

    AdminServer(net::Listener listener, net::Waker waker, net::Poller poller, std::string token, Desk desk,
                AdminEvents events, AdminLimits limits);
    void run();
    void accept(TimePoint now);
    /// Or not, for accept_pause.
    void watch_listener(bool watch, TimePoint now);
    /// Precondition: there is a connection.
    void make_room();
    void read(Connection& connection, TimePoint now);
    void answer(Connection& connection, TimePoint now);
    void write(Connection& connection, TimePoint now);
    /// After anything that has happened to it; what is over goes.
    void settle(Connections::iterator at, TimePoint now);

    net::Listener listener_;
    net::Waker waker_;
    net::Poller poller_;
    const std::string token_;
    const Desk desk_;
    const AdminEvents events_;
    const AdminLimits limits_;
    Connections connections_;  // by number, which rise: the first is the oldest
    std::uint64_t made_ = 0;
    TimePoint accept_again_at_ = never;
    Bytes buffer_ = Bytes(4096);
    std::atomic<bool> ending_ = false;
    std::thread thread_;  // last: it uses all of the above
};

/// Why this request is turned away before anybody looks at what it asks; empty: it may ask. Pages in browsers may not, nor whoever came by
/// a name that is not this machine's, nor whoever has not the token, which is compared in constant time.
std::optional<DeskAnswer> turn_away(const ws::Request& request, std::string_view token);

}  // namespace tidewire::server
