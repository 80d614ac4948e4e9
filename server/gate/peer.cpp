// The way of a connection: request → upgrade → hello → player → ticks → close.
#include "server/gate/peer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sdk/core/wire/codec.h"
#include "server/gate/http.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

ws::Limits limits_of(const ServerOptions& options) {
    return {.message_bytes_max = session::ServerSessionOptions{}.wire.message_bytes_max,
            // Events find room behind a tick that takes all of its own.
            .transmit_bytes_max = options.transmit_bytes_max + options.event_bytes_unsent_max};
}

/// A part must fit into the queue of the WebSocket.
BulkPaceOptions pace_of(const ServerOptions& options) {
    BulkPaceOptions pace{.flight_start = options.first_flight_bytes};
    pace.chunk_max = std::min(pace.chunk_max, options.transmit_bytes_max / 2);
    pace.chunk_min = std::min(pace.chunk_min, pace.chunk_max);
    return pace;
}

/// RFC 6455 5.2: of a frame that a server sends.
constexpr std::size_t frame_head_bytes_max = 10;

std::int16_t lead_on_wire(const InputLead& lead) {
    if (!lead.fresh) return wire::no_input_lead;
    constexpr double most = 127;  // ticks; the rest of the sixteen bits are 256ths
    return static_cast<std::int16_t>(std::lround(std::clamp(lead.ticks, -most, most) * wire::input_leads_per_tick));
}

}  // namespace

Peer::Peer(PeerIdentity identity, const ServerOptions& options, const Fronts& fronts, Room& room,
           const TickSchedule& schedule, const Fanout& fanout, std::deque<GateEvent>& events, TimePoint now)
    : identity_(std::move(identity)),
      options_(&options),
      fronts_(&fronts),
      room_(&room),
      schedule_(&schedule),
      fanout_(&fanout),
      events_(&events),
      websocket_(ws::Connection::server(limits_of(options), {}, now)) {}

Peer::~Peer() { leave(static_cast<std::uint16_t>(ws::CloseCode::Abnormal), "the stream was closed"); }

void Peer::receive(MutableByteSpan bytes, TimePoint now) {
    heard_ = true;
    websocket_.receive(bytes, now);
    pump(now);
}

void Peer::receive_eof(TimePoint now) {
    websocket_.receive_eof(now);
    pump(now);
}

void Peer::abort(std::string_view reason, TimePoint now) {
    heard_ = heard_ || options_->tls.enabled();  // a TLS handshake that fails is said below us
    websocket_.abort(reason, now);
    pump(now);
}

void Peer::handle_timeout(TimePoint now) {
    websocket_.handle_timeout(now);
    if (session_) session_->handle_timeout(now);
    pump(now);
}

Peer::TickOutcome Peer::send_tick(Fanout& fanout, TimePoint now) {
    const TickOutcome outcome = tell_tick(fanout, now);
    pump_lane(now);
    return outcome;
}

Peer::TickOutcome Peer::tell_tick(Fanout& fanout, TimePoint now) {
    if (player_ == 0 || !websocket_.open()) return TickOutcome::NotPlaying;
    if (reads_nothing(now)) {
        session_->close(static_cast<std::uint16_t>(ws::CloseCode::TryAgainLater),
                        "the client has read nothing for too long", now);
        pump(now);
        return TickOutcome::LeftOut;
    }
    // What goes in parts is a tick, or code tables that a tick needs: the next waits for it.
    if (tick_unsent_ || delivery_->lane.has_messages() || !may_send_tick(now)) return TickOutcome::LeftOut;

    const Told& told = fanout.tell(player_, view_, delivery_->lane.pace().whole_bytes_max());
    if (told.keyframe_bytes > options_->keyframe_bytes_max) {
        session_->close(static_cast<std::uint16_t>(ws::CloseCode::InternalError),
                        "a keyframe of this world takes " + std::to_string(told.keyframe_bytes) +
                            " bytes, more than keyframe_bytes_max (" + std::to_string(options_->keyframe_bytes_max) +
                            "); raise it in ServerOptions and ClientOptions",
                        now);
        pump(now);
        return TickOutcome::LeftOut;
    }
    tick_head_.clear();
    const InputLead lead = room_->input_lead(player_);
    wire::append_tick_head(tick_head_, told.head, {.tick = lead.newest, .lead = lead_on_wire(lead)});
    tick_parts_.assign(1, tick_head_);
    std::size_t bytes = tick_head_.size();
    bool keyframe = false;
    for (const wire::GroupBody& body : told.message.bodies) {
        if (!body.bytes.empty()) tick_parts_.push_back(body.bytes);
        bytes += body.bytes.size();
        keyframe = keyframe || body.coding == wire::BodyCoding::Keyframe;
    }
    if (!write_tick(told.message.tick, bytes, now)) return TickOutcome::LeftOut;
    fanout.commit(view_);
    room_->note_lead_told(player_);
    room_->note_written(player_);
    return keyframe ? TickOutcome::Keyframe : TickOutcome::Delta;
}

