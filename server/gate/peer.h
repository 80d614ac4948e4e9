// One connection of the gate: its WebSocket, its session, its player, and what the player is told of.
// What it says to the room and to the log it says at once; what it has to write waits to be polled.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/core/session/server_session.h"
#include "sdk/core/ws/connection.h"
#include "server/gate/delivery.h"
#include "server/gate/fronts.h"
#include "server/gate/gate_event.h"
#include "server/gate/tick_schedule.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

struct PeerIdentity {
    ConnectionId id;
    std::string address;
    bool surplus = false;  ///< Beyond connections_max: it gets answers by HTTP, and never a session.
};

class Peer {
public:
    /// `options`, `fronts`, `room`, `fanout` and `events` must outlive the peer.
    Peer(PeerIdentity identity, const ServerOptions& options, const Fronts& fronts, Room& room,
         const TickSchedule& schedule, const Fanout& fanout, std::deque<GateEvent>& events, TimePoint now);
    /// The player leaves, if the session has not ended yet.
    ~Peer();

    // Input.
    /// `arrived`: when the newest of the bytes came, now or before.
    void receive(MutableByteSpan bytes, TimePoint arrived, TimePoint now);
    void receive_eof(TimePoint now);
    void abort(std::string_view reason, TimePoint now);
    void handle_timeout(TimePoint now);
    /// The true client's, as a front in which the listener trusts has said.
    void set_address(std::string address) { identity_.address = std::move(address); }

    // Commands.
    /// LeftOut: the client's rung, its window or what it has not taken yet does not allow this tick.
    enum class TickOutcome : std::uint8_t { NotPlaying, LeftOut, Delta, Keyframe };
    /// Queues the room's newest tick, unless an earlier one is still not written: state is never queued twice.
    TickOutcome send_tick(Fanout& fanout, TimePoint now);
    /// Queues what the room has for this client, at once, behind whatever waits. False when it has nothing for it, or ends its session.
    bool send_event(const OutgoingEvent& event, TimePoint now);
    /// To be called before the fan-out forgets its bodies: copies what is unsent.
    void retain_unsent();
    void shut_down(std::string_view reason, TimePoint now);

    // Output.
    /// There is something to be polled.
    bool has_output() { return !websocket_.poll_transmit().empty(); }
    /// The stream can take it now.
    std::span<const ByteSpan> poll_transmit();
    void transmitted(std::size_t bytes, TimePoint now);
    bool wants_shutdown() const { return websocket_.wants_shutdown(); }
    bool finished() const { return websocket_.finished(); }
    TimePoint poll_timeout() const;
    /// Nothing that it says matters before the next tick: who plays, and gets nothing in parts, which its word drives.
    bool waits_for_tick() const;
    bool surplus() const { return identity_.surplus; }
    /// Of a client that plays; empty for others.
    std::optional<Rung> rung() const { return player_ != 0 ? std::optional(delivery_->rung()) : std::nullopt; }

    /// The gate's mark: it stands in the list of connections to be written.
    bool listed = false;

private:
    TickOutcome tell_tick(Fanout& fanout, TimePoint now);
    /// Closes the session for a fault that is not the client's word; what is due to it is left out.
    TickOutcome give_up(ws::CloseCode code, std::string_view why, TimePoint now);
    void pump(TimePoint now);
    /// Writes the next part, where there may be one.
    void pump_lane(TimePoint now);
    void pump_session(TimePoint now);
    void handle(const ws::Event& event, TimePoint now);
    void handle(session::ServerEvent& event, TimePoint now);
    void push_input(session::ServerEvent& event);
    void take_acknowledgement();
    /// The tick that the server is at, with its fraction.
    double server_tick(TimePoint now) const;
    void answer_request(TimePoint now);
    void refused(int http_status, std::string_view reason);
    /// For the log, with who it is.
    void say(GateEvent event);
    void join(const std::string& player_name, TimePoint now);
    void leave(std::uint16_t close_code, std::string_view reason);

    PeerIdentity identity_;
    const ServerOptions* options_;
    const Fronts* fronts_;
    Room* room_;
    const TickSchedule* schedule_;
    const Fanout* fanout_;
    std::deque<GateEvent>* events_;
    ws::Connection websocket_;
    std::optional<session::ServerSession> session_;
    TimePoint arrived_{};    // of what is being received
    bool heard_ = false;     // the peer has said something
    bool answered_ = false;  // by HTTP, and told to the log where it should be
    std::string player_name_;
    PlayerId player_ = 0;
    ClientView view_;
    std::optional<Delivery> delivery_;  // from the join on
    TimePoint accepted_at_{};           // when the WebSocket was opened
};

}  // namespace tidewire::server
