// Which instant a frame shows. An engine knows how long its frames are shown better than the clock that is read somewhere in each of
// them: by those lengths motion is even, and by the clock it is in time.
#pragma once

#include "sdk/core/base/time.h"

namespace tidewire::netcode {

class FrameClock {
public:
    /// Further behind than this the program has stood still, and the picture jumps; further ahead, it waits.
    static constexpr Duration reanchor_beyond = std::chrono::milliseconds(50);
    /// In each frame this part of what it is off is made good: a clock that is read 2 ms too late moves the picture by an eighth of one.
    static constexpr int pull_divisor = 16;

    /// The next frame, `length` after the last one, begins at `now`. Returns what it shows; that never falls.
    TimePoint advance(Duration length, TimePoint now);
    /// The same for a program that does not know: it shows `now`.
    TimePoint advance(TimePoint now);

private:
    TimePoint shown_{};
};

}  // namespace tidewire::netcode