bool Peer::write_tick(Tick tick, std::size_t bytes, TimePoint now) {
    const bool in_parts = bytes > delivery_->lane.pace().whole_bytes_max();
    const std::size_t queued = bytes + frame_head_bytes_max;
    const bool fits = queued <= options_->transmit_bytes_max;
    if (fits && in_parts) {
        Bytes whole;
        whole.reserve(bytes);
        for (const ByteSpan part : tick_parts_) append(whole, part);
        delivery_->lane.push(std::move(whole), tick);
        return true;
    }
    // What events may take beyond that is theirs.
    const bool room = websocket_.transmit_bytes() + queued <= options_->transmit_bytes_max;
    if (fits && room && websocket_.send(ws::MessageKind::Binary, tick_parts_)) {
        note_tick_written(tick, bytes, now);
        return true;
    }
    // Behind other messages there will be room again. A tick that does not fit into an empty queue never will.
    if (fits && websocket_.transmit_bytes() != 0) return false;
    session_->close(static_cast<std::uint16_t>(ws::CloseCode::InternalError),
                    "the world takes " + std::to_string(bytes) + " bytes, more than the server's transmit_bytes_max",
                    now);
    pump(now);
    return false;
}

void Peer::note_tick_written(Tick tick, std::size_t bytes, TimePoint now) {
    tick_unsent_ = true;
    taken_at_ = now;
    session_->note_written(tick);
    delivery_->window.note_written(tick, bytes, now);
}

void Peer::send_event(const OutgoingEvent& event, TimePoint now) {
    if (player_ == 0 || !websocket_.open() || !room_->outbox().is_for(event, player_)) return;
    const std::size_t count = event_backlog_.count() + 1;
    const std::size_t bytes = event_backlog_.bytes() + event.message->size();
    const bool too_many = count > options_->events_unsent_max || bytes > options_->event_bytes_unsent_max;
    // Many at once are no fault of who has had no chance to take them; then the WebSocket's own queue is the limit.
    if ((too_many && event_backlog_.waits()) || !websocket_.send(ws::MessageKind::Binary, *event.message)) {
        session_->close(static_cast<std::uint16_t>(ws::CloseCode::TryAgainLater),
                        "events come faster than the client reads them: " + std::to_string(event_backlog_.count()) +
                            " of " + std::to_string(event_backlog_.bytes()) + " bytes wait",
                        now);
        return pump(now);
    }
    event_backlog_.push(event.message, websocket_.transmit_bytes());
}

void Peer::retain_unsent() {
    if (tick_unsent_) websocket_.retain_unsent();
}

void Peer::shut_down(std::string_view reason, TimePoint now) {
    if (session_)
        session_->close(static_cast<std::uint16_t>(ws::CloseCode::GoingAway), reason, now);
    else
        websocket_.abort(reason, now);
    pump(now);
}

std::span<const ByteSpan> Peer::poll_transmit() {
    const std::span<const ByteSpan> parts = websocket_.poll_transmit();
    event_backlog_.note_offered(websocket_.transmit_bytes());
    return parts;
}

void Peer::transmitted(std::size_t bytes, TimePoint now) {
    websocket_.transmitted(bytes, now);
    event_backlog_.note_transmitted(bytes);
    taken_at_ = now;
    if (websocket_.transmit_bytes() == 0) tick_unsent_ = false;
    pump(now);
}

TimePoint Peer::poll_timeout() const {
    const TimePoint websocket = websocket_.poll_timeout();
    return session_ ? std::min(websocket, session_->poll_timeout()) : websocket;
}

void Peer::pump(TimePoint now) {
    pump_session(now);
    while (const auto event = websocket_.poll_event(now)) {
        handle(*event, now);
        pump_session(now);
    }
    pump_lane(now);
}

void Peer::pump_lane(TimePoint now) {
    if (player_ == 0 || !websocket_.open() || websocket_.transmit_bytes() != 0) return;
    BulkLane& lane = delivery_->lane;
    if (const BulkItem* bulk = lane.has_bulk() ? nullptr : room_->bulk().front(player_))
        lane.begin_bulk(bulk->id, *bulk->bytes);
    const auto next = lane.poll(delivery_->window.bytes(), now);
    if (!next) return;
    const Bytes message = wire::encode(next->part);
    [[maybe_unused]] const auto sent = websocket_.send(ws::MessageKind::Binary, message);
    assert(sent);
    websocket_.retain_unsent();
    tick_unsent_ = true;
    taken_at_ = now;
    session_->note_parts_written(lane.pace().written());
    if (!next->last) return;
    // The lane counts its bytes.
    if (next->tick != 0) note_tick_written(next->tick, 0, now);
    if (next->part.lane == wire::Part::Lane::Bulk) room_->bulk().pop(player_);
}

