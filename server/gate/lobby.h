// Connections that are in no room: who speaks HTTP, shakes hands, has not said Hello yet, or was turned away and is being told so.
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
    /// Who has waited longest of those that hold a place and have not said Hello; null when there is none.
    Peer* oldest_mute() const;

private:
    std::vector<Peer*> peers_;
};

}  // namespace tidewire::server
