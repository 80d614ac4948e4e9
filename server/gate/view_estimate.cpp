// At once to wait longer, slow to wait less.
#include "server/gate/view_estimate.h"

#include <algorithm>
#include <cmath>

namespace tidewire::server {

void ViewEstimate::note_acknowledged(Tick tick, double server_tick, TimePoint now) {
    const Tick before = acknowledged_;
    acknowledged_ = tick;
    rtt_.add(to_duration(server_tick - tick), now);
    // What comes at once after a stall was waited for once.
    const bool burst = now - noted_at_ < to_duration(0.25);
    behind_ = behind(now);
    noted_at_ = now;
    if (before == 0 || burst) return;
    // Just before this one the client had nothing newer than the last, and its picture cannot have been beyond that.
    const double waited = server_tick - before - to_ticks(rtt_.minimum(now));
    behind_ = std::max(behind_, std::min(waited, to_ticks(options_.behind_max)));
}

double ViewEstimate::at(double server_tick, TimePoint now) const {
    if (acknowledged_ == 0) return 0;
    const double shown = server_tick - to_ticks(rtt_.minimum(now)) - behind(now);
    return std::clamp(shown, 0.0, static_cast<double>(acknowledged_));
}

double ViewEstimate::behind(TimePoint now) const {
    const double seconds = static_cast<double>((now - noted_at_).count()) / 1e6;
    return std::max(1.0, behind_ - seconds * options_.release_per_second * tick_rate_);
}

Duration ViewEstimate::to_duration(double ticks) const { return Duration(std::llround(ticks * 1e6 / tick_rate_)); }

double ViewEstimate::to_ticks(Duration duration) const {
    return static_cast<double>(duration.count()) * tick_rate_ / 1e6;
}

}  // namespace tidewire::server
