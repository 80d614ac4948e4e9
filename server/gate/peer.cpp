// The way of a connection: request → upgrade → hello → player → ticks → close.
#include "server/gate/peer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sdk/core/wire/codec.h"
#include "server/gate/hosted_room.h"
#include "server/gate/http.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

ws::Limits limits_of(const ServerOptions& options) {
    return {.message_bytes_max = session::ServerSessionOptions{}.wire.message_bytes_max,
            // Events find room behind a tick that takes all of its own.
            .transmit_bytes_max = options.transmit_bytes_max + options.event_bytes_unsent_max,
            // What a tick has of small bodies is copied: whoever gets one takes the same memory again in the next.
            .transmit_bytes_kept = 16 * 1024};
}

session::TransportEnd end_of(const ws::Event& closed) {
    using session::TransportEnd;
    if (!closed.by_peer) return TransportEnd::ByUs;
    return closed.clean ? TransportEnd::ByClient : TransportEnd::Cut;
}

std::int16_t lead_on_wire(const InputLead& lead) {
    if (!lead.fresh) return wire::no_input_lead;
    constexpr double most = 127;  // ticks; the rest of the sixteen bits are 256ths
    return static_cast<std::int16_t>(std::lround(std::clamp(lead.ticks, -most, most) * wire::input_leads_per_tick));
}

}  // namespace

Peer::Peer(PeerIdentity identity, Site& site, ConnectionCensus::Entry entry, std::deque<GateEvent>& events,
           TimePoint now)
    : identity_(std::move(identity)),
      site_(&site),
      entry_(std::move(entry)),
      events_(&events),
      websocket_(ws::Connection::server(limits_of(site.options), {}, now)) {}

Peer::~Peer() {
    leave({.kind = GateEvent::Kind::Left,
           .close_code = static_cast<std::uint16_t>(ws::CloseCode::Abnormal),
           .reason = "the stream was closed"});
    if (room_ != nullptr) room_->remove(*this);
}

void Peer::set_address(std::string address) {
    site_->census.set_address(entry_, address);
    identity_.address = std::move(address);
}

void Peer::make_room(TimePoint now) {
    heard_ = true;  // and so it is told to the log
    entry_ = {};
    websocket_.abort("all places were taken, and it was the oldest connection that had not joined", now);
    pump(now);
}

void Peer::sit(HostedRoom& room, Seat seat, TimePoint now) {
    assert(seeks_seat_ && room_ == nullptr);
    if (seat.kind() == SeatKind::Spectator) return watch(room, std::move(seat), now);
    seeks_seat_ = false;
    room_ = &room;
    room.add(*this);
    const auto pass = std::move(pass_);
    GateEvent joined{.kind = GateEvent::Kind::Joined,
                     .subject = pass->identity().subject,
                     .token_id = pass->identity().token_id};
    player_ = room.join(player_name_, pass->identity());
    if (player_ != 0) {
        pass->use();
        seat.use();
        const RoomPlace place = seat.place();
        membership_ = std::make_unique<Membership>(
            Membership{.player = player_,
                       .name = player_name_,
                       .subject = joined.subject,
                       .address = identity_.address,
                       .seat = std::move(seat),
                       .session = site_->sessions.open(place),
                       .events = session::ReliableLog({.messages_max = site_->options.events_unsent_max,
                                                       .bytes_max = site_->options.event_bytes_unsent_max})});
        welcome(wire::Welcome::Resumed::No, now);
        say(std::move(joined));
    } else if (room.ended()) {
        turn_away(room.ended()->failed ? ws::CloseCode::InternalError : ws::CloseCode::RoomOver,
                  "the room has just ended", now);
    } else {
        turn_away(ws::CloseCode::ServerFull, "the room is full", now);
    }
    pump(now);
}

void Peer::identify(Pass pass) {
    // The name of who has none of its own is the one that it asks for.
    if (!pass.identity().name.empty()) player_name_ = pass.identity().name;
    pass_ = std::make_unique<Pass>(std::move(pass));
    applicant_.reset();
}

void Peer::turn_away(ws::CloseCode code, std::string_view reason, TimePoint now) {
    seeks_seat_ = false;
    applicant_.reset();
    pass_.reset();
    session_->close(static_cast<std::uint16_t>(code), reason, now, hint_of(code));
    pump(now);
}

