// What is on its way, divided by the time it takes, is the rate at which it arrives (Little's law): exact where something waits on the
// way, and too little where the link has pauses. The window is that rate times the least round trip and a chunk's time, so with pauses
// it grows, and with more than a chunk in the queue it shrinks.
#include "server/gate/bulk_pace.h"

#include <algorithm>

namespace tidewire::server {

namespace {

/// Shorter times are not measured well enough to divide by.
constexpr Duration shortest = std::chrono::milliseconds(1);

double rate_of(std::uint64_t bytes, Duration time) {
    return static_cast<double>(bytes) * 1e6 / static_cast<double>(std::max(time, shortest).count());
}

std::size_t bytes_in(double rate, Duration time, std::size_t min, std::size_t max) {
    const double bytes = rate * static_cast<double>(time.count()) / 1e6;
    return static_cast<std::size_t>(std::clamp(bytes, static_cast<double>(min), static_cast<double>(max)));
}

}  // namespace

bool BulkPace::open(std::size_t others) const { return written_ == received_ || in_flight() + others < window(); }

std::size_t BulkPace::chunk() const {
    constexpr std::size_t of_start = 4;  // the first flight's parts
    if (!rate_) return std::clamp(options_.flight_start / of_start, options_.chunk_min, options_.chunk_max);
    return bytes_in(*rate_, options_.chunk_time, options_.chunk_min, options_.chunk_max);
}

std::size_t BulkPace::whole_bytes_max() const {
    return rate_ ? bytes_in(*rate_, options_.chunk_time, options_.whole_min, options_.whole_max)
                 : options_.flight_start;
}

void BulkPace::note_written(std::size_t bytes, std::size_t others, TimePoint now) {
    const bool alone = written_ == received_;
    // An empty flight alone is no pause: what there was may just have arrived.
    const bool paused = first_end_ == 0 || now - moved_at_ > options_.chunk_time;
    if (alone) moved_at_ = now;
    if (alone && paused) {
        first_begin_ = written_;
        first_end_ = written_ + std::min(window(), options_.flight_start);
        first_at_ = now;
    }
    written_ += bytes;
    flight_.push_back({.end = written_,
                       .flight = in_flight() + others,
                       .at = now,
                       .full = !beginning() && !open(others),
                       .alone = alone && others == 0});
}

void BulkPace::note_received(std::uint64_t bytes, TimePoint now) {
    if (bytes == received_) return;
    const bool began = beginning();
    received_ = bytes;
    moved_at_ = now;
    const auto rest =
        std::find_if(flight_.begin(), flight_.end(), [&](const Written& part) { return part.end > bytes; });
    const std::optional<Written> newest = rest == flight_.begin() ? std::nullopt : std::optional(*(rest - 1));
    flight_.erase(flight_.begin(), rest);
    if (began && !beginning()) rate_ = rate_of(received_ - first_begin_, now - first_at_ - rtt_min_);
    if (newest) sample(*newest, now);
}

std::optional<TimePoint> BulkPace::waiting_since() const {
    return written_ == received_ ? std::nullopt : std::optional(moved_at_);
}

std::size_t BulkPace::window() const {
    const std::size_t most =
        rate_ ? bytes_in(*rate_, rtt_min_ + options_.chunk_time, options_.chunk_min, options_.flight_max)
              : options_.flight_start;
    return beginning() ? std::min(most, options_.flight_start) : most;
}

void BulkPace::sample(const Written& newest, TimePoint now) {
    const Duration rtt = now - newest.at;
    // Before it was written nobody can have had it: a clock was set.
    if (rtt < Duration(0)) return;
    rtt_min_ = std::min(rtt_min_, rtt);
    // The window is as small as it gets, and yet it takes so long: the way has become longer.
    if (newest.alone && newest.flight <= options_.chunk_min) rtt_min_ = rtt;
    if (!newest.full || !rate_) return;
    const double sampled = rate_of(newest.flight, rtt);
    // More is believed at once, less by half and once a round trip: what stood still for a while says nothing of how much it carries.
    if (sampled > *rate_) rate_ = std::min(sampled, 2 * *rate_);
    if (rtt - rtt_min_ > options_.standstill) rate_ = std::min(sampled, *rate_);
    round_best_ = std::max(round_best_, sampled);
    if (newest.end <= round_end_) return;
    if (round_best_ < *rate_) rate_ = (*rate_ + round_best_) / 2;
    round_best_ = 0;
    round_end_ = written_;
}

}  // namespace tidewire::server
