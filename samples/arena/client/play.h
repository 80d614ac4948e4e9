// One session of play: the frame loop that ties network, controls and picture together.
#pragma once

#include "samples/arena/client/options.h"
#include "samples/arena/client/window.h"

namespace arena {

/// Plays until the player, the server or the time ends it. Returns the exit code of main(): 0 when it was playing.
int play(Window& window, const Options& options);

}  // namespace arena
