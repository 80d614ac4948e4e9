// One connection of the gate: its WebSocket, its session, its player, and what the player is told of.
// What it says to the room and to the log it says at once; what it has to write waits to be polled. Between its Hello and its room it
// waits for a seat, perhaps at another gate, and reads nothing.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/core/session/server_session.h"
#include "sdk/core/ws/connection.h"
#include "server/gate/delivery.h"
#include "server/gate/gate_event.h"
#include "server/gate/membership.h"
#include "server/gate/pass.h"
#include "server/gate/room_feed.h"
#include "server/gate/site.h"
#include "server/room/fanout.h"
#include "server/room/room.h"

namespace tidewire::server {

class HostedRoom;
class Stand;

struct PeerIdentity {
    ConnectionId id;
    std::string address;
};

class Peer {
public:
    /// `site` and `events` must outlive the peer, and the room that it comes to. Whom the census does not welcome gets answers by HTTP,
    /// and never a session.
    Peer(PeerIdentity identity, Site& site, ConnectionCensus::Entry entry, std::deque<GateEvent>& events,
         TimePoint now);
    /// The player leaves, if the session has not ended yet.
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // Input.
    /// `arrived`: when the newest of the bytes came, now or before.
    void receive(MutableByteSpan bytes, TimePoint arrived, TimePoint now);
    void receive_eof(TimePoint now);
    void abort(std::string_view reason, TimePoint now);
    void handle_timeout(TimePoint now);
    /// The true client's, as a front in which the listener trusts has said.
    void set_address(std::string address);

    // The place among the connections.
    /// It holds a place that others may want, and has not shown yet that it wants to play.
    bool may_make_room() const { return entry_.verdict() == ConnectionCensus::Verdict::Welcome && !said_hello_ && !websocket_.finished(); }
    /// Ends, and gives its place back at once.
    void make_room(TimePoint now);

    // The seat.
    /// It has said Hello, and waits to be seated or turned away.
    bool seeks_seat() const { return seeks_seat_; }
    /// Precondition: it seeks a seat, and identify() was not called.
    const Applicant& applicant() const { return *applicant_; }
    /// It may come in, as this player. Before it sits.
    void identify(Pass pass);
    /// What it is told if its address or its player is banned by now. Precondition: identify() was called, and it does not sit yet.
    std::optional<std::string> refused_by_bans() const {
        return site_->bans.refusal(identity_.address, pass_->identity().subject);
    }
    void sit(HostedRoom& room, Seat seat, TimePoint now);
    void turn_away(ws::CloseCode code, std::string_view reason, TimePoint now);
    /// The same for who comes back: what it came for stays.
    void put_off(ws::CloseCode code, std::string_view reason, TimePoint now);
    /// It has said that it wants no seat, and to be told of rooms.
    bool lists_rooms() const { return lists_rooms_; }
    /// It is told of them, or why not. Precondition: it seeks a seat, and lists_rooms().
    void watch(TimePoint now);
    bool watches() const { return feed_ != nullptr && session_->state() == session::ServerState::Watching; }
    /// What has changed in them, unless it has yet to take what it was told before.
    void tell_rooms(std::span<const RoomListing> rooms, TimePoint now);
    /// It has lost a connection, and wants the session back that this names; empty when it joins anew.
    const std::optional<wire::Resume>& resumes() const { return resume_; }
    /// Precondition: it resumes(), and this is what the room has kept.
    void resume(HostedRoom& room, MembershipPointer membership, TimePoint now);
    /// Its player has come back by another connection: this one ends.
    MembershipPointer surrender(TimePoint now);
    /// Of a player; none for others.
    std::optional<SessionId> session() const {
        return membership_ && membership_->session.has_token() ? std::optional(membership_->session.id()) : std::nullopt;
    }
    /// Of a player; null for others.
    const Membership* membership() const { return membership_.get(); }
    /// The same to be kept, with what its session has counted.
    const Membership* member();
    /// The place among the connections of its address.
    const ConnectionCensus::Entry& place() const { return entry_; }
    /// It takes its seat along to another gate.
    void keep_seat(Seat seat) { seat_ = std::move(seat); }
    Seat take_seat() { return std::move(seat_); }
    /// It goes to another gate, whose news these are. Precondition: it seeks a seat.
    void move_to(std::deque<GateEvent>& events) { events_ = &events; }
    /// Null before it sits.
    HostedRoom* room() const { return room_; }
    /// It sits, and watches.
    bool spectates() const { return stand_ != nullptr; }

