// The server's clock, seen from the client: the least time of each direction has waited in no queue, so half of their difference is the
// clocks' but for what the two ways differ (NTP's clock filter, RFC 5905 10, for each way by itself).
#pragma once

#include <array>
#include <optional>

#include "sdk/core/base/time.h"
#include "sdk/core/netcode/rtt.h"

namespace tidewire::netcode {

/// One answered ping. Client times by the client's clock, `received` by the server's.
struct PingSample {
    TimePoint sent;
    TimePoint received;
    Duration hold;
    TimePoint returned;
};

class ClockSync {
public:
    /// Samples that claim a negative round trip are ignored.
    void add(const PingSample& sample);

    const RttEstimator& rtt() const { return rtt_; }
    bool synchronized() const { return offset_.has_value(); }
    /// Server clock minus client clock, at `now`. The first sample snaps; later ones slew by at most 5 ms per second. Zero before it.
    Duration offset(TimePoint now) const;
    /// Half of the least round trip that the two least times make.
    Duration error_max() const;
    TimePoint to_server(TimePoint client) const { return client + offset(client); }

private:
    /// The least one-way time of each direction, the clocks' difference and all.
    struct Least {
        Duration there = Duration::max();
        Duration back = Duration::max();
    };

    Least least() const;

    RttEstimator rtt_;
    std::array<Least, 3> least_{};  // [0] is the running bucket
    TimePoint bucket_start_{};
    std::optional<Duration> offset_;  // at slewed_at_
    Duration target_{0};
    TimePoint slewed_at_{};
};

}  // namespace tidewire::netcode
