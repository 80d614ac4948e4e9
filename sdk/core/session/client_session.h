// The client's half of a session: whole messages and time go in, whole messages and events come out. It knows no
// WebSocket, so it runs over a browser's as well as over our own.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/core/netcode/clock_sync.h"
#include "sdk/core/netcode/input_schedule.h"
#include "sdk/core/netcode/prediction.h"
#include "sdk/core/netcode/render_clock.h"
#include "sdk/core/netcode/stall_meter.h"
#include "sdk/core/netcode/tick_lead.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/replica.h"
#include "sdk/core/replication/snapshot.h"
#include "sdk/core/session/client_resources.h"
#include "sdk/core/session/event_limiter.h"
#include "sdk/core/session/incoming_events.h"
#include "sdk/core/session/part_assembly.h"
#include "sdk/core/session/ping_log.h"
#include "sdk/core/session/presence.h"
#include "sdk/core/session/reliable_log.h"
#include "sdk/core/session/request_log.h"
#include "sdk/core/session/sent_inputs.h"
#include "sdk/core/session/shared_codecs.h"
#include "sdk/core/session/state.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/token_bucket.h"
#include "tidewire/bulk.h"
#include "tidewire/latency.h"
#include "tidewire/options.h"
#include "tidewire/result.h"
#include "tidewire/state.h"

namespace tidewire::session {

/// Events of a client that the server has not answered for. Beyond, nothing more is sent: less than the burst that a server takes, and than
/// what a session has to send at once, for who comes back sends all at once.
inline constexpr std::size_t events_unacknowledged_max = 240;
/// The longest wait that a server's word is believed for.
inline constexpr std::chrono::milliseconds retry_after_max = std::chrono::hours(1);

struct ClientEvent {
    enum class Kind : std::uint8_t {
        Joined,    ///< Welcome arrived; player(), tick_rate() are known.
        Snapshot,  ///< A tick was applied: snapshots().newest().
        Desync,    ///< The state was not what the server says, and is again: `reason` names the difference.
        Lost,      ///< The transport is gone, for this `reason`, and the game may go on by another: see resumable().
        Resumed,   ///< It goes on.
        Closed,    ///< `close_code`, `reason` (a Goodbye's text where one came), `retry_after`: the last event.
    };
    Kind kind;
    std::uint16_t close_code = 0;
    std::string reason;
    /// When the server thinks another try worth it, an hour at most: whatever a server says, its players come back some day.
    std::optional<std::chrono::milliseconds> retry_after{};
};

/// What has passed, for overlays and metrics. Bytes are of messages, without WebSocket headers.
struct ClientCounters {
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t ticks = 0;      ///< Tick messages applied.
    std::uint64_t keyframes = 0;  ///< Keyframe bodies in them.
    std::uint64_t desyncs = 0;    ///< Hashes of the server's that the state did not have.
    std::uint64_t inputs = 0;     ///< Inputs sent.
    /// Of them, those that the server says came when their tick had run. Of inputs that came in one tick period it tells of the worst
    /// alone: they count as if they had come together, as they do after a stall.
    std::uint64_t inputs_late = 0;
};

/// After any call that changes it: drain poll_transmit, then poll_event, then sleep no later than poll_timeout.
class ClientSession {
public:
    /// `schema` must outlive the session.
    ClientSession(const SchemaInfo& schema, ClientOptions options, TimePoint now);

    // Input.
    /// At first, and again when the state is Lost.
    void transport_opened(TimePoint now);
    /// The transport is gone. What a Goodbye has said before stays the reason. Whoever was playing and may come back is Lost then.
    /// `by_peer`: it was ended by the other end or by the network between.
    void transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint now, bool by_peer = false);
    /// The transport that is about to be closed has said, in its own protocol, when another try is worth it.
    void note_retry_after(std::chrono::milliseconds retry_after);
    /// Nobody tries any more to open a transport for a session that is Lost.
    void give_up(std::string_view reason, TimePoint now);
    /// One whole binary message. Trouble in it goes through one funnel: a Goodbye and a close code to the peer, and Closed.
    void receive(ByteSpan message, TimePoint now);
    void handle_timeout(TimePoint now);

