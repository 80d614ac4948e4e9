// Hello → Welcome → inputs → Goodbye, as the server sees it.
#include "sdk/core/session/server_session.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <type_traits>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/ws/close_code.h"
#include "tidewire/version.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

constexpr Duration ping_period = std::chrono::seconds(1);
/// What a message that was polled leaves behind for the next: those that come again and again are small.
constexpr std::size_t kept_bytes_max = 256;

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

/// Rounded up: a hint that is there stays one.
std::uint32_t to_milliseconds(Duration duration) {
    const std::int64_t milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(milliseconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

ServerEvent closed_event(std::uint16_t close_code, std::string reason) {
    ServerEvent event{.kind = ServerEvent::Kind::Closed, .player_name = {}, .input = {}, .reason = std::move(reason)};
    event.close_code = close_code;
    return event;
}

}  // namespace

ServerSession::ServerSession(const replication::Layout& layout, ServerSessionOptions options, TimePoint now)
    : layout_(&layout),
      options_(options),
      deadline_(now + options.hello_timeout),
      budget_(options.rates, now) {}

void ServerSession::receive(ByteSpan message, TimePoint arrived, TimePoint now) {
    if (state_ == ServerState::Closed) return;
    const Result<wire::Message> parsed = wire::parse_message(message, options_.wire);
    if (!parsed) return fail(parsed.error().close_code, parsed.error().message);
    if (auto refusal = refuse_message(state_, *parsed)) return fail(refusal->close_code, std::move(refusal->sentence));
    heard_ = state_ == ServerState::Playing;
    std::visit(
        [&](const auto& known) {
            using Kind = std::decay_t<decltype(known)>;
            if constexpr (!std::is_same_v<Kind, wire::Welcome> && !std::is_same_v<Kind, wire::TickMessage> &&
                          !std::is_same_v<Kind, wire::Resource> && !std::is_same_v<Kind, wire::Reply> &&
                          !std::is_same_v<Kind, wire::Part> && !std::is_same_v<Kind, wire::RoomList>) {
                if constexpr (std::is_same_v<Kind, wire::Ping>)
                    answer(known, arrived, now);
                else
                    handle(known, std::is_same_v<Kind, wire::Pong> ? arrived : now);
            }
        },
        *parsed);
}

void ServerSession::transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint, TransportEnd how) {
    if (state_ == ServerState::Closed) return;
    ServerEvent closed = closed_event(
        close_code, reason.empty() ? "the client closed the connection without a reason (code " + std::to_string(close_code) + ")"
                                   : std::string(reason));
    closed.lost = is_loss(close_code, how != TransportEnd::ByUs);
    closed.by_client = how == TransportEnd::ByClient;
    end(std::move(closed));
    // There is nothing left to close.
    wants_close_.reset();
}

void ServerSession::handle_timeout(TimePoint now) {
    if (now >= deadline_) {
        const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(options_.hello_timeout);
        return fail(number(CloseCode::PolicyViolation),
                    "no Hello within " + std::to_string(waited.count()) + " ms of the connection's opening");
    }
    if (now >= next_ping_) {
        if (pings_.unanswered() < options_.pings_unanswered_max) transmit(pings_.next(now));
        // A late call must not be made up for by a burst.
        if (state_ == ServerState::Playing) next_ping_ = now + ping_period;
    }
}

