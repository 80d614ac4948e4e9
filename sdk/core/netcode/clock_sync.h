// The server's clock, seen from the client: offset from the samples with the least round trip (in the manner of NTP, RFC 5905 10).
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
    /// Half of the best round trip behind the offset.
    Duration error_max() const;
    TimePoint to_server(TimePoint client) const { return client + offset(client); }

private:
    struct Candidate {
        Duration rtt;
        Duration offset;
        TimePoint at;
    };

    RttEstimator rtt_;
    std::array<Candidate, 5> best_{};
    std::size_t best_count_ = 0;
    std::optional<Duration> offset_;  // at slewed_at_
    Duration target_{0};
    TimePoint slewed_at_{};
};

}  // namespace tidewire::netcode
