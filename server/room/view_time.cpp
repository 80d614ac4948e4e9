// Believed within a band, and never beyond the clamp.
#include "server/room/view_time.h"

#include <algorithm>
#include <cmath>

namespace tidewire::server {

namespace {

double ticks_in(std::chrono::milliseconds time, int tick_rate) {
    return static_cast<double>(time.count()) * tick_rate / 1000;
}

}  // namespace

ViewTime ViewTime::later(Tick ticks) const {
    ViewTime view = *this;
    if (view.told != 0) view.told += ticks;
    if (view.likely != 0) view.likely += ticks;
    if (view.newest != 0) view.newest += ticks;
    return view;
}

void WrittenTicks::note(Tick tick) {
    const Tick passed = tick - newest_;
    ticks_ = passed < held ? ticks_ << passed : std::bitset<held>();
    ticks_.set(0);
    newest_ = tick;
}

Tick WrittenTicks::at_or_before(Tick tick) const {
    for (Tick each = std::min(tick, newest_); each != 0 && newest_ - each < held; --each)
        if (has(each)) return each;
    return 0;
}

Tick WrittenTicks::after(Tick tick) const {
    if (tick >= newest_ || newest_ - tick > held) return 0;
    Tick each = tick + 1;
    while (!has(each)) ++each;
    return each;
}

bool WrittenTicks::has(Tick tick) const { return ticks_[newest_ - tick]; }

double rewind_ticks(const RewindOptions& options, int tick_rate) {
    return std::min(ticks_in(options.depth, tick_rate) + 1, ticks_in(RewindOptions::depth_max, tick_rate));
}

RewindReport judge(const ViewTime& view, Tick now, Tick written, const RewindOptions& options, int tick_rate) {
    RewindReport report{.tick = static_cast<double>(now), .requested = view.told};
    if (view.likely == 0 || written == 0) {
        report.forged = view.told != 0;
        return report;
    }
    const double band = ticks_in(options.doubt, tick_rate) + options.doubt_ticks;
    // What it has acknowledged it may have shown, however late that seemed to be.
    const bool believed =
        view.told >= view.likely - band && view.told <= std::max<double>(view.likely, view.newest) + band;
    report.forged = view.told != 0 && !believed;
    const double wanted = believed ? view.told : view.likely;
    const double oldest = std::max(0.0, now - rewind_ticks(options, tick_rate));
    report.tick = std::max(oldest, std::min<double>(wanted, written));
    report.clamped = report.tick != wanted;
    return report;
}

}  // namespace tidewire::server