void ServerSession::welcome(const ServerWelcome& welcome, TimePoint now) {
    assert(state_ == ServerState::Joining && spectates_ == (welcome.player == 0));
    state_ = ServerState::Playing;
    next_ping_ = now + ping_period;
    ack_tick_ = written_tick_ = welcome.ack_tick;
    events_received_ = welcome.events_received;
    if (welcome.budget != nullptr)
        budget_ = *welcome.budget;
    else
        budget_.begin(welcome.tick_rate, welcome.counts, now);
    const std::uint64_t tables = welcome.code_tables == nullptr ? 0 : welcome.code_tables->id();
    const std::uint64_t dictionary = welcome.dictionary == nullptr ? 0 : welcome.dictionary->id();
    transmit(wire::Welcome{.protocol = protocol_version,
                           .schema_hash = layout_->schema().hash,
                           .schema_name = layout_->schema().name,
                           .player = welcome.player,
                           .tick_rate = welcome.tick_rate,
                           .tick = welcome.tick,
                           .entities_max = welcome.entities_max,
                           .code_tables = tables,
                           .dictionary = dictionary,
                           .session_token = Bytes(welcome.session_token.begin(), welcome.session_token.end()),
                           .session_ms = to_milliseconds(welcome.session_kept),
                           .resumed = welcome.resumed,
                           .events_received = welcome.events_received,
                           .spectates = spectates_,
                           .delay_ms = to_milliseconds(welcome.delay),
                           .room = welcome.room});
    const auto send_unknown = [&](wire::Resource::Kind kind, std::uint64_t id, const Bytes& data) {
        if (std::find(known_resources_.begin(), known_resources_.end(), id) != known_resources_.end()) return;
        transmit(wire::Resource{.kind = kind, .id = id, .data = data});
    };
    if (tables != 0) send_unknown(wire::Resource::Kind::CodeTables, tables, welcome.code_tables->bytes());
    if (dictionary != 0) send_unknown(wire::Resource::Kind::Dictionary, dictionary, welcome.dictionary->bytes());
}

void ServerSession::watch() {
    assert(state_ == ServerState::Joining);
    state_ = ServerState::Watching;
}

void ServerSession::tell(const wire::RoomList& rooms) {
    if (state_ == ServerState::Watching) transmit(rooms);
}

void ServerSession::close(std::uint16_t close_code, std::string_view reason, TimePoint, CloseHint hint) {
    fail(close_code, std::string(reason), hint);
}

Bytes* ServerSession::poll_transmit() {
    if (polled_message_.capacity() > kept_bytes_max) polled_message_ = Bytes();
    if (transmit_.empty()) return nullptr;
    std::swap(polled_message_, transmit_.front());
    transmit_.pop_front();
    return &polled_message_;
}

ServerEvent* ServerSession::poll_event() {
    if (events_.empty()) return nullptr;
    std::swap(polled_event_, events_.front());
    events_.pop_front();
    return &polled_event_;
}

TimePoint ServerSession::poll_timeout() const { return std::min(deadline_, next_ping_); }

void ServerSession::handle(const wire::Hello& message, TimePoint) {
    const SchemaInfo& schema = layout_->schema();
    const Build theirs{message.protocol, message.sdk_version, message.schema_name, message.schema_hash,
                       message.schema_prints};
    auto refusal = refuse_protocol(theirs, build_of(schema));
    // Who is only told of rooms needs neither the game nor a name.
    if (!refusal && !message.lists_rooms) refusal = refuse_schema(theirs, schema);
    if (!refusal && !message.lists_rooms) refusal = refuse_player_name(message.player_name);
    if (refusal) return fail(refusal->close_code, std::move(refusal->sentence));
    if (message.spectate && message.resume && !message.lists_rooms)
        return fail(number(CloseCode::ProtocolError), "a spectator has no session to come back to");
    state_ = ServerState::Joining;
    spectates_ = message.spectate && !message.lists_rooms;
    deadline_ = never;
    same_schema_ = message.schema_hash == schema.hash;
    known_resources_ = message.code_tables;
    known_resources_.insert(known_resources_.end(), message.dictionaries.begin(), message.dictionaries.end());
    ServerEvent event{.kind = ServerEvent::Kind::Join,
                      .player_name = message.player_name,
                      .token = message.token,
                      .input = {},
                      .reason = {}};
    event.spectates = spectates_;
    if (message.room != RoomWish{}) event.room = message.room;
    event.lists_rooms = message.lists_rooms;
    if (!message.lists_rooms) event.resume = message.resume;
    if (message.resume) events_acknowledged_ = events_written_ = message.resume->events_received;
    notify(std::move(event));
}

