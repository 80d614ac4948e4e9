// Connections that are in no room: who speaks HTTP, shakes hands, has not said Hello yet, is told of the list of rooms alone, or was turned
// away and is being told so.
#pragma once

#include <vector>

#include "server/gate/peer.h"

namespace tidewire::server {

class Lobby {
public:
    void add(Peer& peer) { peers_.push_back(&peer); }
    /// It sits now, goes to another gate, or is gone.
    void remove(const Peer& peer);
    bool empty() const { return peers_.empty(); }
    /// In the order in which they came.
    const std::vector<Peer*>& peers() const { return peers_; }
    /// Those of them who watch the list of rooms are told what has changed in it, now and then: they, or nobody.
    std::vector<Peer*> tell_rooms(const Site& site, TimePoint now);
    /// Who has waited longest of those that hold a place and have not said Hello; null when there is none.
    Peer* oldest_mute() const;

private:
    std::vector<Peer*> peers_;
    TimePoint rooms_told_at_{};
};

}  // namespace tidewire::server
