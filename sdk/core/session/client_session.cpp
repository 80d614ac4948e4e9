// Hello → Welcome → ticks and inputs → Goodbye, as a client sees it.
#include "sdk/core/session/client_session.h"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "sdk/core/base/room_texts.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/ws/close_code.h"
#include "tidewire/version.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

constexpr std::size_t transmit_max = 256;
constexpr std::uint16_t tick_rate_max = 1000;       // beyond it a tick is shorter than timers are exact
constexpr std::uint32_t entities_max_max = 65'536;  // what a server may make a client hold
constexpr std::uint32_t quick_pings = 10;           // in the first second, to find the clock
constexpr Duration quick_ping_period = std::chrono::milliseconds(100);
constexpr Duration ping_period = std::chrono::milliseconds(250);
static_assert(events_unacknowledged_max < transmit_max);

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

}  // namespace

ClientSession::ClientSession(const SchemaInfo& schema, ClientOptions options, TimePoint now)
    : layout_(std::make_unique<replication::Layout>(schema)),
      options_(std::move(options)),
      limits_{.message_bytes_max = options_.message_bytes_max,
              .inflated_bytes_max = options_.keyframe_bytes_max,
              .inflated_total_max = std::max(wire::Limits{}.inflated_total_max, 2 * options_.keyframe_bytes_max),
              .bulk_bytes_max = options_.bulk_bytes_max},
      deadline_(now + options_.connect_timeout),
      snapshots_(std::max<std::size_t>(options_.snapshots_held, 2)),
      pongs_(pongs_burst, now),
      desyncs_(desyncs_burst, now),
      event_limiter_(options_.events, now),
      requests_(*layout_),
      resources_(options_.code_tables, options_.dictionaries),
      sent_events_({.messages_max = events_unacknowledged_max, .bytes_max = options_.event_bytes_unsent_max}) {}

void ClientSession::transport_opened(TimePoint now) {
    if (state_ != ClientState::Connecting && state_ != ClientState::Lost) return;
    const bool resumes = state_ == ClientState::Lost;
    state_ = resumes ? ClientState::Resuming : ClientState::Joining;
    hello_sent_ = now;
    lost_retry_after_.reset();
    if (const auto& bad = resources_.bad()) return fail(number(CloseCode::Normal), "ClientOptions: " + bad->message);
    if (options_.token.size() > limits_.token_bytes_max || !valid_utf8(as_bytes(options_.token)))
        return fail(number(CloseCode::Normal), "ClientOptions::token has " + std::to_string(options_.token.size()) +
                                                   " bytes; it must be UTF-8 of at most " +
                                                   std::to_string(limits_.token_bytes_max));
    const RoomWish& room = options_.room;
    auto bad_room = refuse_room_texts(room.name, room.properties, room.code);
    if (!bad_room && room.reservation.size() > RoomTextLimits{}.bytes_max) bad_room = "the reservation is longer than any";
    if (bad_room) return fail(number(CloseCode::Normal), "ClientOptions::room: " + *bad_room);
    transmit(wire::encode(wire::Hello{.protocol = protocol_version,
                                      .schema_hash = layout_->schema().hash,
                                      .schema_name = layout_->schema().name,
                                      .sdk_version = version,
                                      .player_name = options_.player_name,
                                      .schema_prints = replication::fingerprint(layout_->schema()),
                                      .code_tables = resources_.code_table_ids(),
                                      .dictionaries = resources_.dictionary_ids(),
                                      .token = resumes ? std::string() : options_.token,
                                      .resume = resumes ? std::optional(resume_of()) : std::nullopt,
                                      .spectate = options_.spectate,
                                      .room = resumes ? RoomWish() : room}));
}

void ClientSession::transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint, bool by_peer) {
    if (state_ == ClientState::Closed) return;
    if (resumable(kept_ || is_loss(close_code, by_peer))) return lose(kept_ ? goodbye_ : reason);
    end(close_code,
        reason.empty() ? "the server closed the connection without a reason (code " + std::to_string(close_code) + ")"
                       : std::string(reason),
        lost_retry_after_);
    // There is nothing left to close.
    wants_close_.reset();
}

void ClientSession::note_retry_after(std::chrono::milliseconds retry_after) {
    lost_retry_after_ = std::min(retry_after, retry_after_max);
}

