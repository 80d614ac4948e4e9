// What a slow client gets: every tick, every other one, one a second, or nothing until it is heard of again. One rung down when the
// window says no too often, one up when it has not for a while.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::server {

enum class Rung : std::uint8_t { Full, Reduced, Keyframe, Suspended };
inline constexpr std::size_t rung_count = 4;
/// "full", "reduced", "keyframe", "suspended": for metrics and logs.
const char* name_of(Rung rung);

struct DeliveryLadderOptions {
    /// Longer without an acknowledgement it is a stall, and no rung is judged by it.
    Duration standstill = std::chrono::milliseconds(500);
    /// Over so long a rung is judged: stalls and jitter close the window as well, and cost a fast link no rung.
    Duration down_after = std::chrono::seconds(4);
    /// Of the ticks that were due, found the window full: one rung down. The next rung tells half as many, evenly.
    int refused_percent_max = 50;
    Duration up_after = std::chrono::seconds(5);  ///< Without a single one: one rung up.
    Duration up_after_max = std::chrono::seconds(
        60);  ///< Each way up waits twice as long as the one before, until the top has held for so long.
    Duration keyframe_interval = std::chrono::seconds(1);  ///< On the rung of keyframes: enough to see who is where.
    /// Something is on its way, and nothing has been acknowledged for so long: nobody is looking.
    Duration suspend_after = std::chrono::seconds(5);
};

class DeliveryLadder {
public:
    /// `now`: the client joins.
    explicit DeliveryLadder(TimePoint now, DeliveryLadderOptions options = {});

    /// Whether this tick is one that the client should get on its rung. Call once a tick.
    bool due(Tick tick, TimePoint now) const;
    /// Of a tick that was due: the window was full, or not.
    void note_window(bool open, TimePoint now);
    /// The client acknowledges something.
    void note_acknowledged(TimePoint now);
    /// The oldest tick that is on its way was written then. Call once a tick.
    void note_unacknowledged_since(TimePoint since, TimePoint now);

    /// The client says that nobody looks, or that somebody does again.
    void suspend(TimePoint now);
    void resume(TimePoint now);

    Rung rung() const { return rung_; }
    /// The client asked to be suspended.
    bool asked() const { return asked_; }

private:
    void step_to(Rung rung, TimePoint now);
    void begin_judging(TimePoint now);

    DeliveryLadderOptions options_;
    Rung rung_ = Rung::Full;
    bool asked_ = false;  // the client wants to be suspended
    Duration up_after_;
    TimePoint judged_from_;
    TimePoint refused_last_;
    TimePoint written_last_;
    TimePoint acknowledged_at_;
    int due_ = 0;
    int refused_ = 0;
    Rung before_silence_ = Rung::Full;  // where a client that was suspended for its silence goes on
};

}  // namespace tidewire::server
