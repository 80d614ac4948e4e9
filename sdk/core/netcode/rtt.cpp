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
    recent_[samples_ % recent_max] = {now, rtt};
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

Duration RttEstimator::percentile_95(TimePoint now) const {
    std::array<Duration, recent_max> sorted;
    std::size_t count = 0;
    for (std::size_t i = 0; i < std::min<std::uint64_t>(samples_, recent_max); ++i)
        if (now - recent_[i].at < percentile_window) sorted[count++] = recent_[i].rtt;
    // No news for so long is no reason to claim that the link is better.
    if (count == 0) return last_;
    const auto rank = sorted.begin() + static_cast<std::ptrdiff_t>((count * 19 + 19) / 20 - 1);
    std::nth_element(sorted.begin(), rank, sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return *rank;
}

}  // namespace tidewire::netcode