void ServerSession::handle(const wire::Goodbye& message, TimePoint) {
    ServerEvent closed = closed_event(message.close_code, message.reason.empty() ? "the client said goodbye" : message.reason);
    closed.by_client = true;
    end(std::move(closed));
}

void ServerSession::answer(const wire::Ping& message, TimePoint arrived, TimePoint now) {
    if (!take(MessageClass::Ping, now)) return;
    if (!take_events_received(message.events_received)) return;
    // The Pong leaves in the same turn.
    transmit(wire::Pong{.id = message.id,
                        .sent_us = message.sent_us,
                        .received_us = arrived.time_since_epoch().count(),
                        .hold_us = (now - arrived).count(),
                        .events_received = events_received_});
}

bool ServerSession::take_events_received(std::uint32_t count) {
    if (count < events_acknowledged_ || count > events_written_) {
        fail(number(CloseCode::ProtocolError),
             "the client says that " + std::to_string(count) + " events came; they were " +
                 std::to_string(events_acknowledged_) + " before, and " + std::to_string(events_written_) + " were sent");
        return false;
    }
    events_acknowledged_ = count;
    return true;
}

void ServerSession::handle(const wire::Pong& message, TimePoint arrived) {
    if (!take(MessageClass::Pong, arrived)) return;
    const std::optional<TimePoint> sent = pings_.take(message);
    if (!sent || !take_events_received(message.events_received)) return;
    const Duration hold(message.hold_us);
    if (hold < Duration(0) || hold > arrived - *sent) return;
    rtt_.add(arrived - *sent - hold, arrived);
}

void ServerSession::handle(const wire::Desync& message, TimePoint now) {
    if (!take(MessageClass::Desync, now)) return;
    std::string reason;
    if (!message.difference.empty())
        reason = "tick " + std::to_string(message.tick) + ", group " + std::to_string(message.group) + ": " +
                 printable(message.difference);
    ServerEvent event{.kind = ServerEvent::Kind::Desync, .player_name = {}, .input = {}, .reason = std::move(reason)};
    notify(std::move(event));
}

bool ServerSession::take(MessageClass kind, TimePoint now, std::size_t bytes) {
    const char* const beyond = budget_.take(kind, bytes, now);
    if (beyond != nullptr) fail(number(CloseCode::PolicyViolation), beyond);
    return beyond == nullptr;
}

void ServerSession::handle(const wire::Suspend& message, TimePoint now) {
    if (!take(MessageClass::Suspend, now) || (!message.suspended && !take(MessageClass::Resume, now))) return;
    ServerEvent event{.kind = ServerEvent::Kind::Suspend, .player_name = {}, .input = {}, .reason = {}};
    event.suspended = message.suspended;
    notify(std::move(event));
}

