// A client peer and the server's half of its session, joined by two links in virtual time: a game of one player without a
// server. The server half welcomes whoever says a good Hello and sends a snapshot of its world each tick.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "sdk/core/session/server_session.h"
#include "sdk/net/link_model.h"
#include "tests/support/whole_world.h"

namespace tidewire::test {

struct PairOptions {
    net::LinkOptions up{};    ///< Client to server.
    net::LinkOptions down{};  ///< Server to client.
    std::uint64_t seed = 1;
    ClientOptions client{};
    session::ServerSessionOptions server{};
    Duration server_clock{0};  ///< Server clock minus client clock.
    std::uint16_t tick_rate = 30;
    std::uint32_t entities_max = 1024;
    bool answers_hello = true;                  ///< False: the room never answers a Join.
    const SchemaInfo* client_schema = nullptr;  ///< Where it is not the server's.
};

/// Both directions with the same options.
PairOptions symmetric(net::LinkOptions link, std::uint64_t seed = 1);

class ServerHalf {
public:
    ServerHalf(const SchemaInfo& schema, const PairOptions& options, TimePoint now);

    void receive(MutableByteSpan bytes, TimePoint now);
    void receive_eof(TimePoint now);
    void handle_timeout(TimePoint now);
    /// Captures `world` and sends it to a client that plays.
    void tick(TimePoint now);
    /// Sends any bytes as one binary message: what a faulty server would.
    void send(ByteSpan message, TimePoint now);
    void pump(TimePoint now);
    TimePoint poll_timeout() const;

    replication::Layout layout;
    World world;
    replication::SnapshotRing snapshots{64};
    WholeWorld stream;
    ws::Connection connection;
    std::optional<session::ServerSession> session;
    std::vector<session::ServerEvent> events;  ///< All so far.
    Tick input_received = 0;   ///< The newest. It tells the client that they come as early as they should.
    bool input_fresh = false;  ///< One came since the last tick.
    Tick written = 0;          ///< The last tick written.

private:
    const PairOptions* options_;
};

class Pair {
public:
    explicit Pair(const SchemaInfo& schema, PairOptions options = {});
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    void run_for(Duration duration);
    TimePoint now() const { return now_; }
    /// The last client event is Closed: its data. Null before it.
    const session::ClientEvent* closed() const;

    PairOptions options;
    net::LinkModel up;
    net::LinkModel down;
    session::ClientPeer client;
    ServerHalf server;
    std::vector<session::ClientEvent> events;  ///< Of the client, all so far.
    std::function<void()> on_tick;             ///< Before each tick of the server: move its world.
    std::function<void(const session::ClientEvent&)> on_event;

private:
    bool turn();
    TimePoint server_now() const { return now_ + options.server_clock; }
    TimePoint next_instant() const;

    TimePoint now_;
    TimePoint next_tick_;
    bool server_told_end_ = false;
    bool client_told_end_ = false;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace tidewire::test
