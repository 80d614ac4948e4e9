// Few at any time: who comes stays for a round trip or two.
#include "server/gate/lobby.h"

#include <algorithm>

namespace tidewire::server {

void Lobby::remove(const Peer& peer) {
    const auto found = std::find(peers_.begin(), peers_.end(), &peer);
    if (found != peers_.end()) peers_.erase(found);
}

Peer* Lobby::oldest_mute() const {
    const auto found =
        std::find_if(peers_.begin(), peers_.end(), [](const Peer* peer) { return peer->may_make_room(); });
    return found == peers_.end() ? nullptr : *found;
}

}  // namespace tidewire::server
