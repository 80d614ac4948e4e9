// How much state may be on its way to one client: the ticks that it has not acknowledged, by count and by bytes. A tick that finds the
// window full is left out, and the next one tells the newest state: what a link cannot carry costs rate, never freshness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sdk/core/base/ring_queue.h"
#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::server {

struct SnapshotWindowOptions {
    /// Beyond the least round trip: what a client may take to acknowledge, and what jitter adds.
    Duration slack = std::chrono::milliseconds(50);
    std::size_t ticks_min = 2;    ///< One on the way and one that waits behind it.
    std::size_t ticks_max = 64;   ///< Half a second at 128 Hz. Beyond it a client would be told the world of long ago.
    std::size_t ticks_start = 8;  ///< Before the first acknowledgement: enough for 150 ms at 30 Hz.
    /// More only waits in buffers on the way. A single tick may be larger: a join's keyframes.
    std::size_t bytes_max = 64 * 1024;
    /// A least round trip that nothing has come near to for so long is questioned: with half of the ticks on their way, do they arrive
    /// sooner? What comes within half of the slack confirms it; a queue of ours that fills the window does not. A longer way costs rate until
    /// then, and each trial does where the way is not longer.
    Duration minimum_life = std::chrono::seconds(4);
};

class SnapshotWindow {
public:
    /// `send_interval` is a tick's. `now`: the client joins.
    SnapshotWindow(Duration send_interval, TimePoint now, SnapshotWindowOptions options = {});

    /// Whether another tick may be written.
    bool open(TimePoint now) const;
    /// Ticks rise.
    void note_written(Tick tick, std::size_t bytes, TimePoint now);
    /// The client has applied this tick and all that were written before it.
    void note_acknowledged(Tick tick, TimePoint now);

    std::size_t ticks() const { return written_.size(); }
    std::size_t bytes() const { return bytes_; }
    /// How many ticks may be unacknowledged.
    std::size_t ticks_allowed(TimePoint now) const;
    /// The least time from a tick's writing to its acknowledgement that is not our own queue; empty before the first.
    std::optional<Duration> rtt_min() const { return rtt_min_; }
    /// When the oldest unacknowledged tick was written; empty when there is none.
    std::optional<TimePoint> oldest() const;

private:
    struct Written {
        Tick tick;
        std::size_t bytes;
        TimePoint at;
        std::size_t others;  // that were on their way then
        std::size_t flight;  // bytes on their way with it
    };

    /// Since ticks have come back later than the least round trip explains: the latest, and what was on its way.
    struct Delay {
        std::size_t others;
        std::size_t flight;  // bytes
        Duration rtt;
    };

    std::size_t ticks_wanted() const;
    void sample(const Written& written, TimePoint now);
    bool comes_no_sooner(Duration rtt, const Written& written);
    void confirm(Duration rtt_min, TimePoint now);
    bool waits_in_queue(Duration rtt) const;
    void note_delivered(std::size_t ticks, const Written& newest, TimePoint now);

    Duration send_interval_;
    SnapshotWindowOptions options_;
    RingQueue<Written> written_;
    std::size_t bytes_ = 0;
    std::optional<Duration> rtt_min_;
    TimePoint confirmed_at_;
    std::optional<Delay> delay_;
    Duration rtt_{0};  // smoothed
    Duration
        delivery_interval_;  // smoothed, from one acknowledged tick to the next on a busy link; at least send_interval_
    std::optional<TimePoint> delivered_at_;  // when the link was busy last and something arrived
};

}  // namespace tidewire::server
