// What a client most likely shows, by what the server itself has seen of it: which tick it acknowledged when. It is the client's clock of the
// picture (sdk/core/netcode/render_clock.h) as far as it can be seen from here, and takes nothing of what the client says of that clock.
#pragma once

#include "sdk/core/base/time.h"
#include "sdk/core/netcode/rtt.h"
#include "tidewire/state.h"

namespace tidewire::server {

struct ViewEstimateOptions {
    /// What a picture that is behind catches up: its clock runs 2 % faster at most.
    double release_per_second = 0.020;  ///< In seconds.
    /// No picture is further behind: it waits 150 ms for what is late, and jumps when it is 250 ms from where it should be. Whether one has
    /// jumped cannot be seen from here; that it has not is what an honest client would be doubted for.
    Duration behind_max = std::chrono::milliseconds(400);
};

/// A picture is behind the newest tick that could be there by as much as the client had to wait for a newer one lately, and at least by
/// one tick. Of the acknowledgements a round trip is taken off: what an input says was seen when it left.
class ViewEstimate {
public:
    /// In Hz, above 0.
    explicit ViewEstimate(int tick_rate, ViewEstimateOptions options = {}) : tick_rate_(tick_rate), options_(options) {}

    /// The client has this tick. `server_tick` is the server's own at `now`, with its fraction. Ticks rise.
    void note_acknowledged(Tick tick, double server_tick, TimePoint now);
    /// The tick that an input was made at that arrives now; 0 before the first acknowledgement.
    double at(double server_tick, TimePoint now) const;

private:
    Duration to_duration(double ticks) const;
    double to_ticks(Duration duration) const;
    /// By how many ticks the picture is behind, at `now`.
    double behind(TimePoint now) const;

    int tick_rate_;
    ViewEstimateOptions options_;
    Tick acknowledged_ = 0;
    netcode::RttEstimator rtt_;  // from a tick to its acknowledgement
    double behind_ = 1;          // in ticks, as of noted_at_
    TimePoint noted_at_{};
};

}  // namespace tidewire::server
