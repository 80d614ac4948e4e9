// Which tick to draw: a little behind the newest snapshot, by as much as snapshots come late.
#pragma once

#include <deque>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

struct RenderClockOptions {
    Duration delay_max = std::chrono::milliseconds(150);            ///< Beyond it a late world is drawn as it comes.
    Duration window = std::chrono::seconds(4);                      ///< Lateness is judged over this long.
    Duration release_per_second = std::chrono::milliseconds(20);    ///< How fast the delay shrinks again after a burst.
    Duration reanchor_beyond = std::chrono::milliseconds(250);      ///< Further from its target than this, the clock jumps.
};

/// A playback position in server ticks, monotonic but for re-anchoring.
class RenderClock {
public:
    explicit RenderClock(Duration tick_period, RenderClockOptions options = {});

    /// A snapshot of this tick arrived.
    void observe(Tick tick, TimePoint now);
    /// Moves the playback to `now`, at 0.96, 1.00 or 1.02 of real speed.
    void advance(TimePoint now);

    /// False before the first snapshot.
    bool running() const { return running_; }
    /// The tick to draw, with its fraction. At most the newest snapshot's tick.
    double tick() const { return position_; }
    /// How far behind the newest possible tick it is drawing, now.
    Duration delay() const { return delay_; }

private:
    struct Arrival {
        TimePoint at;
        Duration lateness;  // arrival minus the tick's nominal time, on an arbitrary origin
    };

    Duration target_delay(TimePoint now) const;

    Duration tick_period_;
    RenderClockOptions options_;
    std::deque<Arrival> arrivals_;
    bool running_ = false;
    Tick newest_ = 0;
    double position_ = 0;
    Duration delay_{0};
    TimePoint advanced_at_{};
};

}  // namespace tidewire::netcode