void ClientSession::receive(ByteSpan message, TimePoint now) {
    if (state_ == ClientState::Closed) return;
    counters_.bytes_received += message.size();
    take(message, now);
}

void ClientSession::take(ByteSpan message, TimePoint now) {
    const Result<wire::Message> parsed = wire::parse_message(message, limits_);
    if (!parsed) return fail(parsed.error().close_code, parsed.error().message);
    if (auto refusal = refuse_message(state_, *parsed)) return fail(refusal->close_code, std::move(refusal->sentence));
    std::visit(
        [&](const auto& known) {
            using Kind = std::decay_t<decltype(known)>;
            if constexpr (!std::is_same_v<Kind, wire::Hello> && !std::is_same_v<Kind, wire::InputMessage> &&
                          !std::is_same_v<Kind, wire::Desync> && !std::is_same_v<Kind, wire::Suspend> &&
                          !std::is_same_v<Kind, wire::Request> && !std::is_same_v<Kind, wire::RoomList>)
                handle(known, now);
        },
        *parsed);
}

void ClientSession::handle_timeout(TimePoint now) {
    if (now >= deadline_) {
        const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(options_.connect_timeout);
        const std::string waited = std::to_string(seconds.count()) + " ms";
        return fail(number(CloseCode::Abnormal),
                    state_ == ClientState::Connecting
                        ? "no connection within " + waited + "; check the address and that the server runs"
                        : "the server did not answer within " + waited + "; is it a Tidewire server?");
    }
    if (now >= next_ping_) send_ping(now);
    if (now >= acknowledge_by_) send_acknowledgement(now);
    requests_.handle_timeout(now);
    presence_.handle_timeout(now);
    tell_suspended();
}

bool ClientSession::advance(TimePoint now, TimePoint shown) {
    if (state_ != ClientState::Playing && !lost()) return false;
    presence_.note_frame(now, tick_period());
    tell_suspended();
    shown_after_ = shown - now;
    render_clock_->advance(now);
    tick_lead_->advance(now);
    if (prediction_) prediction_->reconcile(snapshots_);
    const bool due = input_schedule_->advance(*tick_lead_);
    // Nobody would get them, or they would be for ticks of a clock that is about to begin anew.
    const bool nobody = lost() || clocks_anew_;
    if (nobody) input_schedule_->settle();
    return due && !nobody;
}

void ClientSession::send_due_inputs(std::uint16_t type, const std::byte* aggregate, TimePoint now) {
    if (state_ != ClientState::Playing) return;
    if (aggregate != nullptr && !welcome_.spectates && input_schedule_->due() > 0) {
        assert(type < layout_->input_count());
        const Bytes data = replication::encode_input(layout_->input(type), aggregate);
        const replication::Snapshot* newest = snapshots_.newest();
        const Tick ack = newest == nullptr ? 0 : newest->tick;
        acknowledged_ = ack;
        acknowledge_by_ = never;
        const auto view = viewed();
        std::uint64_t parts = tell_parts(now);
        for (int i = 0; i < input_schedule_->due(); ++i) {
            const Tick tick = input_schedule_->first() + static_cast<Tick>(i);
            tick_lead_->note_sent(tick);
            inputs_.note_sent(tick, ack);
            if (prediction_) prediction_->input(tick, type, aggregate);
            ++counters_.inputs;
            transmit(wire::encode(wire::InputMessage{.tick = tick,
                                                     .ack_tick = ack,
                                                     .type = type,
                                                     .data = data,
                                                     .view_tick = view.first,
                                                     .view_fraction = view.second,
                                                     .parts_received = std::exchange(parts, 0)}));
        }
    }
    input_schedule_->settle();
}

void ClientSession::close(std::uint16_t close_code, std::string_view reason, TimePoint) {
    fail(close_code, std::string(reason));
}

std::optional<Bytes> ClientSession::poll_transmit() {
    if (transmit_.empty()) return std::nullopt;
    Bytes message = std::move(transmit_.front());
    transmit_.pop_front();
    return message;
}

