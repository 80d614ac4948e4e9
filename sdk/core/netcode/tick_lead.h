// Which tick of the server's the client is at: ahead of it, so that each input is there shortly before its tick runs, and no earlier.
// The server says how early inputs came; the clock of inputs runs a little faster or slower until that is right.
// The manner of Unity's Netcode for Entities, with the correction of what is on its way already.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

/// How early an input came: the time from its arrival to its tick, in ticks; negative when the tick had run.
struct LeadSample {
    Tick input = 0;
    double ticks = 0;
};

struct TickLeadOptions {
    /// Where the worst of the inputs should arrive, in ticks: a server that drains at its tick sees them in time, and what the quantile
    /// below leaves out has room.
    double target = 1.25;
    Duration window = std::chrono::seconds(4);  ///< The worst is judged over this long.
    /// One in so many samples, and one more, may be later than the worst: stalls, which no lead that is worth having would cover.
    int outliers_one_in = 50;
    double gain = 0.1;           ///< Of speed, for each tick of error.
    double faster_max = 0.05;    ///< A picture that runs 5 % faster is not seen.
    double faster_start = 0.10;  ///< In the first `start`, when nobody has looked yet.
    Duration start = std::chrono::seconds(3);
    double slower_max = 0.01;  ///< Too early costs a little delay, too late costs inputs: no hurry back.
    /// Too early by less than this many ticks is right; by one more for who looks less often than once a tick, because the worst jumps by a
    /// tick when inputs leave in bunches and the clock's phase passes the frame's.
    double dead_zone = 0.5;
    /// Further off than this the clock jumps: slewing would take more than four seconds.
    Duration jump_beyond = std::chrono::milliseconds(200);
};

class TickLead {
public:
    explicit TickLead(Duration tick_period, TickLeadOptions options = {});

    /// The first placement, by what is known: `newest` has just arrived, and what is sent now is there an `rtt` after it left.
    void start(Tick newest, Duration rtt, TimePoint now);
    /// False before start().
    bool running() const { return running_; }

    /// Moves the clock to `now`. Instants never fall.
    void advance(TimePoint now);
    /// The server tick that the client is at, with its fraction.
    double position() const { return position_; }
    /// When the clock will be at `tick`, as it runs now.
    TimePoint when(Tick tick) const;

    /// An input for this tick leaves now. Ticks rise.
    void note_sent(Tick input);
    /// The server tells how early an input came. What it says of one that was never sent, or long ago, counts for nothing.
    void observe(const LeadSample& sample, TimePoint now);

    /// 1 is real time.
    double speed() const { return 1 + dilation_; }
    /// How early the worst of the inputs would come by the present clock, in ticks; empty before the first sample.
    std::optional<double> worst() const;
    /// How many samples that is judged by.
    std::size_t samples() const { return leads_.size(); }

private:
    /// A sample as it would be on a clock that was never corrected.
    struct Lead {
        TimePoint at;
        double ticks;
    };
    struct Sent {
        Tick input = 0;
        double correction = 0;
    };

    void forget_before(TimePoint at);
    void steer(TimePoint now);

    Duration tick_period_;
    TickLeadOptions options_;
    bool running_ = false;
    TimePoint started_at_{};
    TimePoint advanced_at_{};
    double position_ = 0;
    double correction_ = 0;  // by how many ticks the clock was put forward since the start, altogether
    double dilation_ = 0;
    double bunch_ = 0;              // ticks from one advance() to the next, at most 1
    std::array<Sent, 256> sent_{};  // by tick: two seconds at 128 Hz
    std::deque<Lead> leads_;
};

}  // namespace tidewire::netcode