void Peer::receive(MutableByteSpan bytes, TimePoint arrived, TimePoint now) {
    heard_ = true;
    arrived_ = std::max(arrived_, arrived);
    websocket_.receive(bytes, now);
    pump(now);
}

void Peer::receive_eof(TimePoint now) {
    websocket_.receive_eof(now);
    pump(now);
}

void Peer::abort(std::string_view reason, TimePoint now) {
    heard_ = heard_ || site_->options.tls.enabled();  // a TLS handshake that fails is said below us
    websocket_.abort(reason, now);
    pump(now);
}

void Peer::handle_timeout(TimePoint now) {
    websocket_.handle_timeout(now);
    if (session_) session_->handle_timeout(now);
    pump(now);
}

/// Whoever is sent away since the server stops may find another in its place, and whoever found no place a free one.
session::CloseHint Peer::hint_of(ws::CloseCode code) const {
    switch (code) {
        case ws::CloseCode::GoingAway:
            return {.retry_after = site_->options.retry_after, .keeps_session = session_is_saved()};
        case ws::CloseCode::ServerFull:
        case ws::CloseCode::TryAgainLater:
        case ws::CloseCode::TooManyJoins:
        case ws::CloseCode::RoomFull:
        case ws::CloseCode::RoomOver:
        case ws::CloseCode::TooManyRooms:
            return {.retry_after = retry_when_full};
        default:
            return {};
    }
}

Peer::TickOutcome Peer::send_tick(TimePoint now) {
    const TickOutcome outcome = tell_tick(now);
    pump_lane(now);
    return outcome;
}

Peer::TickOutcome Peer::tell_tick(TimePoint now) {
    if (player_ == 0 || !websocket_.open()) return TickOutcome::NotPlaying;
    Fanout& fanout = this->fanout();
    if (delivery_->reads_nothing(now)) {
        // As a link does that is cut off.
        stalled_ = membership_->session.has_token();
        return give_up(ws::CloseCode::TryAgainLater, "the client has read nothing for too long", now, {.keeps_session = stalled_});
    }
    if (!delivery_->wants_tick(newest_tick(), now)) return TickOutcome::LeftOut;

    const Told& told = fanout.tell(player_, view_, delivery_->whole_bytes_max());
    if (told.keyframe_bytes > site_->options.keyframe_bytes_max)
        return give_up(ws::CloseCode::InternalError,
                       "a keyframe of this world takes " + std::to_string(told.keyframe_bytes) +
                           " bytes, more than keyframe_bytes_max (" + std::to_string(site_->options.keyframe_bytes_max) +
                           "); raise it in ServerOptions and ClientOptions",
                       now);
    using Way = Delivery::TickWriting::Way;
    const InputLead lead = room_->room().input_lead(player_);
    const auto tick = delivery_->write_tick(told, {.tick = lead.newest, .lead = lead_on_wire(lead)}, now);
    if (tick.way == Way::NoRoom) return TickOutcome::LeftOut;
    if (tick.way == Way::TooLarge)
        return give_up(
            ws::CloseCode::InternalError,
            "the world takes " + std::to_string(tick.bytes) + " bytes, more than the server's transmit_bytes_max", now);
    session_->note_written(delivery_->tick_written());
    fanout.commit(view_);
    if (tick.way == Way::InParts) Fanout::hold(view_, hold_tick());
    room_->room().note_lead_told(player_);
    room_->room().note_written(player_);
    return tick.keyframe ? TickOutcome::Keyframe : TickOutcome::Delta;
}

Peer::TickOutcome Peer::give_up(ws::CloseCode code, std::string_view why, TimePoint now, session::CloseHint hint) {
    session_->close(static_cast<std::uint16_t>(code), why, now, hint);
    pump(now);
    return TickOutcome::LeftOut;
}

bool Peer::send_event(const OutgoingEvent& event, TimePoint now) {
    return player_ != 0 && room_->room().outbox().is_for(event, player_) && send_event(event.message, now);
}