void ServerSession::handle(const wire::InputMessage& message, TimePoint now) {
    if (!take(MessageClass::Input, now)) return;
    const auto which = [&] { return "input " + std::to_string(message.tick); };
    if (message.tick != 0 && message.tick <= input_tick_)
        return fail(number(CloseCode::ProtocolError),
                    which() + " came after input " + std::to_string(input_tick_) + ": the ticks of inputs must rise");
    if (message.ack_tick < ack_tick_ || message.ack_tick > written_tick_)
        return fail(number(CloseCode::ProtocolError), which() + " acknowledges tick " + std::to_string(message.ack_tick) +
                                                          "; it was " + std::to_string(ack_tick_) +
                                                          " before, and the last one sent is " +
                                                          std::to_string(written_tick_));
    ack_tick_ = message.ack_tick;
    if (message.parts_received != 0) {
        if (message.parts_received < parts_received_ || message.parts_received > parts_written_)
            return fail(number(CloseCode::ProtocolError),
                        which() + " acknowledges " + std::to_string(message.parts_received) +
                            " bytes of parts; they were " + std::to_string(parts_received_) + " before, and " +
                            std::to_string(parts_written_) + " were sent");
        parts_received_ = message.parts_received;
    }
    if (message.tick == 0 && message.data.empty()) return;
    if (message.tick == 0) return fail(number(CloseCode::InvalidPayload), which() + " is for no tick, but is not empty");
    if (spectates_) return fail(number(CloseCode::ProtocolError), which() + " came from a spectator, who has none");
    if (message.type >= layout_->input_count())
        return fail(number(CloseCode::InvalidPayload), which() + " is of type " + std::to_string(message.type) +
                                                           "; the schema has " +
                                                           std::to_string(layout_->input_count()));
    const replication::StructLayout& layout = layout_->input(message.type);
    ServerEvent* const event = notify();
    if (event == nullptr) return;
    event->kind = ServerEvent::Kind::Input;
    event->input_tick = message.tick;
    event->input_type = message.type;
    event->input.assign(layout.info().size, std::byte{0});
    event->view_tick = static_cast<double>(message.view_tick) + message.view_fraction / 256.0;
    if (const Result<void> decoded = replication::decode_input(layout, message.data, event->input.data()); !decoded) {
        events_.take_back();
        return fail(number(CloseCode::InvalidPayload), which() + ": " + decoded.error().message);
    }
    input_tick_ = message.tick;
}

void ServerSession::handle(const wire::Event& message, TimePoint now) {
    take_event(MessageClass::Event, message.type, message.data, 0, now);
}

void ServerSession::handle(const wire::Request& message, TimePoint now) {
    if (message.id == 0) return fail(number(CloseCode::ProtocolError), "a request has no number");
    take_event(MessageClass::Request, message.type, message.data, message.id, now);
}

void ServerSession::take_event(MessageClass kind, std::uint16_t type, ByteSpan data, std::uint32_t request, TimePoint now) {
    if (spectates_) return fail(number(CloseCode::ProtocolError), "an event came from a spectator, who sends none");
    if (!take(kind, now, data.size())) return;
    if (auto checked = replication::check_event(*layout_, type, data); !checked)
        return fail(checked.error().close_code, checked.error().message);
    ++events_received_;
    ServerEvent event{.kind = ServerEvent::Kind::Event, .player_name = {}, .input = {}, .reason = {}};
    event.event_type = type;
    event.event = Bytes(data.begin(), data.end());
    event.request = request;
    notify(std::move(event));
}

void ServerSession::fail(std::uint16_t close_code, std::string reason, CloseHint hint) {
    if (state_ == ServerState::Closed) return;
    transmit_.push_back(wire::encode(wire::Goodbye{.close_code = close_code_on_wire(close_code),
                                                   .reason = reason,
                                                   .retry_after_ms = to_milliseconds(hint.retry_after),
                                                   .keeps_session = hint.keeps_session}));
    end(closed_event(close_code, std::move(reason)));
}

void ServerSession::end(ServerEvent closed) {
    state_ = ServerState::Closed;
    deadline_ = next_ping_ = never;
    wants_close_ = closed_event(close_code_on_wire(closed.close_code), closed.reason);
    events_.push_back(std::move(closed));
}

template <class Message>
void ServerSession::transmit(const Message& message) {
    if (transmit_.size() >= options_.transmit_max)
        return fail(number(CloseCode::TryAgainLater), "the connection does not read what it is sent");
    wire::encode(message, transmit_.next_slot());
}

ServerEvent* ServerSession::notify() {
    if (events_.size() < options_.events_max) return &events_.next_slot();
    fail(number(CloseCode::TryAgainLater), "messages come faster than the server takes them");
    return nullptr;
}

void ServerSession::notify(ServerEvent event) {
    if (ServerEvent* const slot = notify()) *slot = std::move(event);
}

}  // namespace tidewire::session
