// Which samples to believe, and how fast to follow them.
#include "sdk/core/netcode/clock_sync.h"

#include <algorithm>

namespace tidewire::netcode {

namespace {

constexpr Duration gate_min = std::chrono::milliseconds(2);    // above the best round trip, or a tenth of it
constexpr Duration candidate_life = std::chrono::seconds(10);  // clocks drift: 50 ppm are half a millisecond by then
constexpr Duration slew_per_second = std::chrono::milliseconds(5);
constexpr std::int64_t instant_max = std::int64_t{1} << 61;  // beyond it sums of two instants overflow

}  // namespace

void ClockSync::add(const PingSample& sample) {
    const std::int64_t received = sample.received.time_since_epoch().count();
    const Duration elapsed = sample.returned - sample.sent;
    if (sample.hold < Duration(0) || sample.hold > elapsed) return;
    if (received > instant_max || received < -instant_max) return;

    const TimePoint now = sample.returned;
    const Duration rtt = elapsed - sample.hold;
    rtt_.add(rtt, now);

    const Duration minimum = rtt_.minimum(now);
    const Duration gate = minimum + std::max(gate_min, minimum / 10);
    if (rtt > gate) return;

    // Older candidates go when they are stale, or too slow beside what is now known to be possible.
    const auto end = std::remove_if(best_.begin(), best_.begin() + static_cast<std::ptrdiff_t>(best_count_),
                                    [&](const Candidate& c) { return c.rtt > gate || now - c.at > candidate_life; });
    best_count_ = static_cast<std::size_t>(end - best_.begin());

    const Duration middle = (sample.sent.time_since_epoch() + sample.returned.time_since_epoch()) / 2;
    const Candidate candidate{rtt, sample.received.time_since_epoch() + sample.hold / 2 - middle, now};
    if (best_count_ < best_.size()) {
        best_[best_count_++] = candidate;
    } else {
        const auto worst = std::max_element(best_.begin(), best_.end(), [](const Candidate& a, const Candidate& b) {
            return a.rtt != b.rtt ? a.rtt < b.rtt : a.at > b.at;
        });
        if (candidate.rtt <= worst->rtt) *worst = candidate;
    }

    std::array<Duration, 5> offsets{};
    for (std::size_t i = 0; i < best_count_; ++i) offsets[i] = best_[i].offset;
    std::sort(offsets.begin(), offsets.begin() + static_cast<std::ptrdiff_t>(best_count_));
    const Duration low = offsets[(best_count_ - 1) / 2];
    const Duration high = offsets[best_count_ / 2];
    const Duration median = low + (high - low) / 2;

    offset_ = offset_ ? offset(now) : median;
    slewed_at_ = now;
    target_ = median;
}

Duration ClockSync::offset(TimePoint now) const {
    if (!offset_) return Duration(0);
    const Duration elapsed = std::max(Duration(0), now - slewed_at_);
    // A slew that takes longer than an hour is complete for any purpose, and the product below stays small.
    const Duration step = std::min<Duration>(elapsed, std::chrono::hours(1)) * slew_per_second.count() / 1'000'000;
    return *offset_ + std::clamp(target_ - *offset_, -step, step);
}

Duration ClockSync::error_max() const {
    if (best_count_ == 0) return Duration(0);
    const auto best = std::min_element(best_.begin(), best_.begin() + static_cast<std::ptrdiff_t>(best_count_),
                                       [](const Candidate& a, const Candidate& b) { return a.rtt < b.rtt; });
    return best->rtt / 2;
}

}  // namespace tidewire::netcode