bool Peer::send_event(const SharedMessage& message, TimePoint now) {
    if (player_ == 0 || !websocket_.open()) return false;
    if (delivery_->write_event(message)) {
        membership_->events.push(message);
        session_->note_events_written(membership_->events.sent());
        return true;
    }
    const EventBacklog& backlog = delivery_->event_backlog();
    give_up(ws::CloseCode::TryAgainLater,
            "events come faster than the client reads them: " + std::to_string(backlog.count()) + " of " +
                std::to_string(backlog.bytes()) + " bytes wait",
            now);
    return false;
}

void Peer::retain_unsent() {
    if (delivery_) delivery_->retain_unsent();
}

void Peer::shut_down(ws::CloseCode code, std::string_view reason, TimePoint now) {
    seeks_seat_ = false;
    if (session_)
        session_->close(static_cast<std::uint16_t>(code), reason, now, hint_of(code));
    else
        websocket_.abort(reason, now);
    pump(now);
}

std::span<const ByteSpan> Peer::poll_transmit() {
    const std::span<const ByteSpan> parts = websocket_.poll_transmit();
    if (delivery_) delivery_->note_offered();
    return parts;
}

void Peer::transmitted(std::size_t bytes, TimePoint now) {
    websocket_.transmitted(bytes, now);
    if (delivery_) delivery_->note_transmitted(bytes, now);
    pump(now);
}

TimePoint Peer::poll_timeout() const {
    const TimePoint websocket = websocket_.poll_timeout();
    return session_ ? std::min(websocket, session_->poll_timeout()) : websocket;
}

void Peer::pump(TimePoint now) {
    pump_session(now);
    while (!seeks_seat_) {
        const auto event = websocket_.poll_event(now);
        if (!event) break;
        handle(*event, now);
        pump_session(now);
    }
    pump_lane(now);
}

void Peer::pump_lane(TimePoint now) {
    if (player_ == 0 || !websocket_.open()) return;
    delivery_->write_part(room_->room().bulk(), player_, now);
    session_->note_written(delivery_->tick_written());
    session_->note_parts_written(delivery_->parts_written());
}

