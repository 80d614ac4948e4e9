// The part of a server that one shard runs, between bytes and rooms, without sockets, clocks or threads: connections, HTTP answers,
// sessions, rooms and their ticks. A shard pumps sockets through it; tests pump it in virtual time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "server/gate/gate_counters.h"
#include "server/gate/gate_event.h"
#include "server/gate/hosted_room.h"
#include "server/gate/site.h"
#include "server/gate/tick_times.h"
#include "server/room/resources.h"
#include "server/room/room.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

class Peer;

class Gate {
public:
    /// `site` must outlive the gate. It begins without rooms.
    Gate(Site& site, std::uint32_t shard, TimePoint now);
    /// A server of one gate, with one room of `game`. Precondition: Fronts::parse() accepts options.trusted_proxies. The first tick is due
    /// one period after `now`. `random` as the Site's.
    Gate(const Game& game, const ServerOptions& options, TimePoint now, RoomResources resources = {},
         AdmissionSetup admission = {}, RandomSource random = {});
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    // Rooms.
    /// What it shares with others: the directory of rooms above all.
    Site& site();
    /// Beside those that are ordered in the directory. The first tick is due one period after `start`. Precondition: the number was never
    /// used, and no other open room has the name.
    HostedRoom& open_room(RoomSetup setup, TimePoint start);
    /// The same of a room that was saved. Errors: HostedRoom::restore()'s; there is no such room then.
    Result<HostedRoom*> restore_room(RoomSetup setup, const SavedGame& saved, TimePoint start);
    /// The room of which a tick is due, the one that has waited longest first; empty when none is.
    std::optional<RoomNumber> due_room(TimePoint now) const;
    /// Runs the due ticks of one room, tells its clients of them, and looks at their deadlines. Call after receive() of what has arrived: a
    /// tick takes the inputs that are here. Ticks run in one go are told to clients as one.
    void run_room(RoomNumber room, TimePoint now);
    /// All that run_room() made was written. See LoadShedder and Metrics.
    void note_tick_times(RoomNumber room, const TickTimes& times);
    /// The room whose spectators are to be told of its last tick; empty when there is none, and while a tick is due: players come first.
    /// To be asked when what run_room() made was written, for the same reason.
    std::optional<RoomNumber> due_stand(TimePoint now) const;
    /// Call after receive() of what spectators have said.
    void run_stand(RoomNumber room, TimePoint now);
    /// All that run_stand() made was written.
    void note_stand_times(RoomNumber room, const StandTimes& times);
    /// A room that is gone, with all who were in it; each once.
    std::optional<RoomNumber> poll_closed_room();

    // Input.
    /// A stream was accepted. Beyond connections_max it only gets an answer by HTTP. Empty when even the reserve for those is
    /// used up, or after shut_down(): close the stream.
    std::optional<ConnectionId> accept(std::string_view peer_address, TimePoint now);
    /// The machine has no descriptor left, as `reason` says: so many had to be turned away unheard.
    void note_no_descriptor(std::string_view reason, std::uint64_t turned_away);
    /// What the kernel says of all its streams, about once a second. For metrics.
    void note_streams(const StreamFigures& figures);
    /// The true client's address, as the PROXY protocol of a trusted front has told it.
    void set_peer_address(ConnectionId connection, std::string_view address);
    void receive(ConnectionId connection, MutableByteSpan bytes, TimePoint now) {
        receive(connection, bytes, now, now);
    }
    /// `arrived`: when the newest of the bytes came, now or before; what came before the bytes before it counts as having come with them.
    void receive(ConnectionId connection, MutableByteSpan bytes, TimePoint arrived, TimePoint now);
    void receive_eof(ConnectionId connection, TimePoint now);
    /// The stream failed.
    void abort(ConnectionId connection, std::string_view reason, TimePoint now);
    /// Runs due ticks of all rooms, their spectators' turns, and deadlines. Call when poll_timeout() is due.
    void handle_timeout(TimePoint now);

    // From gate to gate: whose room lives on another shard goes there, and its stream with it.
    struct Departure {
        ConnectionId connection;
        std::uint32_t shard;
    };
    /// Each once. It goes by take() and adopt(), or take() and nothing, which ends it.
    std::optional<Departure> poll_departure();
    std::unique_ptr<Peer> take(ConnectionId connection);
    /// It keeps its id.
    void adopt(ConnectionId connection, std::unique_ptr<Peer> peer, TimePoint now);

    // Command.
    /// Called after each tick of the first room, before clients are told of it.
    void on_tick(std::function<void()> callback);
    /// Nobody joins any more. Rooms whose games ask for it have so long left; the others, and those who are in no room, end now with 1001.
    /// What was ordered before is done first: rooms end for their own reasons, and who was sent away has left before anything is saved.
    void drain(std::string_view reason, std::chrono::milliseconds left, TimePoint now);
    /// The same orders are done; then it closes every connection with 1001 and accepts no more. No room ticks any more.
    void shut_down(std::string_view reason, TimePoint now);

    // Output.
    /// Connections that have something to write, want their sending side shut or are finished, each once; empty when there
    /// are no more. A connection that took only part of its bytes comes again when it has more; write when the stream can.
    std::optional<ConnectionId> poll_ready();
    /// Valid until the next call for this connection, or the next tick of its room.
    std::span<const ByteSpan> poll_transmit(ConnectionId connection);
    void transmitted(ConnectionId connection, std::size_t bytes, TimePoint now);
    /// What is to be done with a connection that has nothing to write, or whose stream takes nothing.
    struct Standing {
        bool finished = false;        ///< The stream may be closed; call forget() then.
        bool wants_shutdown = false;  ///< All is written: shut the stream's sending side (TCP half-close) and read on until the peer closes.
        /// Of what room the next tick is early enough for what this connection says, if it is known then when it came; empty when it
        /// matters at once. Of who watches it is stand_of() the room, for the turn behind that tick.
        std::optional<RoomNumber> waits_for_tick{};
    };
    Standing standing(ConnectionId connection) const;
    void forget(ConnectionId connection);
    /// Who came and who left, for logs.
    std::optional<GateEvent> poll_event();
    /// Never later than the next tick.
    TimePoint poll_timeout() const;

    // State.
    std::size_t connection_count() const;
    /// What a connection takes, nearly, without what it shares with others.
    std::size_t memory_bytes(ConnectionId connection) const;
    std::size_t room_count() const;
    /// Those that have not ended.
    std::size_t rooms_running() const;
    /// The first. Precondition: there is one.
    Room& room();
    const Room& room() const;
    /// Null when it is not here.
    HostedRoom* find_room(RoomNumber number);
    /// In the order in which they were opened, those that have ended and are not empty among them.
    std::vector<HostedRoom*> all_rooms() const;
    /// Of all rooms that are or were here, and of those who were in none.
    GateCounters counters() const;
    RoomCounters room_counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::server
