// The server's public rooms, as lines on stdout.
#pragma once

#include "samples/arena/client/options.h"

namespace arena {

/// Returns the exit code.
int list_rooms(const Options& options);

}  // namespace arena
