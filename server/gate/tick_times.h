// When the parts of a room's tick were done, as its shard has measured it.
#pragma once

#include "sdk/core/base/time.h"

namespace tidewire::server {

/// One turn in which a room ticked.
struct TickTimes {
    TimePoint due;
    TimePoint began;    ///< What the players have said was not yet read.
    TimePoint told;     ///< What all clients are told was made.
    TimePoint written;  ///< And was written, as far as their streams took it.
};

/// And the turn behind it, in which its spectators were told.
struct StandTimes {
    TimePoint began;
    TimePoint written;
};

}  // namespace tidewire::server
