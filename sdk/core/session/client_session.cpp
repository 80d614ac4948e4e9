// Hello → Welcome → ticks and inputs → Goodbye, as a client sees it.
#include "sdk/core/session/client_session.h"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/keyframe.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/ws/close_code.h"
#include "tidewire/version.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

constexpr std::size_t events_max = 256;
constexpr std::size_t transmit_max = 256;
constexpr double pongs_per_second = 20;  // a server of ours sends one Ping a second
constexpr double pongs_burst = 60;
constexpr std::uint16_t tick_rate_max = 1000;       // beyond it a tick is shorter than timers are exact
constexpr std::uint32_t entities_max_max = 65'536;  // what a server may make a client hold
constexpr std::uint32_t quick_pings = 10;           // in the first second, to find the clock
constexpr Duration quick_ping_period = std::chrono::milliseconds(100);
constexpr Duration ping_period = std::chrono::milliseconds(250);

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

Unexpected refuse(CloseCode code, std::string sentence) {
    return unexpected(Blame::Peer, std::move(sentence), number(code));
}

}  // namespace

ClientSession::ClientSession(const SchemaInfo& schema, ClientOptions options, TimePoint now)
    : layout_(schema),
      options_(std::move(options)),
      limits_{.message_bytes_max = options_.message_bytes_max, .inflated_bytes_max = options_.keyframe_bytes_max},
      deadline_(now + options_.connect_timeout),
      snapshots_(std::max<std::size_t>(options_.snapshots_held, 2)),
      pongs_(pongs_burst, now) {}

void ClientSession::transport_opened(TimePoint) {
    if (state_ != ClientState::Connecting) return;
    state_ = ClientState::Joining;
    transmit(wire::encode(wire::Hello{.protocol = protocol_version,
                                      .schema_hash = layout_.schema().hash,
                                      .schema_name = layout_.schema().name,
                                      .sdk_version = version,
                                      .player_name = options_.player_name,
                                      .schema_prints = replication::fingerprint(layout_.schema())}));
}

void ClientSession::transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint) {
    if (state_ == ClientState::Closed) return;
    end(close_code, reason.empty()
                        ? "the server closed the connection without a reason (code " + std::to_string(close_code) + ")"
                        : std::string(reason));
    // There is nothing left to close.
    wants_close_.reset();
}

