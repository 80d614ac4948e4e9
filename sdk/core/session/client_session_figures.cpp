// What a client's session says of itself: what its picture shows, and how its link does.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "sdk/core/session/client_session.h"

namespace tidewire::session {

std::pair<Tick, std::uint8_t> ClientSession::viewed() const {
    const double drawn = draw_tick();
    if (drawn < 0) return {0, 0};
    const double whole = std::floor(drawn);
    return {static_cast<Tick>(whole), static_cast<std::uint8_t>((drawn - whole) * 256)};
}

double ClientSession::draw_tick() const {
    const replication::Snapshot* newest = snapshots_.newest();
    if (newest == nullptr || !render_clock_->running()) return 0;
    return std::min(render_clock_->tick() + shown_after(), static_cast<double>(newest->tick));
}

double ClientSession::own_tick() const {
    return tick_lead_ && tick_lead_->running() ? tick_lead_->position() + shown_after() : 0;
}

double ClientSession::shown_after() const {
    return static_cast<double>(shown_after_.count()) / static_cast<double>(tick_period().count());
}

std::size_t ClientSession::unacknowledged() const {
    const std::optional<Tick> known = inputs_.ack_arrived();
    if (!known) return 0;
    const auto& all = snapshots_.all();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const replication::Snapshot& each) { return each.tick > *known; }));
}

Latency ClientSession::latency(TimePoint now) const {
    return {.rtt_last = rtt_.last(),
            .rtt_smoothed = rtt_.smoothed(),
            .rtt_min = rtt_.minimum(now),
            .rtt_p95 = rtt_.percentile_95(now),
            .jitter = rtt_.variation(),
            .clock_offset = clock_.offset(now),
            .clock_error_max = clock_.error_max(),
            .snapshot_age = snapshot_age(now),
            .stalls = stalls_ ? stalls_->count() : 0,
            .stall_longest = stalls_ ? stalls_->longest() : Duration(0),
            .samples = rtt_.samples()};
}

Duration ClientSession::snapshot_age(TimePoint now) const {
    if (!render_clock_ || !render_clock_->running()) return Duration(0);
    return render_clock_->age(now) + clock_.rtt().minimum(now) / 2;
}

}  // namespace tidewire::session
