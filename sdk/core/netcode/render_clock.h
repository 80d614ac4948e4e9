// Which tick to draw: a little behind the newest snapshot, by as much as snapshots come late.
// It is not a frame clock: its position depends on when snapshots came, never on how often it was asked.
#pragma once

#include <deque>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

struct RenderClockOptions {
    Duration delay_max = std::chrono::milliseconds(150);  ///< Beyond it a late world is drawn as it comes.
    Duration window = std::chrono::seconds(4);            ///< Lateness is judged over this long.
    Duration origin_window = std::chrono::seconds(10);    ///< The earliest arrival of so long is what "on time" means.
    /// Unless everything has been too late for so long: then ticks were dropped, or the route is longer, for good. Ten
    /// snapshots at 20 Hz are more than a spike of the link, and half a second of a stepping picture is bearable.
    Duration shift_window = std::chrono::milliseconds(500);
    Duration release_per_second = std::chrono::milliseconds(20);  ///< How fast the delay shrinks again after a burst.
    Duration reanchor_beyond = std::chrono::milliseconds(250);  ///< Further from its target than this, the clock jumps.
};

/// A playback position in server ticks, monotonic but for re-anchoring.
class RenderClock {
public:
    explicit RenderClock(Duration tick_period, RenderClockOptions options = {});

    /// A snapshot of this tick arrived. Ticks rise; instants never fall, here and in advance().
    void observe(Tick tick, TimePoint now);
    /// Moves the playback to `now`: at real speed, or at 0.96 or 1.02 of it while it is ahead of or behind its target.
    void advance(TimePoint now);

    /// False before the first snapshot.
    bool running() const { return running_; }
    /// The tick to draw, with its fraction. At most the newest snapshot's tick.
    double tick() const { return position_; }
    /// How far the drawn tick is behind the one that a punctual snapshot would bring just then, at the last advance().
    Duration delay() const;
    /// How much later than the earliest of the last ten seconds the newest snapshot came, or the latest of those that came with it.
    Duration lateness() const { return running_ ? arrivals_.back().latest - origin_ : Duration(0); }
    /// The age of the newest snapshot beyond the least one-way latency: since when it could have been here.
    Duration age(TimePoint now) const;

private:
    /// One snapshot, or several that came at once after a stall: one piece of evidence about the link either way.
    struct Arrival {
        TimePoint at;
        Duration earliest;  // arrival minus the tick's nominal time, on an arbitrary origin: the least and the
        Duration latest;    // largest of the burst
    };

    /// Whether what came over the last shift_window says that "on time" has lastingly become later.
    bool origin_shifted(TimePoint now) const;
    Duration lateness_quantile(TimePoint now) const;
    /// The tick that a punctual snapshot would bring at `now`.
    double live(TimePoint now) const;

    Duration tick_period_;
    RenderClockOptions options_;
    std::deque<Arrival> arrivals_;
    bool running_ = false;
    Tick newest_ = 0;
    Duration origin_{0};     // the least `earliest` of arrivals_
    double position_ = 0;    // in ticks
    double aim_ = 0;         // how far behind live() the clock wants to be, in ticks
    double aim_target_ = 0;  // where release() lets it shrink to
    bool jumping_ = false;   // on the way to a target that is out of reach of the three speeds
    TimePoint advanced_at_{};
};

}  // namespace tidewire::netcode
