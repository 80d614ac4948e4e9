// A whole game server and its clients in one process, in virtual time: gate and client peers, joined by pipes.
// No socket, thread, clock or sleep; the same seed is the same run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "sdk/net/link_model.h"
#include "server/gate/gate.h"

namespace tidewire::sim {

/// A stream to the gate, with its two directions.
struct VirtualStream {
    VirtualStream(server::ConnectionId connection, net::LinkOptions link, std::uint64_t seed)
        : id(connection), up(link, seed * 2), down(link, seed * 2 + 1) {}

    server::ConnectionId id;
    net::LinkModel up;         // to the server
    net::LinkModel down;       // to the client
    bool client_shut = false;  // the client's end of file is behind what is still in `up`
    bool eof_told = false;
    bool server_shut = false;
    bool closed = false;  // the server let go of it
};

/// A client with its input source.
struct VirtualClient {
    std::unique_ptr<session::ClientPeer> peer;
    std::unique_ptr<VirtualStream> stream;
    /// How often the program calls poll(): nothing is read, answered or sent in between. 0: at every instant, as update() does.
    Duration frame{0};
    /// Writes the aggregate of input 0; called in the frame when an input is due. `number` counts from 1.
    std::function<void(std::uint32_t number, std::byte* aggregate)> input;
    std::vector<session::ClientEvent> events;
    std::vector<session::ReceivedEvent> game_events;  ///< What the game was told of, in order.
    std::uint32_t inputs = 0;
    bool eof_told = false;
    TimePoint next_frame{};
    bool reading = true;  ///< False: a client that does not take its bytes.

    session::ClientSession& session() { return peer->session(); }
    /// The Closed event, if it came.
    const session::ClientEvent* closed() const;
};

class VirtualServer {
public:
    VirtualServer(const Game& game, const ServerOptions& options, std::uint64_t seed,
                  server::RoomResources resources = {});

    /// Connects with a handshake of its own schema. The client lives as long as the server.
    VirtualClient& connect(net::LinkOptions link = {}, ClientOptions options = {}, const SchemaInfo* schema = nullptr);
    /// Connects without a client: raw bytes.
    VirtualStream& connect_raw(net::LinkOptions link = {});
    /// Sends raw bytes at once.
    void send(VirtualStream& stream, std::string_view bytes);
    /// What has come down, up to now.
    std::string received(VirtualStream& stream);

    void run_until(TimePoint end);
    void run_for(Duration duration) { run_until(now_ + duration); }

    TimePoint now() const { return now_; }
    server::Gate& gate() { return *gate_; }
    server::Room& room() { return gate_->room(); }
    std::vector<std::unique_ptr<VirtualClient>>& clients() { return clients_; }
    /// State hash of every tick from 1.
    const std::vector<std::uint64_t>& hashes() const { return hashes_; }
    std::vector<server::GateEvent> gate_events;
    /// Called after each client event, and after each tick.
    std::function<void(VirtualClient&, const session::ClientEvent&)> on_client_event;
    std::function<void()> on_tick;

private:
    TimePoint next_instant() const;
    void turn();
    void deliver_up(VirtualStream& stream);
    void write_down(VirtualStream& stream);
    void run_client(VirtualClient& client);
    VirtualStream* stream_of(server::ConnectionId id);

    const SchemaInfo* schema_;
    std::uint64_t seed_;
    TimePoint now_{std::chrono::seconds(1)};
    std::unique_ptr<server::Gate> gate_;
    std::vector<std::unique_ptr<VirtualClient>> clients_;
    std::vector<std::unique_ptr<VirtualStream>> raw_streams_;
    std::vector<std::uint64_t> hashes_;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace tidewire::sim
