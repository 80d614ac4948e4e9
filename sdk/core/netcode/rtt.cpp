// The filter of RFC 6298, and a minimum that forgets.
#include "sdk/core/netcode/rtt.h"

#include <algorithm>

namespace tidewire::netcode {

namespace {

/// (a·weight_a + b·weight_b) / 8, to the nearest microsecond: truncation would hold the mean below a steady link's RTT.
Duration eighths(Duration a, int weight_a, Duration b, int weight_b) {
    return (a * weight_a + b * weight_b + Duration(4)) / 8;
}

}  // namespace

void RttEstimator::add(Duration rtt, TimePoint now) {
    if (samples_ == 0) {
        smoothed_ = rtt;
        variation_ = rtt / 2;
        bucket_start_ = now;
    } else {
        variation_ = eighths(variation_, 6, std::chrono::abs(smoothed_ - rtt), 2);
        smoothed_ = eighths(smoothed_, 7, rtt, 1);
    }
    ++samples_;
    last_ = rtt;

    const Duration into_bucket = now - bucket_start_;
    if (into_bucket >= bucket_length) {
        bucket_minimum_[1] = into_bucket < 2 * bucket_length ? bucket_minimum_[0] : Duration::max();
        bucket_minimum_[0] = Duration::max();
        bucket_start_ += into_bucket / bucket_length * bucket_length;
    }
    bucket_minimum_[0] = std::min(bucket_minimum_[0], rtt);
}

Duration RttEstimator::minimum(TimePoint now) const {
    if (samples_ == 0) return Duration(0);
    const Duration into_bucket = now - bucket_start_;
    if (into_bucket < bucket_length) return std::min(bucket_minimum_[0], bucket_minimum_[1]);
    return into_bucket < 2 * bucket_length ? bucket_minimum_[0] : last_;
}

}  // namespace tidewire::netcode