void ClientSession::receive(ByteSpan message, TimePoint now) {
    if (state_ == ClientState::Closed) return;
    counters_.bytes_received += message.size();
    const Result<wire::Message> parsed = wire::parse_message(message, limits_);
    if (!parsed) return fail(parsed.error().close_code, parsed.error().message);
    if (auto refusal = refuse_message(state_, *parsed)) return fail(refusal->close_code, std::move(refusal->sentence));
    std::visit(
        [&](const auto& known) {
            using Kind = std::decay_t<decltype(known)>;
            if constexpr (!std::is_same_v<Kind, wire::Hello> && !std::is_same_v<Kind, wire::InputMessage>)
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
}

void ClientSession::send_input(std::uint16_t type, const std::byte* aggregate, TimePoint) {
    if (state_ != ClientState::Playing) return;
    assert(type < layout_.input_count());
    const Bytes data = replication::encode_input(layout_.input(type), aggregate);
    const replication::Snapshot* newest = snapshots_.newest();
    ++counters_.inputs;
    transmit(wire::encode(wire::InputMessage{
        .tick = ++input_count_, .ack_tick = newest == nullptr ? 0 : newest->tick, .type = type, .data = data}));
}

void ClientSession::transport_pong(Duration rtt, TimePoint now) {
    if (state_ != ClientState::Closed && rtt >= Duration(0)) rtt_.add(rtt, now);
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

TimePoint ClientSession::poll_timeout() const { return std::min(deadline_, next_ping_); }

Latency ClientSession::latency(TimePoint now) const {
    return {.rtt_last = rtt_.last(),
            .rtt_smoothed = rtt_.smoothed(),
            .rtt_min = rtt_.minimum(now),
            .jitter = rtt_.variation(),
            .clock_offset = clock_.offset(now),
            .clock_error_max = clock_.error_max(),
            .samples = rtt_.samples()};
}

Duration ClientSession::snapshot_age(TimePoint now) const {
    if (!render_clock_ || !render_clock_->running()) return Duration(0);
    return render_clock_->age(now) + clock_.rtt().minimum(now) / 2;
}

void ClientSession::handle(const wire::Welcome& message, TimePoint now) {
    const Build theirs{message.protocol, {}, message.schema_name, message.schema_hash};
    if (auto refusal = refuse_protocol(build_of(layout_.schema()), theirs))
        return fail(refusal->close_code, std::move(refusal->sentence));
    // Another hash than ours is no fault: the server saw our prints, and knows that its schema only appends to ours.
    const auto within = [](std::uint32_t value, std::uint32_t max) { return value >= 1 && value <= max; };
    if (message.player == 0 || !within(message.tick_rate, tick_rate_max) ||
        !within(message.entities_max, entities_max_max))
        return fail(number(CloseCode::InvalidPayload),
                    "the server's Welcome names player " + std::to_string(message.player) + ", a tick rate of " +
                        std::to_string(message.tick_rate) + " Hz and " + std::to_string(message.entities_max) +
                        " entities, which cannot be");
    welcome_ = message;
    state_ = ClientState::Playing;
    deadline_ = never;
    render_clock_.emplace(Duration(std::chrono::seconds(1)) / message.tick_rate);
    events_.push_back({.kind = ClientEvent::Kind::Joined, .close_code = 0, .reason = {}});
    send_ping(now);
}

void ClientSession::handle(const wire::Goodbye& message, TimePoint) {
    end(message.close_code, message.reason.empty() ? "the server said goodbye without a reason (code " +
                                                         std::to_string(message.close_code) + ")"
                                                   : message.reason);
}

void ClientSession::handle(const wire::Ping& message, TimePoint now) {
    if (!pongs_.take(pongs_per_second, pongs_burst, now))
        return fail(number(CloseCode::PolicyViolation), "the server sends Pings faster than they can mean anything");
    // The Pong leaves in the same turn, so nothing was held.
    transmit(wire::encode(wire::Pong{
        .id = message.id, .sent_us = message.sent_us, .received_us = now.time_since_epoch().count(), .hold_us = 0}));
}

void ClientSession::handle(const wire::Pong& message, TimePoint now) {
    const std::optional<TimePoint> sent = pings_.take(message);
    if (!sent) return;
    const Duration hold(message.hold_us);
    if (hold < Duration(0) || hold > now - *sent) return;
    rtt_.add(now - *sent - hold, now);
    clock_.add({.sent = *sent, .received = TimePoint(Duration(message.received_us)), .hold = hold, .returned = now});
}

void ClientSession::handle(const wire::TickMessage& message, TimePoint now) {
    Result<replication::Snapshot> next = apply(message);
    if (!next) {
        const std::uint16_t code = next.error().close_code;
        return fail(code != 0 ? code : number(CloseCode::InvalidPayload), next.error().message);
    }
    snapshots_.push(std::move(*next));
    input_tick_ = message.input_tick;
    ++counters_.ticks;
    counters_.keyframes += message.bodies.front().coding == wire::BodyCoding::Keyframe;
    render_clock_->observe(message.tick, now);
    // The event says "look at the newest": whoever does not look needs no further copy of it.
    if (events_.size() < events_max)
        events_.push_back({.kind = ClientEvent::Kind::Snapshot, .close_code = 0, .reason = {}});
}

Result<replication::Snapshot> ClientSession::apply(const wire::TickMessage& message) {
    const replication::Snapshot* const newest = snapshots_.newest();
    const std::string which = "tick " + std::to_string(message.tick);
    if (newest != nullptr && message.tick <= newest->tick)
        return refuse(CloseCode::ProtocolError,
                      which + " came after tick " + std::to_string(newest->tick) + ": ticks must rise");
    if (message.input_tick > input_count_ || message.input_tick < input_tick_)
        return refuse(CloseCode::ProtocolError,
                      which + " claims to contain input " + std::to_string(message.input_tick) + " after " +
                          std::to_string(input_tick_) + "; " + std::to_string(input_count_) + " were sent");
    if (message.bodies.size() != 1 || message.bodies.front().group != 0)
        return refuse(CloseCode::ProtocolError,
                      which + " must hold one body, of group 0: the whole room is the only group");

    const wire::GroupBody& body = message.bodies.front();
    if (body.coding == wire::BodyCoding::Delta) {
        if (newest == nullptr)
            return refuse(CloseCode::ProtocolError, which + " is a delta, but there is no snapshot to start from");
        if (message.tick - newest->tick != body.baseline_age)
            return refuse(CloseCode::ProtocolError, which + " is a delta over " + std::to_string(body.baseline_age) +
                                                        " ticks, but the newest snapshot is of tick " +
                                                        std::to_string(newest->tick));
        return replication::apply_delta(layout_, *newest, body.bytes, message.tick, welcome_.entities_max);
    }

    const Result<wire::Keyframe> keyframe = wire::parse_keyframe(body.bytes, limits_, inflated_);
    if (!keyframe) return Unexpected{keyframe.error()};
    if (keyframe->group != body.group || keyframe->tick != message.tick)
        return refuse(CloseCode::ProtocolError, which + " holds a keyframe of group " +
                                                    std::to_string(keyframe->group) + " at tick " +
                                                    std::to_string(keyframe->tick));
    std::vector<replication::TablePlanesView> tables;
    tables.reserve(keyframe->tables.size());
    for (const wire::KeyframeTable& table : keyframe->tables)
        tables.push_back({.table = table.table, .present = table.present, .planes = table.planes});
    return replication::decode_planes(layout_, tables, message.tick, welcome_.entities_max);
}

void ClientSession::send_ping(TimePoint now) {
    transmit(wire::encode(pings_.next(now)));
    next_ping_ = now + (pings_.count() < quick_pings ? quick_ping_period : ping_period);
}

void ClientSession::fail(std::uint16_t close_code, std::string reason) {
    if (state_ == ClientState::Closed) return;
    if (state_ != ClientState::Connecting) {
        Bytes goodbye =
            wire::encode_stored(wire::Goodbye{.close_code = close_code_on_wire(close_code), .reason = reason});
        counters_.bytes_sent += goodbye.size();
        transmit_.push_back(std::move(goodbye));
    }
    end(close_code, std::move(reason));
}

void ClientSession::end(std::uint16_t close_code, std::string reason) {
    state_ = ClientState::Closed;
    deadline_ = next_ping_ = never;
    ClientEvent closed{.kind = ClientEvent::Kind::Closed, .close_code = close_code, .reason = std::move(reason)};
    wants_close_ = closed;
    wants_close_->close_code = close_code_on_wire(close_code);
    events_.push_back(std::move(closed));
}

void ClientSession::transmit(Bytes message) {
    if (transmit_.size() >= transmit_max)
        return fail(number(CloseCode::TryAgainLater), "messages are not taken from the session");
    counters_.bytes_sent += message.size();
    transmit_.push_back(std::move(message));
}

}  // namespace tidewire::session