    // Commands.
    /// The rules that the server runs: own entities are predicted by them. Before Joined.
    void predict_by(ApplyInput rules) { rules_ = std::move(rules); }
    /// The program's frame: moves the clocks of the picture and of the inputs to `now`, and what is predicted to the newest snapshot.
    /// `shown` is the instant that the frame shows, close to `now` (FrameClock); it never falls. True when an input became due.
    /// Once it was called, a second without a call means that nobody looks (Presence::away_after), until the next one.
    bool advance(TimePoint now, TimePoint shown);
    bool advance(TimePoint now) { return advance(now, now); }
    /// Many sessions of one schema in one thread: they hold the code tables, half a megabyte each, together. Before Joined; `codecs`
    /// outlives the session.
    void share_codecs(SharedCodecs& codecs) { shared_codecs_ = &codecs; }
    /// Nobody wants the state: bodies are neither decoded nor checked, and snapshots have a tick and nothing else. All that is said to the
    /// server stays as it is. For tools that load one, because decoding is most of what a client costs. Before Joined.
    void ignore_state() { ignores_state_ = true; }
    /// Sends the input of every tick that is due. Ignored until Playing, and of a spectator. `aggregate` is of schema.inputs[type]; null:
    /// there is none to send for them.
    void send_due_inputs(std::uint16_t type, const std::byte* aggregate, TimePoint now);
    /// An event for the server's game, of schema.events[type]. Errors name the remedy: not Playing, a spectator, too large, too many.
    Result<void> send_event(std::uint16_t type, const void* aggregate, TimePoint now);
    /// The same, to be answered: see take_reply(). What could not be sent is answered by why.
    std::uint32_t send_request(std::uint16_t type, const void* aggregate, TimePoint now);
    /// Nobody looks: the server stops telling of its state and keeps the player. Before Playing it is told then.
    void suspend(TimePoint now);
    /// Somebody looks again: the next ticks bring the newest state.
    void resume(TimePoint now);
    void close(std::uint16_t close_code, std::string_view reason, TimePoint now);

    // Output.
    std::optional<Bytes> poll_transmit();
    std::optional<ClientEvent> poll_event();
    /// The oldest transfer of the server's application that is whole. Those that nobody takes count in bulk_bytes_max; beyond it the
    /// session ends (1013).
    std::optional<Bulk> poll_bulk();
    TimePoint poll_timeout() const;
    /// Set from the moment when the session wants the transport closed; close it after poll_transmit() is drained. Its
    /// close code may stand in a close frame.
    const std::optional<ClientEvent>& wants_close() const { return wants_close_; }
    /// Lost, or on the way back.
    bool lost() const { return state_ == ClientState::Lost || state_ == ClientState::Resuming; }
    /// Of a session that is lost(): what the server has said of another try, once.
    std::optional<std::chrono::milliseconds> take_retry_after() { return std::exchange(lost_retry_after_, std::nullopt); }
    /// Why the last transport is gone.
    const std::string& loss() const { return loss_; }

    /// Appends the events that came, or that the rules foresaw, since the last call.
    void take_events(std::vector<ReceivedEvent>& out) {
        if (incoming_) incoming_->take(out);
    }
    /// Empty while the request waits. Otherwise `aggregate`, which is of schema.events[type], is the reply, or there is none and why.
    std::optional<Result<void>> take_reply(std::uint32_t request, std::uint16_t type, void* aggregate) {
        return requests_.take(request, type, aggregate);
    }

