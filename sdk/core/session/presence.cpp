// Two reasons, and one word of both.
#include "sdk/core/session/presence.h"

#include <algorithm>

namespace tidewire::session {

void Presence::note_frame(TimePoint now, Duration tick_period) {
    away_at_ = std::max(now + std::max(away_after, away_after_ticks * tick_period), not_away_before_);
    away_ = false;
}

void Presence::handle_timeout(TimePoint now) {
    if (now < away_at_) return;
    away_at_ = never;
    away_ = true;
    not_away_before_ = now + away_period;
}

std::optional<bool> Presence::poll_change() {
    if (suspended() == told_) return std::nullopt;
    told_ = suspended();
    return told_;
}

}  // namespace tidewire::session
