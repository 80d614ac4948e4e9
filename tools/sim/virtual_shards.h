// A server of several gates in virtual time: one site, a gate for each shard, and the connections that go from one to another, as
// server/runtime has them with sockets and threads. Who is at the other end of a line is for others to say.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/net/link_model.h"
#include "server/gate/gate.h"
#include "server/gate/peer.h"

namespace tidewire::sim {

/// One connection as the network between has it.
struct Line {
    Line(net::LinkOptions up_link, net::LinkOptions down_link, std::uint64_t seed, TimePoint now)
        : up(up_link, seed * 2, now), down(down_link, seed * 2 + 1, now) {}

    net::LinkModel up;    ///< To the server.
    net::LinkModel down;  ///< To the client.

    // What the client's end does.
    bool client_shut = false;   ///< Its end of file is behind what is still in `up`.
    bool client_reset = false;  ///< It has let go of the connection with bytes unread: the server is told of a reset.
    // What the network does.
    bool broken = false;  ///< Both ends see a reset.
    bool silent = false;  ///< Nothing comes through any more, and nobody is told.
    // What the server does.
    server::ConnectionId id{};
    bool server_shut = false;
    bool closed = false;  ///< It has let go of it.

    /// The server's end of file is there, or its reset.
    bool ended() const { return !silent && (broken || ((closed || server_shut) && down.next_arrival() == never)); }

private:
    friend class VirtualShards;
    std::uint32_t shard_ = 0;
    bool moving_ = false;
    bool end_told_ = false;
    bool waits_ = false;  // for room in `down`
};

/// Both ends hold it, and either may be gone before the other.
using LinePointer = std::shared_ptr<Line>;

class VirtualShards {
public:
    /// `schema` outlives it.
    VirtualShards(const SchemaInfo& schema, const ServerOptions& options, server::AdmissionSetup admission, std::uint64_t seed,
                  TimePoint now);
    /// As a process that is killed: whoever is connected sees a reset.
    ~VirtualShards();
    VirtualShards(const VirtualShards&) = delete;
    VirtualShards& operator=(const VirtualShards&) = delete;

    server::HostedRoom& open_room(server::RoomSetup setup, std::uint32_t shard, TimePoint now);
    /// False: it was turned away unheard.
    bool connect(const LinePointer& line, std::uint32_t shard, std::string_view address, TimePoint now);
    void drain(std::string_view reason, std::chrono::milliseconds left, TimePoint now);
    void shut_down(std::string_view reason, TimePoint now);

    /// All that is due: each shard reads, ticks, writes and sends away who belongs to another.
    void turn(TimePoint now);
    TimePoint next_instant() const;
    /// What gates tell, as it happens.
    std::function<void(const server::GateEvent&)> on_event;
    /// It is over, and what was its HostedRoom is gone.
    std::function<void(server::RoomNumber)> on_room_gone;

    server::Site& site() { return *site_; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(gates_.size()); }
    server::Gate& gate(std::uint32_t shard) { return *gates_[shard]; }
    std::size_t connection_count() const;
    /// On their way from one gate to another; those of them that have a seat.
    std::size_t moving() const { return letters_.size(); }
    std::size_t moving_with_seat() const;
    /// How many have gone from one gate to another, ever.
    std::uint64_t moves() const { return moves_; }
    /// Those that it has not let go of.
    const std::vector<LinePointer>& lines() const { return lines_; }
    /// Whether that shard's gate has it now.
    static bool is_at(const Line& line, std::uint32_t shard) { return line.shard_ == shard && !line.moving_ && !line.closed; }

private:
    struct Letter {
        LinePointer line;
        std::unique_ptr<server::Peer> peer;
        TimePoint arrives;
    };

    void turn(std::uint32_t shard, TimePoint now);
    void read(Line& line, server::Gate& gate, TimePoint now);
    void write(Line& line, server::Gate& gate, TimePoint now);
    void send_away(const server::Gate::Departure& departure, server::Gate& gate, TimePoint now);
    void take_letters(TimePoint now);
    LinePointer find(server::ConnectionId id) const;

    SeededRandom random_;
    std::unique_ptr<server::Site> site_;
    std::vector<std::unique_ptr<server::Gate>> gates_;
    std::vector<Letter> letters_;
    std::vector<LinePointer> lines_;
    std::uint64_t moves_ = 0;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace tidewire::sim
