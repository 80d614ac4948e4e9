// How a connection watches: what it is told is its room's stand's, and it has no player.
#include <utility>

#include "server/gate/hosted_room.h"
#include "server/gate/peer.h"

namespace tidewire::server {

void Peer::watch(HostedRoom& room, Seat seat, TimePoint now) {
    seeks_seat_ = false;
    room_ = &room;
    stand_ = room.stand();
    room.add(*this);
    const auto pass = std::move(pass_);
    GateEvent joined{.kind = GateEvent::Kind::Joined,
                     .subject = pass->identity().subject,
                     .token_id = pass->identity().token_id};
    if (room.ended()) return turn_away(ws::CloseCode::RoomOver, "the room has just ended", now);
    pass->use();
    player_ = stand_->enter();
    // Without a session: whoever is lost comes anew, and has missed what went by.
    membership_ = std::make_unique<Membership>(
        Membership{.player = player_,
                   .name = player_name_,
                   .subject = joined.subject,
                   .address = identity_.address,
                   .seat = std::move(seat),
                   .session = {},
                   .events = session::ReliableLog({.messages_max = site_->options.events_unsent_max,
                                                   .bytes_max = site_->options.event_bytes_unsent_max})});
    welcome(wire::Welcome::Resumed::No, now);
    say(std::move(joined));
    pump(now);
}

Fanout& Peer::fanout() const { return spectates() ? stand_->fanout() : room_->fanout(); }

Tick Peer::newest_tick() const { return spectates() ? stand_->tick() : room_->room().tick_number(); }

HeldTickPointer Peer::hold_tick() const { return spectates() ? stand_->hold_tick() : room_->room().hold_tick(); }

RoomNumber Peer::tick_set() const { return spectates() ? stand_of(room_->number()) : room_->number(); }

}  // namespace tidewire::server
