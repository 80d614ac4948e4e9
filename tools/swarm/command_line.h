// The program around a swarm, whatever its game: flags, signals, report, exit code.
#pragma once

#include "tools/swarm/game.h"

namespace tidewire::swarm {

/// main() of a game's swarm. Its exit code: 0 all objectives met, 1 one was missed, 2 the command line cannot work, 3 nobody got into the
/// game.
int run_swarm(const SwarmGame& game, int argc, const char* const* argv);

}  // namespace tidewire::swarm
