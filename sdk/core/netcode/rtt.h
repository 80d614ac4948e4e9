// Round-trip time as RFC 6298 filters it, with a windowed minimum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::netcode {

class RttEstimator {
public:
    /// RFC 6298 2.2 and 2.3: RTTVAR before SRTT, with gains 1/4 and 1/8; the first sample sets both.
    void add(Duration rtt, TimePoint now);

    std::uint64_t samples() const { return samples_; }
    Duration last() const { return last_; }
    Duration smoothed() const { return smoothed_; }
    Duration variation() const { return variation_; }
    /// Minimum over the last 10 s, in two buckets of 5 s; zero before the first sample.
    Duration minimum(TimePoint now) const;
    /// Nineteen of twenty samples of the last 10 s were no longer; zero before the first sample.
    Duration percentile_95(TimePoint now) const;

private:
    struct Sample {
        TimePoint at;
        Duration rtt;
    };

    static constexpr Duration bucket_length = std::chrono::seconds(5);
    static constexpr Duration percentile_window = std::chrono::seconds(10);
    static constexpr std::size_t recent_max = 64;  // five pings a second, and more at the start

    std::uint64_t samples_ = 0;
    Duration last_{0};
    Duration smoothed_{0};
    Duration variation_{0};
    TimePoint bucket_start_{};
    Duration bucket_minimum_[2] = {Duration::max(), Duration::max()};  // [0] is the running bucket
    std::array<Sample, recent_max> recent_{};                          // the last ones, in turn
};

}  // namespace tidewire::netcode
