// tidewire-swarm, as it is built here: for the arena.
#include "tools/swarm/arena_game.h"
#include "tools/swarm/command_line.h"

int main(int argc, char** argv) { return tidewire::swarm::run_swarm(tidewire::swarm::ArenaGame(), argc, argv); }