    // Commands.
    /// LeftOut: the client's rung, its window or what it has not taken yet does not allow this tick.
    enum class TickOutcome : std::uint8_t { NotPlaying, LeftOut, Delta, Keyframe };
    /// Queues the room's newest tick, unless an earlier one is still not written: state is never queued twice.
    TickOutcome send_tick(TimePoint now);
    /// Queues what the room has for this client, at once, behind whatever waits. False when it has nothing for it, or ends its session.
    bool send_event(const OutgoingEvent& event, TimePoint now);
    bool send_event(const SharedMessage& message, TimePoint now);
    /// To be called before the fan-out forgets its bodies: copies what is unsent.
    void retain_unsent();
    void shut_down(ws::CloseCode code, std::string_view reason, TimePoint now);

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
    /// Whose tick that is: its room's, or of its room's stand. Precondition: it sits.
    RoomNumber tick_set() const;
    ConnectionId id() const { return identity_.id; }
    /// Of this connection, nearly, without what it shares with others.
    std::size_t memory_bytes() const {
        return sizeof *this + websocket_.memory_bytes() + (delivery_ ? delivery_->memory_bytes() : 0) +
               (applicant_ ? applicant_->memory_bytes() : 0);
    }
    /// By the server's own pings; empty before the first answer.
    std::optional<Duration> rtt() const {
        return session_ && session_->rtt().samples() > 0 ? std::optional(session_->rtt().smoothed()) : std::nullopt;
    }
    /// Of a client that plays; empty for others.
    std::optional<Rung> rung() const { return player_ != 0 ? std::optional(delivery_->rung()) : std::nullopt; }

    /// The gate's mark: it stands in the list of connections to be written.
    bool listed = false;
    /// The gate's mark: it is about to go to another.
    bool departs = false;
    /// The gate's mark: its attempt to come back was counted.
    bool counted = false;

private:
    session::CloseHint hint_of(ws::CloseCode code) const;
    /// Of who is sent away by a server that stops: whoever comes back finds the session again.
    bool session_is_saved() const;
    TickOutcome tell_tick(TimePoint now);
    /// What it is told of: the newest tick of its room, or of its room's stand.
    Fanout& fanout() const;
    Tick newest_tick() const;
    HeldTickPointer hold_tick() const;
    /// Precondition: it is identified, and has a seat to watch.
    void watch(HostedRoom& room, Seat seat, TimePoint now);
    /// Closes the session for a fault that is not the client's word; what is due to it is left out.
    TickOutcome give_up(ws::CloseCode code, std::string_view why, TimePoint now, session::CloseHint hint = {});
    void pump(TimePoint now);
    /// Writes the next part, where there may be one.
    void pump_lane(TimePoint now);
    void pump_session(TimePoint now);
    void handle(const ws::Event& event, TimePoint now);
    void handle(session::ServerEvent& event, TimePoint now);
    void end_session(const session::ServerEvent& closed, TimePoint now);
    void push_input(session::ServerEvent& event);
    void take_acknowledgement();
    /// The tick that the server is at, with its fraction.
    double server_tick(TimePoint now) const;
    void answer_request(TimePoint now);
    void refused(int http_status, std::string_view reason);
    /// For the log, with who it is.
    void say(GateEvent event);
    void welcome(wire::Welcome::Resumed resumed, TimePoint now);
    /// The player is no more, as this event says.
    void leave(GateEvent left);
    bool surplus() const { return entry_.verdict() != ConnectionCensus::Verdict::Welcome; }

    PeerIdentity identity_;
    Site* site_;
    ConnectionCensus::Entry entry_;
    std::deque<GateEvent>* events_;
    HostedRoom* room_ = nullptr;  // once it sits, for good
    Stand* stand_ = nullptr;      // of its room, where it watches
    Seat seat_;
    ws::Connection websocket_;
    std::optional<session::ServerSession> session_;
    TimePoint arrived_{};    // of what is being received
    bool heard_ = false;     // the peer has said something
    bool answered_ = false;  // by HTTP, and told to the log where it should be
    bool seeks_seat_ = false;
    bool said_hello_ = false;
    bool lists_rooms_ = false;
    bool stalled_ = false;      // it was closed for what it did not read, and may come back
    bool surrendered_ = false;  // another connection has its player
    bool confirmed_ = false;    // the client has its token
    std::unique_ptr<Applicant> applicant_;  // from the request until it is known who it is
    std::unique_ptr<Pass> pass_;            // from then until it sits
    std::unique_ptr<RoomFeed> feed_;        // of who watches
    std::string player_name_;
    std::optional<wire::Resume> resume_;
    PlayerId player_ = 0;           // or a spectator's number
    MembershipPointer membership_;  // as long as it has that number
    ClientView view_;
    std::optional<Delivery> delivery_;  // from the join on
    TimePoint accepted_at_{};           // when the WebSocket was opened
};

}  // namespace tidewire::server