    // State.
    ClientState state() const { return state_; }
    /// 0 before Joined, and of a spectator.
    PlayerId player() const { return welcome_.player; }
    bool spectates() const { return welcome_.spectates; }
    /// How much later than players a spectator sees the game.
    std::chrono::milliseconds spectator_delay() const { return std::chrono::milliseconds(welcome_.delay_ms); }
    std::uint16_t tick_rate() const { return welcome_.tick_rate; }
    const RoomIdentity& room() const { return welcome_.room; }
    /// By suspend(), or because the program makes no frames.
    bool suspended() const { return presence_.suspended(); }
    std::uint32_t entities_max() const { return welcome_.entities_max; }
    const replication::Layout& layout() const { return *layout_; }
    const replication::SnapshotRing& snapshots() const { return snapshots_; }
    /// The newest input that the server has received.
    Tick input_tick() const { return inputs_.arrived(); }
    /// How many inputs are due, as of the last advance().
    int inputs_due() const { return input_schedule_ ? input_schedule_->due() : 0; }
    /// When the next one becomes due; `never` before the first tick arrived and after the end.
    TimePoint next_input() const;
    /// The tick that the last frame shows, with its fraction; 0 before the first snapshot.
    double draw_tick() const;
    /// The tick at which it shows what is predicted; 0 before the first snapshot.
    double own_tick() const;
    /// Snapshots that the server had sent beyond the last that it knew to have arrived, when it sent the newest; as inputs tell it.
    std::size_t unacknowledged() const;
    /// Empty before Joined.
    const std::optional<netcode::TickLead>& tick_lead() const { return tick_lead_; }
    /// Empty before Joined.
    const std::optional<netcode::RenderClock>& render_clock() const { return render_clock_; }
    /// Null before Joined, without rules, and where the schema has nothing to predict.
    const netcode::Prediction* prediction() const { return prediction_.get(); }
    /// Of the transfer that is on its way; empty when none is.
    std::optional<BulkProgress> bulk_progress() const;
    Latency latency(TimePoint now) const;
    const ClientCounters& counters() const { return counters_; }
    EventCounters event_counters() const { return incoming_ ? incoming_->counters() : EventCounters{}; }
    /// How old the newest snapshot is now: the least one-way latency (half of the least round trip), and the time since
    /// the snapshot could have been here at the earliest. Zero before there is one.
    Duration snapshot_age(TimePoint now) const;

private:
    void handle(const wire::Welcome& message, TimePoint now);
    /// Whether the transport may go without the session. `kept`: by the server's word.
    bool resumable(bool kept) const;
    void lose(std::string_view reason);
    wire::Resume resume_of();
    void resume(const wire::Welcome& message, TimePoint now);
    /// As they are at a Welcome: nothing is known of the room's time.
    void begin_clocks();
    void begin_prediction();
    /// By what Welcome says of the room.
    void begin_room();
    /// Keeps it until the server has it, and sends it where there is somebody to send it to.
    Result<void> send_reliably(Bytes message, const std::string& name);
    void handle(const wire::Goodbye& message, TimePoint now);
    void handle(const wire::Ping& message, TimePoint now);
    void handle(const wire::Pong& message, TimePoint now);
    void handle(const wire::Resource& message, TimePoint now);
    void handle(const wire::TickMessage& message, TimePoint now);
    void handle(const wire::Event& message, TimePoint now);
    void handle(const wire::Reply& message, TimePoint now);
    /// The bytes of an event that may be sent now.
    Result<Bytes> outgoing(std::uint16_t type, const void* aggregate, TimePoint now);
    void handle(const wire::Part& part, TimePoint now);
    void handle_bulk(const wire::Part& part);
    /// A message as it came, or put together from parts.
    void take(ByteSpan message, TimePoint now);
    /// The snapshot that all bodies of the message make together.
    Result<replication::Snapshot> apply(const wire::TickMessage& message);
    /// Compares the state with the server's hash of it, and tells the server what differs.
    void check_state(const wire::TickMessage& message, TimePoint now);
    /// From the moment when the code tables are here.
    void begin_replica();
    /// Before the message's inputs count as arrived.
    void count_late_inputs(const wire::TickMessage& message);
    /// What the picture shows: a tick and 256ths of the way to the next.
    std::pair<Tick, std::uint8_t> viewed() const;
    /// What is shown, after the last advance(): in ticks.
    double shown_after() const;
    Duration tick_period() const { return Duration(std::chrono::seconds(1)) / welcome_.tick_rate; }
    void tell_suspended();
    void send_acknowledgement(TimePoint now);
    /// What the next message to the server says of parts; 0 when it knows.
    std::uint64_t tell_parts(TimePoint now);
    void send_ping(TimePoint now);
    /// Tells the peer why, and ends: the one funnel for the peer's faults and for close().
    void fail(std::uint16_t close_code, std::string reason);
    void end(std::uint16_t close_code, std::string reason,
             std::optional<std::chrono::milliseconds> retry_after = std::nullopt);
    void transmit(Bytes message);

