// What the least times say, and how fast to follow it.
#include "sdk/core/netcode/clock_sync.h"

#include <algorithm>

namespace tidewire::netcode {

namespace {

// Three of them: forty pings at least, of which one each way hardly waited; in so long clocks drift by less than a millisecond.
constexpr Duration bucket_length = std::chrono::seconds(5);
constexpr Duration slew_per_second = std::chrono::milliseconds(5);
constexpr std::int64_t instant_max = std::int64_t{1} << 61;  // beyond it sums of two instants overflow

}  // namespace

void ClockSync::add(const PingSample& sample) {
    const std::int64_t received = sample.received.time_since_epoch().count();
    const Duration elapsed = sample.returned - sample.sent;
    if (sample.hold < Duration(0) || sample.hold > elapsed) return;
    if (received > instant_max || received < -instant_max) return;

    const TimePoint now = sample.returned;
    rtt_.add(elapsed - sample.hold, now);

    const Duration into_bucket = now - bucket_start_;
    if (!offset_ || into_bucket >= 3 * bucket_length) {
        least_ = {};
        bucket_start_ = now;
    }
    for (; now - bucket_start_ >= bucket_length; bucket_start_ += bucket_length)
        least_ = {Least{}, least_[0], least_[1]};
    least_[0].there = std::min(least_[0].there, sample.received - sample.sent);
    least_[0].back = std::min(least_[0].back, sample.returned - (sample.received + sample.hold));
    const Duration middle = (least().there - least().back) / 2;

    offset_ = offset_ ? offset(now) : middle;
    slewed_at_ = now;
    target_ = middle;
}

Duration ClockSync::offset(TimePoint now) const {
    if (!offset_) return Duration(0);
    const Duration elapsed = std::max(Duration(0), now - slewed_at_);
    // A slew that takes longer than an hour is complete for any purpose, and the product below stays small.
    const Duration step = std::min<Duration>(elapsed, std::chrono::hours(1)) * slew_per_second.count() / 1'000'000;
    return *offset_ + std::clamp(target_ - *offset_, -step, step);
}

Duration ClockSync::error_max() const {
    if (!offset_) return Duration(0);
    return (least().there + least().back) / 2;
}

ClockSync::Least ClockSync::least() const {
    Least all;
    for (const Least& bucket : least_) all = {std::min(all.there, bucket.there), std::min(all.back, bucket.back)};
    return all;
}

}  // namespace tidewire::netcode
