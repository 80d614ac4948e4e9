// A connection that is in no room and wants none: it is told of all that are public.
#include <cassert>

#include "server/gate/peer.h"

namespace tidewire::server {

void Peer::watch(TimePoint now) {
    assert(seeks_seat_ && lists_rooms_);
    if (!site_->admission.may_try(identity_.address, now))
        return turn_away(ws::CloseCode::TooManyJoins, "too many have tried to join from this address; wait a little", now);
    const std::uint32_t max = site_->options.client_rooms.watchers_max;
    if (max == 0) return turn_away(ws::CloseCode::Denied, "this server tells nobody of its rooms", now);
    auto place = WatchPlace::take(site_->watchers, max);
    if (!place) return turn_away(ws::CloseCode::TryAgainLater, "as many are told of the rooms as may be", now);
    seeks_seat_ = false;
    feed_ = std::make_unique<RoomFeed>(std::move(applicant_->room.properties), std::move(*place));
    applicant_.reset();
    session_->watch();
    tell_rooms(site_->directory.list(listed_rooms_max), now);
}

void Peer::tell_rooms(std::span<const RoomListing> rooms, TimePoint now) {
    // What it has not taken yet is old by the time that it does: it is told what there is then.
    if (!watches() || !websocket_.open() || has_output()) return;
    for (const wire::RoomList& message : feed_->next(rooms)) session_->tell(message);
    pump(now);
}

}  // namespace tidewire::server
