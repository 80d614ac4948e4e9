// The sockets of one shard: what comes from them goes to the gate, and what the gate has for them is written.
// It waits for those whose word counts at once, and looks at the others, the players of a room, just before the room's tick: waking for
// each of their inputs would cost more than the inputs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/net/poller.h"
#include "sdk/net/proxy_header_reader.h"
#include "sdk/net/stream.h"
#include "server/gate/connection_table.h"
#include "server/gate/gate.h"
#include "server/runtime/shared_work.h"
#include "tidewire/result.h"

namespace tidewire::server {

struct LinkLimits {
    std::size_t read_bytes_max = 64 * 1024;  ///< Of one connection in one turn: the others are read too.
    std::size_t shared_writes_min = 128;     ///< Connections to be written at once for which it pays to wake other threads.
};

class Links {
    struct RoomLinks;

public:
    /// A connection's stream and how it is waited for.
    struct Link {
        net::Stream stream;
        net::Interest interest{.readable = true};
        std::optional<net::ProxyHeaderReader> proxy_header{};  // while it is expected
        std::optional<net::TlsContext> tls{};                  // to be started behind that header
        bool shut = false;                                     // our sending side
        bool notes_arrivals = false;
        RoomLinks* at_ticks = nullptr;  // it is in that room's set, not in the live one
    };

    /// `gate` must outlive it.
    Links(Gate& gate, net::Poller live, LinkLimits limits);
    ~Links();

    /// Wakes the shard: who has just come, and what else it waits for. Keys of connections are their ids.
    net::Poller& live() { return live_; }
    /// Others who may help to write to many, and how to tell them that there is something to do.
    void share_writes(SharedWork& work, std::function<void()> offered);

    /// False when the machine has no memory left to wait for it: it is closed.
    bool add(ConnectionId id, std::unique_ptr<Link> link);
    /// It goes elsewhere, and is waited for no more. Null when it is gone.
    std::unique_ptr<Link> take(ConnectionId id);

    void look_at(const net::Poller::Ready& ready);
    /// Those who wait for this room's tick, or who watch it: see stand_of().
    void read_players(RoomNumber room);
    void write_ready();
    /// Asks the kernel for each: two system calls.
    StreamFigures stream_figures() const;
    /// Precondition: nobody waits for its ticks.
    void forget_room(RoomNumber room);

private:
    /// Of one room.
    struct RoomLinks {
        RoomNumber room;
        net::Poller poller;
        std::size_t count = 0;
        TimePoint read_at{};  // before the last tick
    };
    struct Write {
        ConnectionId id;
        Link* link;  // each stands here once, and closes only itself
        std::span<const ByteSpan> parts;
        net::Transfer transfer;
    };

    bool read_proxy_header(ConnectionId id, Link& link);
    void establish(ConnectionId id, Link& link);
    void read(ConnectionId id, Link& link);
    static bool can_write(const Link& link) {
        return !link.interest.writable && link.stream.established() && !link.proxy_header;
    }
    void write(ConnectionId id, Link& link);
    void write_together();
    void note_written(ConnectionId id, Link& link, const net::Transfer& transfer);
    void watch(ConnectionId id, Link& link, net::Interest interest);
    /// Moves it to the set in which it belongs now.
    void place(ConnectionId id, Link& link, std::optional<RoomNumber> waits_for_tick);
    RoomLinks* find_room(RoomNumber room);
    RoomLinks* room_links(RoomNumber room);
    bool enter(ConnectionId id, Link& link, RoomLinks* set);
    void leave_set(Link& link);
    net::Poller& set_of(const Link& link) { return link.at_ticks != nullptr ? link.at_ticks->poller : live_; }
    void close(ConnectionId id);

    Gate* gate_;
    LinkLimits limits_;
    net::Poller live_;
    std::unordered_map<RoomNumber, std::unique_ptr<RoomLinks>> rooms_;
    ConnectionTable<Link> links_;
    Bytes buffer_;  // one for all connections: the gate is done with it when receive() returns
    SharedWork* shared_work_ = nullptr;
    std::function<void()> offered_;
    std::vector<Write> writes_;  // to be used again
    std::function<void(std::size_t)> write_one_ = [this](std::size_t i) {
        writes_[i].transfer = writes_[i].link->stream.write(writes_[i].parts);
    };
};

}  // namespace tidewire::server
