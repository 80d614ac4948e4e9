// The server's half of a session with one client: whole messages and time go in, whole messages and events come out.
#pragma once

#include <optional>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/ring_queue.h"
#include "sdk/core/base/time.h"
#include "sdk/core/netcode/rtt.h"
#include "sdk/core/replication/code_tables.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/session/message_budget.h"
#include "sdk/core/session/ping_log.h"
#include "sdk/core/session/state.h"
#include "sdk/core/wire/codec.h"
#include "tidewire/result.h"
#include "tidewire/state.h"

namespace tidewire::session {

struct ServerSessionOptions {
    Duration hello_timeout =
        std::chrono::seconds(5);  ///< From the opened transport to Hello; a silent peer holds a slot no longer.
    wire::Limits wire{
        .message_bytes_max = 16 * 1024,
        .inflated_bytes_max = 0,
        .event_bytes_max =
            client_event_bytes_max};  ///< Clients send inputs, not worlds: nothing of theirs is worth inflating.
    /// Of ours that the client has not answered: whoever reads nothing must not be queued one a second. More than ten seconds' worth, after
    /// which it is given up, would be a client that answers none.
    std::size_t pings_unanswered_max = 10;
    MessageRates rates{};           ///< How often the client may say what.
    std::size_t events_max = 256;   ///< Not yet polled; the caller polls after every message.
    std::size_t transmit_max = 64;  ///< Messages not yet polled.
};

/// Only the fields of its kind count.
struct ServerEvent {
    enum class Kind : std::uint8_t {
        /// A Hello that fits: `player_name`, `token`, `spectates`, `room`, and `resume` of who comes back. Answer with welcome() or
        /// close(); where `lists_rooms` is set with watch() or close().
        Join,
        Desync,  ///< The client's state is not ours. `reason` names the difference; empty: it wants keyframes to compare with.
        Suspend,  ///< Nobody is looking at the client, or somebody does again: `suspended`.
        Input,    ///< `input_tick`, `input_type`, `view_tick`; the aggregate is in `input`.
        /// For the game: `event_type`, and its bytes in `event`, which replication's event codec decodes. `request` is the
        /// number that a Reply names; 0: nobody waits for one.
        Event,
        Closed,  ///< The session is over for this reason; the last event.
    };
    Kind kind = Kind::Closed;
    std::string player_name;
    std::string token{};  ///< Unchecked, and a secret.
    std::uint32_t input_tick = 0;
    std::uint16_t input_type = 0;
    Bytes input;
    std::uint16_t event_type = 0;
    Bytes event{};
    std::uint32_t request = 0;
    bool suspended = false;
    std::optional<wire::Resume> resume{};
    bool spectates = false;  ///< It wants to watch, and not to play.
    std::optional<RoomWish> room{};  ///< Empty: whichever. Most events are inputs, and it must cost them nothing.
    bool lists_rooms = false;
    bool lost = false;  ///< Closed: the transport was cut off, and nobody has said that it is over.
    bool by_client = false;  ///< Closed: `close_code` and `reason` are the client's own words, whatever they say; ours where it gave no reason.
    double view_tick = 0;  ///< What the player saw, with its fraction; 0: nothing yet.
    std::uint16_t close_code = 0;
    std::string reason;
};

/// What a player or a spectator is told that may come in.
struct ServerWelcome {
    PlayerId player = 0;  ///< 0: a spectator.
    std::uint16_t tick_rate = 0;
    Tick tick = 0;
    std::uint32_t entities_max = 0;
    const replication::CodeTables* code_tables = nullptr;  ///< Null: the built-in ones.
    const wire::Dictionary* dictionary = nullptr;
    ByteSpan session_token{};  ///< Empty: it cannot come back.
    Duration session_kept{0};
    wire::Welcome::Resumed resumed = wire::Welcome::Resumed::No;
    Tick ack_tick = 0;                  ///< What it has already; 0: nothing.
    std::uint32_t events_received = 0;  ///< Of its events and requests, in connections before.
    Duration delay{0};                  ///< Of what a spectator sees.
    MessageCounts* counts = nullptr;    ///< Where its messages are counted from now on, for as long as the session lives; null: nowhere.
    const MessageBudget* budget = nullptr;  ///< What its connection before has left of it, with `counts`; null: it has said nothing yet.
    RoomIdentity room{};
};

/// What a client that is sent away may do next.
struct CloseHint {
    Duration
        retry_after{};  ///< When another try is worth it; zero: nothing is known of that. To the millisecond, 49 days at most.
    bool keeps_session = false;  ///< Whoever comes back goes on.
};

/// Who has ended a transport.
enum class TransportEnd : std::uint8_t {
    ByUs,
    Cut,       ///< The other end or the network between, without a word; we too, for its silence.
    ByClient,  ///< The client, by a close frame, whose code and reason it chooses.
};

/// After any call that changes it: drain poll_transmit, then poll_event, then sleep no later than poll_timeout.
class ServerSession {
public:
    /// `layout` must outlive the session.
    ServerSession(const replication::Layout& layout, ServerSessionOptions options, TimePoint now);

