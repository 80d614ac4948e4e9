// How a player outlives its connection: what is kept of it, and how it goes on by another.
#include <algorithm>
#include <cassert>
#include <utility>

#include "server/gate/hosted_room.h"
#include "server/gate/peer.h"

namespace tidewire::server {

void Peer::resume(HostedRoom& room, MembershipPointer membership, TimePoint now) {
    assert(seeks_seat_ && room_ == nullptr && resume_);
    seeks_seat_ = false;
    room_ = &room;
    room.add(*this);
    applicant_.reset();
    membership_ = std::move(membership);
    player_ = membership_->player;
    player_name_ = membership_->name;
    membership_->address = identity_.address;
    membership_->away = {};
    membership_->attempt = std::max(membership_->attempt, resume_->attempt);
    const std::uint32_t received = resume_->events_received;
    if (!membership_->events.can_go_on_from(received)) {
        const bool older = membership_->restored && received > membership_->events.sent();
        turn_away(ws::CloseCode::SessionOver,
                  older ? "the room was restored from a save that is older than what the client has seen"
                        : "more events were missed than the server keeps",
                  now);
        return;
    }
    const bool restored = membership_->restored;
    if (!restored) room.fanout().resume(view_, resume_->groups, resume_->tick);
    // The last word of a transfer that came may have been lost.
    BulkQueues& bulk = room.room().bulk();
    if (resume_->bulks_received == bulk.popped(player_) + 1 && bulk.front(player_) != nullptr) bulk.pop(player_);
    welcome(restored ? wire::Welcome::Resumed::Restored : wire::Welcome::Resumed::Here, now);
    say({.kind = GateEvent::Kind::Resumed});
    room.note_back(player_);
    pump_session(now);
    membership_->events.acknowledge(received);
    membership_->events.for_each([&](const SharedMessage& event) {
        if (!delivery_->write_event(event)) websocket_.abort("events that were missed do not fit", now);
    });
    session_->note_events_written(membership_->events.sent());
    resume_.reset();
    pump(now);
}

MembershipPointer Peer::surrender(TimePoint now) {
    MembershipPointer membership = std::move(membership_);
    membership->events_received = session_->events_received();
    membership->budget = session_->budget();
    player_ = 0;
    surrendered_ = true;
    session_->close(static_cast<std::uint16_t>(ws::CloseCode::SessionTaken), "the player has come back by another connection", now);
    pump(now);
    return membership;
}

const Membership* Peer::member() {
    if (player_ == 0) return nullptr;
    membership_->events_received = session_->events_received();
    return membership_.get();
}

bool Peer::session_is_saved() const {
    // Who is in no room yet may have come for a session that is in a file by now.
    return room_ != nullptr ? room_->saved() && session() : static_cast<bool>(site_->save_room);
}

void Peer::put_off(ws::CloseCode code, std::string_view reason, TimePoint now) {
    seeks_seat_ = false;
    session_->close(static_cast<std::uint16_t>(code), reason, now,
                    {.retry_after = site_->options.retry_after, .keeps_session = true});
    pump(now);
}

void Peer::end_session(const session::ServerEvent& closed, TimePoint now) {
    // Who has only watched is told of to nobody.
    if (surrendered_ || feed_) return;
    const auto told = [&](GateEvent::Kind kind) {
        return GateEvent{.kind = kind, .close_code = closed.close_code, .reason = closed.reason, .by_client = closed.by_client};
    };
    if (player_ == 0) return say(told(GateEvent::Kind::Refused));
    if (room_->saved() && session()) {
        say(told(GateEvent::Kind::Lost));
        player_ = 0;
        return membership_.reset();
    }
    if (!(closed.lost || stalled_) || !membership_->session.has_token() || room_->ended())
        return leave(told(GateEvent::Kind::Left));
    membership_->events_received = session_->events_received();
    membership_->budget = session_->budget();
    say(told(GateEvent::Kind::Lost));
    player_ = 0;
    membership_->away = site_->census.keep_place(entry_);
    room_->keep(std::move(membership_), closed.reason, now);
}

void Peer::welcome(wire::Welcome::Resumed resumed, TimePoint now) {
    const Tick has = resumed == wire::Welcome::Resumed::Here ? std::min(resume_->tick, newest_tick()) : 0;
    // Its Hello is the answer to our acceptance.
    delivery_.emplace(websocket_, site_->options, now - accepted_at_, now, has);
    // An older client lacks components: its state has another hash.
    view_.following.hashed = session_->same_schema();
    const RoomResources& resources = site_->resources;
    SessionToken token;
    const bool may_come_back = membership_->session.has_token();
    if (may_come_back) token = site_->sessions.rotate(membership_->session, resume_ ? ByteSpan(resume_->token) : ByteSpan());
    session_->welcome({.player = spectates() ? 0 : player_,
                       .tick_rate = static_cast<std::uint16_t>(room_->room().options().tick_rate),
                       .tick = newest_tick(),
                       .entities_max = room_->room().options().entities_max,
                       .code_tables = &resources.code_tables,
                       .dictionary = resources.dictionary ? &*resources.dictionary : nullptr,
                       .session_token = may_come_back ? ByteSpan(token) : ByteSpan(),
                       .session_kept = site_->options.resume_within,
                       .resumed = resumed,
                       .ack_tick = has,
                       .events_received = membership_->events_received,
                       .delay = spectates() ? Duration(stand_->delay()) : Duration(0),
                       .counts = &room_->counters().messages,
                       .budget = membership_->budget ? &*membership_->budget : nullptr,
                       .room = room_->identity()},
                      now);
}

}  // namespace tidewire::server