std::optional<ClientEvent> ClientSession::poll_event() {
    if (events_.empty()) return std::nullopt;
    ClientEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

TimePoint ClientSession::poll_timeout() const {
    return std::min({deadline_, next_ping_, acknowledge_by_, presence_.poll_timeout(), requests_.poll_timeout()});
}

TimePoint ClientSession::next_input() const {
    return state_ == ClientState::Playing ? input_schedule_->next(*tick_lead_) : never;
}

void ClientSession::handle(const wire::Welcome& message, TimePoint now) {
    const Build theirs{message.protocol, {}, message.schema_name, message.schema_hash};
    if (auto refusal = refuse_protocol(build_of(layout_->schema()), theirs))
        return fail(refusal->close_code, std::move(refusal->sentence));
    // Another hash than ours is no fault: the server saw our prints, and knows that its schema only appends to ours.
    if (message.spectates != options_.spectate)
        return fail(number(CloseCode::ProtocolError),
                    options_.spectate ? "the server is older than spectators, and would have its client play; connect "
                                        "without ClientOptions::spectate"
                                      : "the server's Welcome makes a spectator of a player");
    const auto within = [](std::uint32_t value, std::uint32_t max) { return value >= 1 && value <= max; };
    if ((message.player == 0) != message.spectates || !within(message.tick_rate, tick_rate_max) ||
        !within(message.entities_max, entities_max_max))
        return fail(number(CloseCode::InvalidPayload),
                    "the server's Welcome names player " + std::to_string(message.player) + ", a tick rate of " +
                        std::to_string(message.tick_rate) + " Hz and " + std::to_string(message.entities_max) +
                        " entities, which cannot be");
    handshake_rtt_ = now - hello_sent_;
    if (state_ == ClientState::Resuming) return resume(message, now);
    if (message.resumed != wire::Welcome::Resumed::No)
        return fail(number(CloseCode::ProtocolError), "the server's Welcome resumes a session that was none");
    welcome_ = message;
    state_ = ClientState::Playing;
    deadline_ = never;
    incoming_ = std::make_unique<IncomingEvents>(*layout_, welcome_.player,
                                                 IncomingEventLimits{.bytes_held_max = options_.event_bytes_held_max});
    begin_room();
    events_.push_back({.kind = ClientEvent::Kind::Joined, .close_code = 0, .reason = {}});
    send_ping(now);
    tell_suspended();
}

void ClientSession::begin_room() {
    resources_.want(welcome_);
    if (resources_.code_tables() != nullptr && !ignores_state_) begin_replica();
    begin_clocks();
    begin_prediction();
}

void ClientSession::begin_prediction() {
    if (!rules_ || welcome_.spectates || !netcode::Prediction::has_work(layout_->schema())) return;
    prediction_ = std::make_unique<netcode::Prediction>(
        *layout_,
        netcode::PredictedRoom{
            .player = welcome_.player, .tick_rate = welcome_.tick_rate, .entities_max = welcome_.entities_max},
        rules_);
    prediction_->emit_to([incoming = incoming_.get()](Tick tick, std::uint16_t type, const void* event) {
        incoming->predict(tick, type, event);
    });
}

void ClientSession::begin_clocks() {
    render_clock_.emplace(tick_period());
    stalls_.emplace(tick_period());
    tick_lead_.emplace(tick_period());
    input_schedule_.emplace(tick_period());
}

void ClientSession::handle(const wire::Goodbye& message, TimePoint) {
    std::optional<std::chrono::milliseconds> retry_after;
    if (message.retry_after_ms > 0)
        retry_after = std::min(std::chrono::milliseconds(message.retry_after_ms), retry_after_max);
    std::string reason =
        message.reason.empty()
            ? "the server said goodbye without a reason (code " + std::to_string(message.close_code) + ")"
            : message.reason;
    if (!resumable(message.keeps_session) || !message.keeps_session)
        return end(message.close_code, std::move(reason), retry_after);
    // The server closes the transport behind it.
    kept_ = true;
    goodbye_ = std::move(reason);
    lost_retry_after_ = retry_after;
}

void ClientSession::handle(const wire::Ping& message, TimePoint now) {
    if (!pongs_.take(pongs_per_second, pongs_burst, now))
        return fail(number(CloseCode::PolicyViolation), "the server sends Pings faster than they can mean anything");
    // The Pong leaves in the same turn, so nothing was held.
    transmit(wire::encode(wire::Pong{
        .id = message.id,
        .sent_us = message.sent_us,
        .received_us = now.time_since_epoch().count(),
        .hold_us = 0,
        .events_received = events_received_}));
}

void ClientSession::handle(const wire::Pong& message, TimePoint now) {
    const std::optional<TimePoint> sent = pings_.take(message);
    if (!sent) return;
    if (!sent_events_.can_go_on_from(message.events_received))
        return fail(number(CloseCode::ProtocolError),
                    "the server says that " + std::to_string(message.events_received) + " events came; " +
                        std::to_string(sent_events_.sent()) + " were sent");
    sent_events_.acknowledge(message.events_received);
    const Duration hold(message.hold_us);
    if (hold < Duration(0) || hold > now - *sent) return;
    rtt_.add(now - *sent - hold, now);
    clock_.add({.sent = *sent, .received = TimePoint(Duration(message.received_us)), .hold = hold, .returned = now});
}

void ClientSession::handle(const wire::Resource& message, TimePoint) {
    if (auto taken = resources_.receive(message); !taken) return fail(taken.error().close_code, taken.error().message);
    if (!replica_ && !ignores_state_ && resources_.code_tables() != nullptr) begin_replica();
}

void ClientSession::begin_replica() {
    const replication::CodeTables& tables = *resources_.code_tables();
    if (shared_codecs_ == nullptr)
        codec_ = std::make_unique<replication::Codec>(*layout_, tables, welcome_.tick_rate);
    replica_.emplace(codec_ ? *codec_ : shared_codecs_->find(tables, welcome_.tick_rate), replication::BodyLimits{.entities_max = welcome_.entities_max});
}

void ClientSession::suspend(TimePoint) {
    presence_.suspend();
    tell_suspended();
}

void ClientSession::resume(TimePoint) {
    presence_.resume();
    tell_suspended();
}

void ClientSession::tell_suspended() {
    // What is said before there is a game is told when it begins.
    if (state_ != ClientState::Playing) return;
    if (const std::optional<bool> suspended = presence_.poll_change())
        transmit(wire::encode(wire::Suspend{.suspended = *suspended}));
}

void ClientSession::send_acknowledgement(TimePoint now) {
    acknowledge_by_ = never;
    const replication::Snapshot* newest = snapshots_.newest();
    const Tick tick = newest == nullptr ? 0 : newest->tick;
    const std::uint64_t parts = tell_parts(now);
    if (tick == acknowledged_ && parts == 0) return;
    acknowledged_ = tick;
    transmit(wire::encode(wire::InputMessage{.tick = 0, .ack_tick = tick, .parts_received = parts}));
}

void ClientSession::send_ping(TimePoint now) {
    wire::Ping ping = pings_.next(now);
    ping.events_received = events_received_;
    transmit(wire::encode(ping));
    next_ping_ = now + (pings_.count() < quick_pings ? quick_ping_period : ping_period);
}

void ClientSession::fail(std::uint16_t close_code, std::string reason) {
    if (state_ == ClientState::Closed) return;
    if (state_ != ClientState::Connecting && state_ != ClientState::Lost) {
        Bytes goodbye =
            wire::encode_stored(wire::Goodbye{.close_code = close_code_on_wire(close_code), .reason = reason});
        counters_.bytes_sent += goodbye.size();
        transmit_.push_back(std::move(goodbye));
    }
    end(close_code, std::move(reason));
}

void ClientSession::end(std::uint16_t close_code, std::string reason,
                        std::optional<std::chrono::milliseconds> retry_after) {
    state_ = ClientState::Closed;
    deadline_ = next_ping_ = acknowledge_by_ = never;
    presence_.end();
    ClientEvent closed{.kind = ClientEvent::Kind::Closed,
                       .close_code = close_code,
                       .reason = std::move(reason),
                       .retry_after = retry_after};
    wants_close_ = closed;
    wants_close_->close_code = close_code_on_wire(close_code);
    requests_.refuse_all("the connection ended before the server answered: " + wants_close_->reason);
    events_.push_back(std::move(closed));
}

void ClientSession::transmit(Bytes message) {
    if (transmit_.size() >= transmit_max)
        return fail(number(CloseCode::TryAgainLater), "messages are not taken from the session");
    counters_.bytes_sent += message.size();
    transmit_.push_back(std::move(message));
}

}  // namespace tidewire::session
