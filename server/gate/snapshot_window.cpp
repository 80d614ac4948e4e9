// The least round trip rules. What may raise it is a tick that had fewer beside it than another before, by a window that shrank or was
// halved on trial, and came back no sooner: the way is longer. When it came back sooner, the difference was our own queue, and a window
// that learns its own queue grows without end. A tick alone on the link is no exception: its own bytes take their time.
#include "server/gate/snapshot_window.h"

#include <algorithm>

namespace tidewire::server {

SnapshotWindow::SnapshotWindow(Duration send_interval, TimePoint now, SnapshotWindowOptions options)
    : send_interval_(send_interval), options_(options), confirmed_at_(now), delivery_interval_(send_interval) {}

bool SnapshotWindow::open(TimePoint now) const {
    return written_.empty() || (written_.size() < ticks_allowed(now) && bytes_ < options_.bytes_max);
}

void SnapshotWindow::note_written(Tick tick, std::size_t bytes, TimePoint now) {
    bytes_ += bytes;
    written_.push_back({.tick = tick, .bytes = bytes, .at = now, .others = written_.size(), .flight = bytes_});
}

void SnapshotWindow::note_acknowledged(Tick tick, TimePoint now) {
    std::optional<Written> newest;
    std::size_t count = 0;
    for (; !written_.empty() && written_.front().tick <= tick; ++count) {
        newest = written_.front();
        bytes_ -= written_.front().bytes;
        written_.pop_front();
    }
    if (!newest) return;
    note_delivered(count, *newest, now);
    // Before it was written nobody can have had it: a clock was set.
    if (now < newest->at) return;
    // Of those that one acknowledgement covers, the newest waited least for it.
    sample(*newest, now);
}

std::size_t SnapshotWindow::ticks_allowed(TimePoint now) const {
    if (!rtt_min_) return options_.ticks_start;
    const std::size_t wanted = ticks_wanted();
    return now - confirmed_at_ > options_.minimum_life ? std::max<std::size_t>(wanted / 2, 1) : wanted;
}

std::optional<TimePoint> SnapshotWindow::oldest() const {
    if (written_.empty()) return std::nullopt;
    return written_.front().at;
}

std::size_t SnapshotWindow::ticks_wanted() const {
    const Duration reach = *rtt_min_ + options_.slack;
    const auto whole = static_cast<std::size_t>((reach + delivery_interval_ - Duration(1)) / delivery_interval_);
    return std::clamp(whole + 1, options_.ticks_min, options_.ticks_max);
}

bool SnapshotWindow::waits_in_queue(Duration rtt) const { return rtt_min_ && rtt > *rtt_min_ + options_.slack; }

/// A link that carries less than is sent needs fewer ticks to be full. Where nothing waits, it is the window that is slow; but a tick
/// that was alone says nothing of how many the link would carry.
void SnapshotWindow::note_delivered(std::size_t ticks, const Written& newest, TimePoint now) {
    if (newest.others > 0) {
        const Duration each = waits_in_queue(now - newest.at) && delivered_at_
                                  ? (now - *delivered_at_) / static_cast<std::int64_t>(ticks)
                                  : send_interval_;
        delivery_interval_ = std::max(send_interval_, (delivery_interval_ * 3 + each) / 4);
    }
    delivered_at_ = written_.empty() ? std::nullopt : std::optional(now);
}

void SnapshotWindow::sample(const Written& written, TimePoint now) {
    const Duration rtt = now - written.at;
    const Duration before = rtt_;
    rtt_ = rtt_ == Duration(0) ? rtt : (rtt_ * 7 + rtt) / 8;
    if (!rtt_min_) {
        // What is written first may be large; it is better than nothing.
        return confirm(rtt, now);
    }
    // Not all that is no longer than the window allows confirms it: a window that is filled is as long as what is believed.
    if (rtt <= *rtt_min_ + options_.slack / 2) return confirm(std::min(rtt, *rtt_min_), now);
    if (!waits_in_queue(rtt))
        delay_.reset();
    else if (comes_no_sooner(rtt, written))
        return confirm(rtt, now);
    // What was written before the trial waited behind more ticks, or in the stall that brought it about.
    if (written.at - confirmed_at_ <= options_.minimum_life || written.others > ticks_allowed(now)) return;
    // An eighth sooner with half of them: it was our queue that they waited in.
    confirm(rtt > before - before / 8 ? rtt : *rtt_min_, now);
}

/// A window that was full of a longer way shrinks, for it looks like a slow link. There, fewer bytes on the way would come back sooner, in
/// proportion; on a longer way they do not.
bool SnapshotWindow::comes_no_sooner(Duration rtt, const Written& written) {
    if (!delay_) delay_ = Delay{written.others, written.flight, rtt};
    const bool fewer = written.others * 2 <= delay_->others && written.flight * 4 <= delay_->flight * 3;
    if (!fewer) {
        delay_ = Delay{std::max(written.others, delay_->others), std::max(written.flight, delay_->flight),
                       std::max(rtt, delay_->rtt)};
        return false;
    }
    const double share = static_cast<double>(written.flight) / static_cast<double>(delay_->flight);
    const auto in_queue = std::chrono::duration_cast<Duration>((delay_->rtt - *rtt_min_) * share);
    if (written.others > 0 && rtt > (delay_->rtt + *rtt_min_ + in_queue) / 2) return true;
    delay_ = Delay{written.others, written.flight, rtt};
    return false;
}

void SnapshotWindow::confirm(Duration rtt_min, TimePoint now) {
    rtt_min_ = rtt_min;
    confirmed_at_ = now;
    delay_.reset();
}

}  // namespace tidewire::server