void Peer::pump_session(TimePoint now) {
    if (!session_) return;
    while (auto event = session_->poll_event()) handle(*event, now);
    while (auto message = session_->poll_transmit()) {
        if (!websocket_.open()) continue;
        // Code tables and dictionaries: nothing else that a session says is so large, and nothing has to come behind them but ticks.
        if (delivery_ && message->size() > delivery_->lane.pace().whole_bytes_max()) {
            delivery_->lane.push(std::move(*message), 0);
            continue;
        }
        if (!websocket_.send(ws::MessageKind::Binary, *message))
            websocket_.close(ws::CloseCode::TryAgainLater, "the connection does not read what it is sent", now);
        websocket_.retain_unsent();
    }
    if (const auto& close = session_->wants_close())
        websocket_.close(static_cast<ws::CloseCode>(close->close_code), close->reason, now);
}

void Peer::handle(const ws::Event& event, TimePoint now) {
    switch (event.kind) {
        case ws::Event::Kind::Request:
            answer_request(now);
            break;
        case ws::Event::Kind::Opened:
            session_.emplace(room_->layout(), session::ServerSessionOptions{.client_events = options_->client_events},
                             now);
            break;
        case ws::Event::Kind::Message:
            if (event.message_kind == ws::MessageKind::Binary) {
                session_->receive(event.bytes, now);
                take_acknowledgement(now);
            } else {
                session_->close(static_cast<std::uint16_t>(ws::CloseCode::UnsupportedData),
                                "Tidewire's messages are binary; this one was text", now);
            }
            break;
        case ws::Event::Kind::Pong:
            break;
        case ws::Event::Kind::Closed:
            if (session_)
                session_->transport_closed(static_cast<std::uint16_t>(event.close_code), as_text(event.bytes), now);
            else if (!answered_ && (heard_ || !event.by_peer))  // who comes and goes without a word looks for a port
                refused(event.http_status, as_text(event.bytes));
            break;
    }
}

void Peer::handle(session::ServerEvent& event, TimePoint now) {
    switch (event.kind) {
        case session::ServerEvent::Kind::Join:
            join(event.player_name, now);
            break;
        case session::ServerEvent::Kind::Input:
            push_input(event, now);
            break;
        case session::ServerEvent::Kind::Event:
            room_->push_event({.player = player_,
                               .type = event.event_type,
                               .data = std::move(event.event),
                               .request = event.request});
            break;
        case session::ServerEvent::Kind::Suspend:
            if (event.suspended) {
                delivery_->ladder.suspend(now);
            } else if (delivery_->ladder.asked()) {
                delivery_->ladder.resume(now);
                delivery_->resumed_at = now;
            }
            break;
        case session::ServerEvent::Kind::Desync:
            if (event.reason.empty()) return Fanout::verify(view_);
            events_->push_back({.kind = GateEvent::Kind::Desync,
                                .connection = identity_.id,
                                .peer_address = identity_.address,
                                .player = player_,
                                .player_name = player_name_,
                                .reason = event.reason});
            break;
        case session::ServerEvent::Kind::Closed:
            if (player_ == 0)
                events_->push_back({.kind = GateEvent::Kind::Refused,
                                    .connection = identity_.id,
                                    .peer_address = identity_.address,
                                    .player_name = player_name_,
                                    .close_code = event.close_code,
                                    .reason = event.reason});
            leave(event.close_code, event.reason);
            break;
    }
}

bool Peer::reads_nothing(TimePoint now) const {
    if (tick_unsent_ && now - taken_at_ >= options_->unread_timeout) return true;
    if (delivery_->ladder.asked()) return false;
    const auto late = [&](std::optional<TimePoint> since) {
        return since && now - std::max(*since, delivery_->resumed_at) >= options_->unread_timeout;
    };
    return late(unacknowledged_since()) || late(delivery_->lane.pace().waiting_since());
}

std::optional<TimePoint> Peer::unacknowledged_since() const {
    const auto oldest = delivery_->window.oldest();
    return oldest ? std::optional(std::max(*oldest, delivery_->resumed_at)) : std::nullopt;
}

bool Peer::may_send_tick(TimePoint now) {
    if (const auto since = unacknowledged_since()) delivery_->ladder.note_unacknowledged_since(*since, now);
    if (!delivery_->ladder.due(room_->tick_number(), now)) return false;
    const bool open = delivery_->window.open(now);
    delivery_->ladder.note_window(open, now);
    return open;
}

