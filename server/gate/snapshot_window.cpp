// The least round trip rules. It is only ever raised by a tick that was alone on the link: any other one may have waited behind our
// own ticks, and a window that learns its own queue grows without end.
#include "server/gate/snapshot_window.h"

#include <algorithm>

namespace tidewire::server {

SnapshotWindow::SnapshotWindow(Duration send_interval, TimePoint now, SnapshotWindowOptions options)
    : send_interval_(send_interval), options_(options), confirmed_at_(now) {}

bool SnapshotWindow::open(TimePoint now) const {
    return written_.empty() || (written_.size() < ticks_allowed(now) && bytes_ < options_.bytes_max);
}

void SnapshotWindow::note_written(Tick tick, std::size_t bytes, TimePoint now) {
    written_.push_back({.tick = tick, .bytes = bytes, .at = now, .alone = written_.empty()});
    bytes_ += bytes;
}

void SnapshotWindow::note_acknowledged(Tick tick, TimePoint now) {
    std::optional<Written> newest;
    while (!written_.empty() && written_.front().tick <= tick) {
        newest = written_.front();
        bytes_ -= written_.front().bytes;
        written_.pop_front();
    }
    // Of those that one acknowledgement covers, the newest waited least for it.
    if (newest) sample(now - newest->at, newest->alone, now);
}

std::size_t SnapshotWindow::ticks_allowed(TimePoint now) const {
    if (!rtt_min_) return options_.ticks_start;
    if (now - confirmed_at_ > options_.minimum_life) return 1;
    const auto whole =
        static_cast<std::size_t>((*rtt_min_ + options_.slack + send_interval_ - Duration(1)) / send_interval_);
    return std::clamp(whole + 1, options_.ticks_min, options_.ticks_max);
}

std::optional<TimePoint> SnapshotWindow::oldest() const {
    if (written_.empty()) return std::nullopt;
    return written_.front().at;
}

void SnapshotWindow::sample(Duration rtt, bool alone, TimePoint now) {
    const bool stale = now - confirmed_at_ > options_.minimum_life;
    const bool lower = !rtt_min_ || rtt < *rtt_min_;
    const bool confirms = rtt_min_ && rtt <= *rtt_min_ + *rtt_min_ / 8 + options_.confirmation;
    if (!lower && !confirms && !(alone && stale)) return;
    if (lower ? alone || rtt_min_ : !confirms) rtt_min_ = rtt;
    confirmed_at_ = now;
}

}  // namespace tidewire::server
