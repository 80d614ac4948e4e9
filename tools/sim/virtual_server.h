// A whole game server and its clients in one process, in virtual time: gate and client peers, joined by pipes.
// No socket, thread, clock or sleep; the same seed is the same run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "sdk/core/wire/message.h"
#include "sdk/net/link_model.h"
#include "server/gate/gate.h"
#include "tools/sim/server_heap.h"

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
    bool dead = false;    // nothing comes through any more, and nobody is told
};

/// A client with its input source.
struct VirtualClient {
    std::unique_ptr<session::ClientPeer> peer;
    std::unique_ptr<VirtualStream> stream;
    /// How often the program calls poll(). Its frames take events, predict, and give inputs; bytes are read, answered and acknowledged at
    /// every instant whatever the frames do, as by the client's thread. 0: a frame at every instant, as a program that waits in update().
    Duration frame{0};
    /// Writes the aggregate of input 0; called in the frame when an input is due. `number` counts from 1.
    std::function<void(std::uint32_t number, std::byte* aggregate)> input;
    /// A client that lies changes its inputs here, before they leave. Of a link that takes all that is written.
    std::function<void(wire::InputMessage&)> forge;
    std::vector<session::ClientEvent> events;
    std::vector<session::ReceivedEvent> game_events;  ///< What the game was told of, in order.
    std::uint32_t inputs = 0;
    bool eof_told = false;
    bool over = false;  ///< It has finished, and its program has heard of it.
    TimePoint next_frame{};     ///< A program that hangs until then makes no frame before.
    TimePoint stopped_until{};  ///< By a debugger, its thread as well: nothing at all happens before.
    bool reading = true;        ///< False: a client that does not take its bytes.
    net::LinkOptions link{};    ///< Of its next stream, when it comes back.
    std::string address = "virtual";  ///< The same; one that is none counts with nobody's.
    bool network = true;        ///< False: its attempts reach nobody. See cut().
    std::uint32_t streams = 1;  ///< So far.

    session::ClientSession& session() { return peer->session(); }
    const session::ClientSession& session() const { return std::as_const(*peer).session(); }
    /// The Closed event, if it came.
    const session::ClientEvent* closed() const;
};

class VirtualServer {
public:
    VirtualServer(const Game& game, const ServerOptions& options, std::uint64_t seed,
                  server::RoomResources resources = {}, server::AdmissionSetup admission = {});
    ~VirtualServer();

    /// Connects with a handshake of its own schema. The client lives as long as the server.
    VirtualClient& connect_from(std::string address, net::LinkOptions link = {}, ClientOptions options = {},
                                const SchemaInfo* schema = nullptr);
    VirtualClient& connect(net::LinkOptions link = {}, ClientOptions options = {}, const SchemaInfo* schema = nullptr) {
        return connect_from("virtual", link, std::move(options), schema);
    }
    /// Connects without a client: raw bytes.
    VirtualStream& connect_raw(net::LinkOptions link = {}, std::string_view address = "virtual");
    /// Sends raw bytes at once.
    void send(VirtualStream& stream, std::string_view bytes);
    /// What has come down, up to now.
    std::string received(VirtualStream& stream);

    /// The client's connection breaks: both ends see a reset, whatever was on its way.
    void reset(VirtualClient& client);
    /// Nothing comes through any more, and nobody is told; neither does a new connection, until restore().
    void cut(VirtualClient& client);
    static void restore(VirtualClient& client) { client.network = true; }

    /// The server stops as a process does that is asked to: it drains, says good-bye, and is gone when all have gone or two seconds have
    /// passed. Whoever tries to connect is refused until start(). Then saved() has its first room, where that could be saved.
    void stop();
    /// A process of the same options begins, with the room as it was saved last. False: there is none, or it was refused; the room is anew.
    bool start();
    ServerOptions& options() { return options_; }  ///< Of the next start().
    const std::optional<Bytes>& saved() const { return saved_; }
    /// What the next start() finds.
    void set_saved(std::optional<Bytes> saved) { saved_ = std::move(saved); }
    bool up() const { return gate_ != nullptr; }

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
    /// Called with what a stream has taken of the server's bytes.
    std::function<void(const VirtualStream&, ByteSpan)> on_written;

private:
    /// The gate for one call, in which the memory counts as the server's.
    class Server {
    public:
        explicit Server(server::Gate& gate) : gate_(&gate) {}
        server::Gate* operator->() const { return gate_; }

    private:
        ServerCall call_;
        server::Gate* gate_;
    };
    Server server() const { return Server(*gate_); }

    TimePoint next_instant() const;
    TimePoint next_instant(const VirtualClient& client) const;
    bool ended(const VirtualClient& client) const;
    void reconnect(VirtualClient& client);
    void turn();
    void note_hashes();
    void deliver_up(VirtualStream& stream);
    void write_down(VirtualStream& stream);
    void tell_written(const VirtualStream& stream, std::span<const ByteSpan> parts, std::size_t count);
    void run_client(VirtualClient& client);
    void write_up(VirtualClient& client);
    void run_frame(VirtualClient& client);
    VirtualStream* stream_of(server::ConnectionId id);

    const SchemaInfo* schema_;
    Game game_;
    ServerOptions options_;
    server::RoomResources resources_;
    server::AdmissionSetup admission_;
    std::uint64_t seed_;
    std::uint32_t starts_ = 0;
    std::optional<Bytes> saved_;
    std::unique_ptr<server::Site> site_;  // of the gate
    TimePoint now_{std::chrono::seconds(1)};
    std::unique_ptr<server::Gate> gate_;
    std::vector<std::unique_ptr<VirtualClient>> clients_;
    std::vector<std::unique_ptr<VirtualStream>> raw_streams_;
    std::vector<std::uint64_t> hashes_;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace tidewire::sim