void Peer::pump_session(TimePoint now) {
    if (!session_) return;
    while (!seeks_seat_) {
        auto event = session_->poll_event();
        if (!event) break;
        handle(*event, now);
    }
    while (auto message = session_->poll_transmit()) {
        if (!websocket_.open()) continue;
        // Code tables and dictionaries: nothing else that a session says is so large, and nothing has to come behind them but ticks.
        if (delivery_ && message->size() > delivery_->whole_bytes_max()) {
            delivery_->push_message(std::move(*message));
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
            session_.emplace(site_->layout, session::ServerSessionOptions{.rates = {.client_events = site_->options.client_events}},
                             now);
            break;
        case ws::Event::Kind::Message:
            if (event.message_kind == ws::MessageKind::Binary) {
                session_->receive(event.bytes, arrived_, now);
                take_acknowledgement();
            } else {
                session_->close(static_cast<std::uint16_t>(ws::CloseCode::UnsupportedData),
                                "Tidewire's messages are binary; this one was text", now);
            }
            break;
        case ws::Event::Kind::Pong:
            break;
        case ws::Event::Kind::Closed:
            if (session_)
                session_->transport_closed(static_cast<std::uint16_t>(event.close_code), as_text(event.bytes), now,
                                           end_of(event));
            else if (!answered_ && (heard_ || !event.by_peer))  // who comes and goes without a word looks for a port
                refused(event.http_status, as_text(event.bytes));
            break;
    }
}

void Peer::handle(session::ServerEvent& event, TimePoint now) {
    switch (event.kind) {
        case session::ServerEvent::Kind::Join:
            player_name_ = std::move(event.player_name);
            applicant_->address = identity_.address;
            applicant_->player_name = player_name_;
            if (!event.token.empty()) applicant_->token = std::move(event.token);
            applicant_->wants = event.spectates ? SeatKind::Spectator : SeatKind::Player;
            resume_ = std::move(event.resume);
            if (event.room) applicant_->room = std::move(*event.room);
            lists_rooms_ = event.lists_rooms;
            seeks_seat_ = true;
            said_hello_ = true;
            break;
        case session::ServerEvent::Kind::Input:
            push_input(event);
            break;
        case session::ServerEvent::Kind::Event:
            room_->room().push_event({.player = player_,
                               .type = event.event_type,
                               .data = std::move(event.event),
                               .request = event.request});
            break;
        case session::ServerEvent::Kind::Suspend:
            room_->room().note_hidden(player_, event.suspended);
            if (event.suspended)
                delivery_->suspend(now);
            else
                delivery_->resume(now);
            break;
        case session::ServerEvent::Kind::Desync:
            if (event.reason.empty()) return Fanout::verify(view_);
            say({.kind = GateEvent::Kind::Desync, .reason = event.reason});
            break;
        case session::ServerEvent::Kind::Closed:
            end_session(event, now);
            break;
    }
}

bool Peer::waits_for_tick() const {
    return player_ != 0 && websocket_.open() && !delivery_->has_parts() && room_->room().bulk().front(player_) == nullptr;
}

void Peer::take_acknowledgement() {
    if (!delivery_ || membership_ == nullptr) return;
    membership_->events.acknowledge(session_->events_acknowledged());
    if (!confirmed_ && session_->heard()) {
        confirmed_ = true;
        site_->sessions.confirm(membership_->session);
        membership_->restored = false;
    }
    delivery_->note_parts_received(session_->parts_received(), arrived_);
    delivery_->note_acknowledged(session_->ack_tick(), server_tick(arrived_), arrived_);
}

void Peer::push_input(session::ServerEvent& event) {
    const double server = server_tick(arrived_);
    room_->room().push_input(player_,
                      {.tick = event.input_tick,
                       .type = event.input_type,
                       .aggregate = event.input,
                       .view = delivery_->view(event.view_tick, server, arrived_)},
                      static_cast<double>(event.input_tick) - server);
}

double Peer::server_tick(TimePoint now) const {
    return static_cast<double>(newest_tick()) + 1 - room_->schedule().ticks_until_due(now);
}

void Peer::answer_request(TimePoint now) {
    const ws::Request& request = websocket_.request();
    set_address(site_->fronts.client_of(request, identity_.address));
    std::optional<HttpAnswer> answer_to_it =
        request.upgrade ? refuse_upgrade(request, site_->options.origins) : answer(request, identity_.address, *site_);
    if (!answer_to_it && surplus()) answer_to_it = server::turn_away(site_->options, entry_.verdict());
    if (!answer_to_it) {
        accepted_at_ = now;
        const std::string* const origin = ws::find_header(request.headers, "Origin");
        applicant_ = std::make_unique<Applicant>(Applicant{.origin = origin == nullptr ? "" : *origin,
                                                           .path = request.target.substr(0, request.target.find('?')),
                                                           .token = std::string(offered_token(request))});
        return websocket_.accept(subprotocol, {}, now);
    }
    answered_ = true;
    if (request.upgrade) refused(answer_to_it->status, answer_to_it->body);
    websocket_.respond(answer_to_it->status, answer_to_it->content_type, answer_to_it->body, answer_to_it->headers,
                       now);
}

void Peer::refused(int http_status, std::string_view reason) {
    // The WebSocket's own refusals begin with their status, the gate's bodies end with a line's end.
    if (const std::string prefix = std::to_string(http_status) + ": "; reason.substr(0, prefix.size()) == prefix)
        reason.remove_prefix(prefix.size());
    if (!reason.empty() && reason.back() == '\n') reason.remove_suffix(1);
    say({.kind = GateEvent::Kind::Refused, .http_status = http_status, .reason = std::string(reason)});
}

void Peer::say(GateEvent event) {
    event.connection = identity_.id;
    event.peer_address = identity_.address;
    event.player = spectates() ? 0 : player_;
    event.spectates = spectates();
    if (room_ != nullptr) event.room = room_->number();
    event.player_name = player_name_;
    if (membership_ != nullptr) event.subject = membership_->subject;
    events_->push_back(std::move(event));
}

void Peer::leave(GateEvent left) {
    if (player_ == 0) return;
    if (spectates())
        stand_->leave(player_);
    else
        room_->leave(player_);
    say(std::move(left));
    player_ = 0;
    membership_.reset();
}

}  // namespace tidewire::server
