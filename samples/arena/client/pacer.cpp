// When the next frame should begin.
#include "samples/arena/client/pacer.h"

#include <algorithm>

namespace arena {

namespace {

using namespace std::chrono_literals;

/// Enough to draw a frame on any graphics chip. A computer that needs more is found out by the refreshes that it misses.
constexpr Pacer::Duration lead_min = 3ms;
/// Given back per refresh that was met, so that one slow moment does not last.
constexpr Pacer::Duration lead_step = 10us;

}  // namespace

Pacer::Pacer(const Options& options, Clock::time_point now)
    : period_(Duration(1s) / options.fps), lead_(lead_min), due_(now) {
    // Displays say 60 Hz for 59.94: nearly the same counts as the same.
    if (options.refresh && *options.refresh * 10 >= period_ * 9) refresh_ = options.refresh;
}

void Pacer::begun(Clock::time_point now) {
    // A frame that came late does not make the next ones hurry.
    due_ = std::max(due_ + period_, now);
}

void Pacer::shown(Clock::time_point now) {
    if (!refresh_) return;
    if (shown_) {
        const bool missed = now - *shown_ > *refresh_ * 3 / 2;
        lead_ = missed ? std::min(lead_ * 2, *refresh_) : std::max(lead_ - lead_step, std::min(lead_min, *refresh_));
    }
    shown_ = now;
    due_ = now + *refresh_ - lead_;
}

}  // namespace arena