    /// Half of what a server takes: the rest of a world's differences would tell no more.
    static constexpr double desyncs_burst = 32;
    static constexpr double pongs_per_second = 20;  // a server of ours sends one Ping a second
    static constexpr double pongs_burst = 60;

    std::unique_ptr<const replication::Layout> layout_;  // where it lies, however the session is moved
    ClientOptions options_;
    wire::Limits limits_;
    ClientState state_ = ClientState::Connecting;
    TimePoint deadline_;
    wire::Welcome welcome_;
    bool ignores_state_ = false;
    SharedCodecs* shared_codecs_ = nullptr;
    std::unique_ptr<const replication::Codec> codec_;  // where it lies, as layout_; null with shared ones
    std::optional<replication::Replica> replica_;
    replication::SnapshotRing snapshots_;
    netcode::ClockSync clock_;
    std::optional<netcode::RenderClock> render_clock_;
    std::optional<netcode::StallMeter> stalls_;
    netcode::RttEstimator rtt_;
    PingLog pings_;
    TimePoint next_ping_ = never;
    ws::TokenBucket pongs_;
    ws::TokenBucket desyncs_;
    EventLimiter event_limiter_;
    RequestLog requests_;
    ClientResources resources_;
    std::unique_ptr<IncomingEvents> incoming_;  // from Welcome on; where it lies, as layout_
    Presence presence_;
    Duration shown_after_{0};           // the last advance(): the instant that is shown, after its own
    Tick acknowledged_ = 0;             // the newest tick that the server was told of
    TimePoint acknowledge_by_ = never;  // unless an input does it before
    PartAssembly message_parts_;
    PartAssembly bulk_parts_;
    bool assembled_ = false;            // the message at hand came in parts
    std::uint64_t parts_received_ = 0;  // bytes
    std::uint64_t parts_told_ = 0;      // those that the server knows of
    TimePoint parts_told_at_{};
    std::deque<Bulk> bulk_;
    std::size_t bulk_bytes_ = 0;  // in bulk_
    std::uint32_t bulks_received_ = 0;
    ReliableLog sent_events_;
    std::uint32_t events_received_ = 0;  // and replies
    bool clocks_anew_ = false;           // from the next tick on
    std::uint32_t attempt_ = 0;          // to come back, of all the session's
    bool told_no_state_ = false;         // to who was asked to resume the session
    std::string loss_;                   // why the last transport is gone
    bool kept_ = false;                  // the server's Goodbye said that the session is kept
    std::string goodbye_;                // and why it came
    std::optional<std::chrono::milliseconds> lost_retry_after_;
    TimePoint heard_at_{};  // the newest tick
    TimePoint hello_sent_{};
    Duration handshake_rtt_{0};  // from Hello to Welcome: what is known of the link before the first Pong
    std::optional<netcode::TickLead> tick_lead_;
    std::optional<netcode::InputSchedule> input_schedule_;
    ApplyInput rules_;
    std::unique_ptr<netcode::Prediction> prediction_;  // where it lies, as layout_
    SentInputs inputs_;
    ClientCounters counters_;
    std::vector<Bytes> inflated_;  // of the packed bodies of one tick
    std::deque<Bytes> transmit_;
    std::deque<ClientEvent> events_;
    std::optional<ClientEvent> wants_close_;
};

}  // namespace tidewire::session