    // Input.
    /// One whole binary message. Trouble in it goes through one funnel: a Goodbye and a close code to the peer, and Closed.
    /// `arrived`, if it is not just now: what a Pong tells, and what it was held since.
    void receive(ByteSpan message, TimePoint now) { receive(message, now, now); }
    void receive(ByteSpan message, TimePoint arrived, TimePoint now);
    void transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint now,
                          TransportEnd how = TransportEnd::ByUs);
    void handle_timeout(TimePoint now);

    // Commands.
    /// What is used and the client does not have is sent right behind. Precondition: state() == Joining, and a
    /// spectator is who asked for it.
    void welcome(const ServerWelcome& welcome, TimePoint now);
    /// The client is to be told of rooms, by tell() alone. Precondition: state() == Joining.
    void watch();
    /// Precondition: state() == Watching, or the session has ended.
    void tell(const wire::RoomList& rooms);
    /// Says why in a Goodbye and closes. At any state.
    void close(std::uint16_t close_code, std::string_view reason, TimePoint now, CloseHint hint = {});

    // Output.
    // Null when there is none. What it points to is the caller's until the next call of the same function: its memory is used again.
    Bytes* poll_transmit();
    ServerEvent* poll_event();
    TimePoint poll_timeout() const;
    /// Set from the moment when the session wants the transport closed; close it after poll_transmit() is drained. Its
    /// close code may stand in a close frame.
    const std::optional<ServerEvent>& wants_close() const { return wants_close_; }

    // State.
    ServerState state() const { return state_; }
    /// The newest tick that the client says it has applied; 0 before the first. Never above what note_written() told.
    Tick ack_tick() const { return ack_tick_; }
    /// The client was built with the server's very schema, not with one that it appends to. Known from Joining on.
    bool same_schema() const { return same_schema_; }
    /// A Tick message of this tick was written: acks up to it are believable.
    void note_written(Tick tick) { written_tick_ = tick; }
    /// Bytes of parts that the client says have come. Never falls, and never above what note_parts_written() told.
    std::uint64_t parts_received() const { return parts_received_; }
    /// So many bytes of parts were written since the session began.
    void note_parts_written(std::uint64_t bytes) { parts_written_ = bytes; }
    /// Events, requests and replies that went to the client, and those that it says have come. The latter never falls, and is never above.
    void note_events_written(std::uint32_t count) { events_written_ = count; }
    std::uint32_t events_acknowledged() const { return events_acknowledged_; }
    /// Of the client's, since the session began.
    std::uint32_t events_received() const { return events_received_; }
    /// What it may still say.
    const MessageBudget& budget() const { return budget_; }
    /// The client has said something since welcome(): it knows its token.
    bool heard() const { return heard_; }
    /// RTT by FlatBuffers pings that the server sends each second.
    const netcode::RttEstimator& rtt() const { return rtt_; }

private:
    void handle(const wire::Hello& message, TimePoint now);
    void handle(const wire::Goodbye& message, TimePoint now);
    void answer(const wire::Ping& message, TimePoint arrived, TimePoint now);
    void handle(const wire::Pong& message, TimePoint arrived);
    void handle(const wire::Desync& message, TimePoint now);
    void handle(const wire::Suspend& message, TimePoint now);
    void handle(const wire::InputMessage& message, TimePoint now);
    /// One more of these. False: they were too many, and the session is over.
    bool take(MessageClass kind, TimePoint now, std::size_t bytes = 0);
    void handle(const wire::Event& message, TimePoint now);
    void handle(const wire::Request& message, TimePoint now);
    void take_event(MessageClass kind, std::uint16_t type, ByteSpan data, std::uint32_t request, TimePoint now);
    /// Tells the peer why, and ends: the one funnel for the peer's faults and for close().
    void fail(std::uint16_t close_code, std::string reason, CloseHint hint = {});
    void end(ServerEvent closed);
    /// False: it failed, since the client says that it has what it cannot have.
    bool take_events_received(std::uint32_t count);
    /// `message` as wire::encode() has it.
    template <class Message>
    void transmit(const Message& message);
    /// A slot to fill in; null when the session failed for want of one.
    ServerEvent* notify();
    void notify(ServerEvent event);

    const replication::Layout* layout_;
    ServerSessionOptions options_;
    ServerState state_ = ServerState::Greeting;
    TimePoint deadline_;
    Tick ack_tick_ = 0;
    Tick written_tick_ = 0;
    std::uint64_t parts_received_ = 0;
    std::uint64_t parts_written_ = 0;
    std::uint32_t input_tick_ = 0;
    std::uint32_t events_written_ = 0;
    std::uint32_t events_acknowledged_ = 0;
    std::uint32_t events_received_ = 0;
    bool heard_ = false;
    bool same_schema_ = false;
    bool spectates_ = false;
    PingLog pings_;
    TimePoint next_ping_ = never;
    MessageBudget budget_;
    std::vector<std::uint64_t> known_resources_;  // of the client's
    netcode::RttEstimator rtt_;
    RingQueue<Bytes> transmit_;
    RingQueue<ServerEvent> events_;
    Bytes polled_message_;
    ServerEvent polled_event_;
    std::optional<ServerEvent> wants_close_;
};

}  // namespace tidewire::session
