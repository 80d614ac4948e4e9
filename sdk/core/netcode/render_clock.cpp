// Fast to wait longer, slow to wait less, and never in doubt about where it is.
#include "sdk/core/netcode/render_clock.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace tidewire::netcode {

namespace {

constexpr double speed_slow = 0.96;
constexpr double speed_fast = 1.02;
constexpr std::size_t arrivals_max = 4096;  // 10 s at 128 Hz are 1280; a peer that sends faster costs no more than this
constexpr std::size_t shift_arrivals_min = 5;  // at a low tick rate fewer would be an accident of the link

}  // namespace

RenderClock::RenderClock(Duration tick_period, RenderClockOptions options)
    : tick_period_(std::max(tick_period, Duration(1))), options_(options) {}

void RenderClock::observe(Tick tick, TimePoint now) {
    const Duration latency = now.time_since_epoch() - tick_period_ * static_cast<std::int64_t>(tick);
    if (!running_) {
        running_ = true;
        newest_ = tick;
        origin_ = latency;
        arrivals_.push_back({now, latency, latency});
        aim_ = aim_target_ = 1;
        position_ = static_cast<double>(tick) - aim_;
        advanced_at_ = now;
        return;
    }
    // The frames until now belong to what was known until now: so the frame rate changes nothing.
    advance(now);
    newest_ = tick;

    if (now - arrivals_.back().at < tick_period_ / 4) {
        Arrival& burst = arrivals_.back();
        burst.at = now;
        burst.earliest = std::min(burst.earliest, latency);
        burst.latest = std::max(burst.latest, latency);
    } else {
        arrivals_.push_back({now, latency, latency});
        if (origin_shifted(now))
            while (now - arrivals_.front().at > options_.shift_window) arrivals_.pop_front();
    }
    while (now - arrivals_.front().at > options_.origin_window || arrivals_.size() > arrivals_max)
        arrivals_.pop_front();

    const double period = static_cast<double>(tick_period_.count());
    Duration origin = arrivals_.front().earliest;
    for (const Arrival& arrival : arrivals_) origin = std::min(origin, arrival.earliest);
    // A new origin says that "on time" means something else. The picture stays where it is; only release() moves it.
    aim_ += static_cast<double>((origin_ - origin).count()) / period;
    origin_ = origin;

    // The delay is one send interval, so that there is a next snapshot to draw towards, and what lateness adds.
    const double aim_max = std::max(1.0, static_cast<double>(options_.delay_max.count()) / period);
    aim_target_ = std::min(1 + static_cast<double>(lateness_quantile(now).count()) / period, aim_max);
    if (aim_ < aim_target_) aim_ = std::min(std::max(aim_, 0.0) + 1, aim_target_);
    aim_ = std::clamp(aim_, 1.0, aim_max);

    const double reanchor_beyond = static_cast<double>(options_.reanchor_beyond.count()) / period;
    if (std::abs(live(now) - aim_ - position_) > reanchor_beyond) jumping_ = true;
}

void RenderClock::advance(TimePoint now) {
    if (!running_ || now <= advanced_at_) return;
    const double period = static_cast<double>(tick_period_.count());
    const double elapsed = static_cast<double>((now - advanced_at_).count());
    advanced_at_ = now;
    const double release = static_cast<double>(options_.release_per_second.count()) / period * elapsed / 1e6;
    if (aim_ > aim_target_) aim_ = std::max(aim_target_, aim_ - release);

    const double target = live(now) - aim_;
    const double step = elapsed / period;
    const double newest = static_cast<double>(newest_);
    // A jump ends when the snapshots have reached the target: the rest of a burst may be still on its way.
    if (jumping_)
        position_ = target;
    else
        position_ = std::clamp(target, position_ + speed_slow * step, position_ + speed_fast * step);
    if (target <= newest) jumping_ = false;
    position_ = std::min(position_, newest);
}

Duration RenderClock::delay() const {
    if (!running_) return Duration(0);
    const double ticks = live(advanced_at_) - position_;
    return Duration(std::llround(ticks * static_cast<double>(tick_period_.count())));
}

Duration RenderClock::age(TimePoint now) const {
    if (!running_) return Duration(0);
    return std::max(Duration(0), now.time_since_epoch() - origin_ - tick_period_ * static_cast<std::int64_t>(newest_));
}

bool RenderClock::origin_shifted(TimePoint now) const {
    // Too late is what delay_max cannot hide: the target would lie beyond the newest snapshot before the next one comes.
    const Duration beyond =
        std::min(options_.reanchor_beyond, std::max(tick_period_, options_.delay_max - tick_period_));
    const Duration newest = arrivals_.back().earliest;
    // Suddenly later than its predecessor, it may be the head of a burst whose end is on time.
    if (arrivals_.size() < 2 || newest - std::prev(arrivals_.end(), 2)->earliest > tick_period_) return false;

    Duration newer = newest;  // the least of each half of the window
    Duration older = Duration::max();
    std::size_t count = 0;
    for (auto arrival = arrivals_.rbegin(); arrival != arrivals_.rend(); ++arrival) {
        if (arrival->earliest - origin_ <= beyond) return false;
        const Duration since = now - arrival->at;
        Duration& least = since < options_.shift_window / 2 ? newer : older;
        least = std::min(least, arrival->earliest);
        // What still becomes earlier is a backlog that drains through a narrow link: it will be on time again.
        if (++count >= shift_arrivals_min && since >= options_.shift_window) return older - newer <= tick_period_;
    }
    return false;
}

Duration RenderClock::lateness_quantile(TimePoint now) const {
    std::vector<Duration> late;
    for (auto arrival = arrivals_.rbegin(); arrival != arrivals_.rend() && now - arrival->at <= options_.window;
         ++arrival)
        late.push_back(arrival->latest - origin_);
    if (late.empty()) return Duration(0);
    // Two in a hundred of the snapshots that the window should have seen may be later. Those that it did see are fewer
    // when the link stalled, and then the stall itself would be the quantile.
    const auto ignored = static_cast<std::size_t>(options_.window / tick_period_ * 2 / 100);
    const std::size_t rank = late.size() > ignored ? late.size() - 1 - ignored : 0;
    std::nth_element(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(rank), late.end());
    return late[rank];
}

double RenderClock::live(TimePoint now) const {
    return static_cast<double>((now.time_since_epoch() - origin_).count()) / static_cast<double>(tick_period_.count());
}

}  // namespace tidewire::netcode
