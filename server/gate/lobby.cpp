// Few at any time: who comes stays for a round trip or two.
#include "server/gate/lobby.h"

#include <algorithm>
#include <iterator>

namespace tidewire::server {

void Lobby::remove(const Peer& peer) {
    const auto found = std::find(peers_.begin(), peers_.end(), &peer);
    if (found != peers_.end()) peers_.erase(found);
}

std::vector<Peer*> Lobby::tell_rooms(const Site& site, TimePoint now) {
    std::vector<Peer*> told;
    if (site.watchers == 0 || now - rooms_told_at_ < rooms_told_every) return told;
    rooms_told_at_ = now;
    std::copy_if(peers_.begin(), peers_.end(), std::back_inserter(told), [](const Peer* peer) { return peer->watches(); });
    if (told.empty()) return told;
    const std::vector<RoomListing> rooms = site.directory.list(listed_rooms_max);
    for (Peer* const peer : told) peer->tell_rooms(rooms, now);
    return told;
}

Peer* Lobby::oldest_mute() const {
    const auto found =
        std::find_if(peers_.begin(), peers_.end(), [](const Peer* peer) { return peer->may_make_room(); });
    return found == peers_.end() ? nullptr : *found;
}

}  // namespace tidewire::server