void Peer::take_acknowledgement(TimePoint now) {
    if (!delivery_) return;
    if (session_->parts_received() != delivery_->lane.pace().received()) {
        delivery_->lane.note_received(session_->parts_received(), now);
        delivery_->ladder.note_acknowledged(now);
    }
    if (session_->ack_tick() == delivery_->acknowledged) return;
    delivery_->acknowledged = session_->ack_tick();
    delivery_->window.note_acknowledged(delivery_->acknowledged, now);
    delivery_->view.note_acknowledged(delivery_->acknowledged, server_tick(now), now);
    delivery_->ladder.note_acknowledged(now);
}

void Peer::push_input(session::ServerEvent& event, TimePoint now) {
    const double server = server_tick(now);
    room_->push_input(player_,
                      {.tick = event.input_tick,
                       .type = event.input_type,
                       .aggregate = std::move(event.input),
                       .view = {.told = event.view_tick,
                                .likely = delivery_->view.at(server, now),
                                .newest = delivery_->acknowledged}},
                      static_cast<double>(event.input_tick) - server);
}

double Peer::server_tick(TimePoint now) const {
    return static_cast<double>(room_->tick_number()) + 1 - schedule_->ticks_until_due(now);
}

void Peer::answer_request(TimePoint now) {
    const ws::Request& request = websocket_.request();
    identity_.address = fronts_->client_of(request, identity_.address);
    std::optional<HttpAnswer> answer_to_it =
        request.upgrade ? refuse_upgrade(request, options_->origins) : answer(request);
    if (!answer_to_it && identity_.surplus) answer_to_it = turn_away(*options_);
    if (!answer_to_it) {
        accepted_at_ = now;
        return websocket_.accept(subprotocol, {}, now);
    }
    answered_ = true;
    if (request.upgrade) refused(answer_to_it->status, answer_to_it->body);
    websocket_.respond(answer_to_it->status, "text/plain; charset=utf-8", answer_to_it->body, answer_to_it->headers,
                       now);
}

void Peer::refused(int http_status, std::string_view reason) {
    // The WebSocket's own refusals begin with their status, the gate's bodies end with a line's end.
    if (const std::string prefix = std::to_string(http_status) + ": "; reason.substr(0, prefix.size()) == prefix)
        reason.remove_prefix(prefix.size());
    if (!reason.empty() && reason.back() == '\n') reason.remove_suffix(1);
    events_->push_back({.kind = GateEvent::Kind::Refused,
                        .connection = identity_.id,
                        .peer_address = identity_.address,
                        .http_status = http_status,
                        .reason = std::string(reason)});
}

void Peer::join(const std::string& player_name, TimePoint now) {
    player_name_ = player_name;
    player_ = room_->join(player_name, false);
    if (player_ == 0) {
        session_->close(static_cast<std::uint16_t>(ws::CloseCode::ServerFull),
                        "the server is full (" + std::to_string(room_->player_count()) + " of " +
                            std::to_string(room_->options().players_max) + " players)",
                        now);
        return;
    }
    delivery_.emplace(
        Delivery{.window = SnapshotWindow(Duration(std::chrono::seconds(1)) / room_->options().tick_rate, now),
                 .ladder = DeliveryLadder(now),
                 .view = ViewEstimate(room_->options().tick_rate),
                 // Its Hello is the answer to our acceptance.
                 .lane = BulkLane(now - accepted_at_, pace_of(*options_))});
    // An older client lacks components: its state has another hash.
    view_.following.hashed = session_->same_schema();
    const RoomResources& resources = fanout_->resources();
    session_->welcome({.player = player_,
                       .tick_rate = static_cast<std::uint16_t>(room_->options().tick_rate),
                       .tick = room_->tick_number(),
                       .entities_max = room_->options().entities_max,
                       .code_tables = &resources.code_tables,
                       .dictionary = resources.dictionary ? &*resources.dictionary : nullptr},
                      now);
    events_->push_back({.kind = GateEvent::Kind::Joined,
                        .connection = identity_.id,
                        .peer_address = identity_.address,
                        .player = player_,
                        .player_name = player_name_});
}

void Peer::leave(std::uint16_t close_code, std::string_view reason) {
    if (player_ == 0) return;
    room_->leave(player_);
    events_->push_back({.kind = GateEvent::Kind::Left,
                        .connection = identity_.id,
                        .peer_address = identity_.address,
                        .player = player_,
                        .player_name = player_name_,
                        .close_code = close_code,
                        .reason = std::string(reason)});
    player_ = 0;
}

}  // namespace tidewire::server
