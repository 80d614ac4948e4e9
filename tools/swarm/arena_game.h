// The arena in a swarm: fighters that wander about, or play as the server's bots do by what their clients see.
#pragma once

#include "samples/arena/bots.h"
#include "tools/swarm/game.h"

namespace tidewire::swarm {

class ArenaGame : public SwarmGame {
public:
    const SchemaInfo& schema() const override;
    ApplyInput rules() const override;
    std::unique_ptr<SwarmPlayer> make_player(Manner manner, std::uint64_t seed) const override;

private:
    arena::Pilot pilot_;
};

}  // namespace tidewire::swarm
