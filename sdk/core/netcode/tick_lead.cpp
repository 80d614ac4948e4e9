// Samples are kept as they would be on a clock that was never corrected, so every correction counts for all of them at once:
// nothing is corrected twice while its effect is on the way.
#include "sdk/core/netcode/tick_lead.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tidewire::netcode {

namespace {

constexpr std::size_t samples_max = 1024;  // 4 s at 128 Hz are 512; a peer that sends faster costs no more than this

}  // namespace

TickLead::TickLead(Duration tick_period, TickLeadOptions options) : tick_period_(tick_period), options_(options) {}

void TickLead::start(Tick newest, Duration rtt, TimePoint now) {
    running_ = true;
    started_at_ = advanced_at_ = now;
    position_ = static_cast<double>(newest) + options_.target +
                static_cast<double>(rtt.count()) / static_cast<double>(tick_period_.count());
    correction_ = dilation_ = 0;
    leads_.clear();
    sent_.fill({});
}

void TickLead::advance(TimePoint now) {
    if (!running_ || now <= advanced_at_) return;
    const double ticks = static_cast<double>((now - advanced_at_).count()) / static_cast<double>(tick_period_.count());
    advanced_at_ = now;
    bunch_ = std::min(ticks, 1.0);
    double correction = ticks * dilation_;
    // A clock that is seldom asked must not run past where it was going.
    if (const auto early = worst(); early && dilation_ != 0) {
        const double missing = options_.target - *early;
        correction =
            dilation_ > 0 ? std::min(correction, std::max(missing, 0.0)) : std::max(correction, std::min(missing, 0.0));
    }
    position_ += ticks + correction;
    correction_ += correction;
    forget_before(now - options_.window);
    steer(now);
}

TimePoint TickLead::when(Tick tick) const {
    const double ticks = (static_cast<double>(tick) - position_) / speed();
    return advanced_at_ + Duration(std::llround(std::ceil(ticks * static_cast<double>(tick_period_.count()))));
}

void TickLead::note_sent(Tick input) { sent_[input % sent_.size()] = {input, correction_}; }

void TickLead::observe(const LeadSample& sample, TimePoint now) {
    const Sent& sent = sent_[sample.input % sent_.size()];
    if (!running_ || sample.input == 0 || sent.input != sample.input) return;
    leads_.push_back({now, sample.ticks - sent.correction});
    forget_before(now - options_.window);
    steer(now);
}

std::optional<double> TickLead::worst() const {
    if (leads_.empty()) return std::nullopt;
    const auto expected = static_cast<std::size_t>(options_.window / tick_period_);
    // A short history has not seen enough to call anything an outlier.
    const std::size_t outliers =
        leads_.size() * 2 > expected ? expected / static_cast<std::size_t>(options_.outliers_one_in) + 1 : 0;
    std::vector<double> ticks;
    ticks.reserve(leads_.size());
    for (const Lead& lead : leads_) ticks.push_back(lead.ticks);
    const std::size_t rank = std::min(outliers, ticks.size() - 1);
    std::nth_element(ticks.begin(), ticks.begin() + static_cast<std::ptrdiff_t>(rank), ticks.end());
    return ticks[rank] + correction_;
}

void TickLead::forget_before(TimePoint at) {
    // The last one stays: no news for a while is no reason to forget where the clock should be.
    while (leads_.size() > 1 && (leads_.front().at < at || leads_.size() > samples_max)) leads_.pop_front();
}

void TickLead::steer(TimePoint now) {
    const auto early = worst();
    if (!early) return;
    const double missing = options_.target - *early;  // above 0: inputs come too late
    const double jump = static_cast<double>(options_.jump_beyond.count()) / static_cast<double>(tick_period_.count());
    if (std::abs(missing) > std::max(jump, 1.0)) {
        position_ += missing;
        correction_ += missing;
        dilation_ = 0;
        return;
    }
    const double faster = now - started_at_ < options_.start ? options_.faster_start : options_.faster_max;
    const double dead_zone = options_.dead_zone + bunch_;
    if (missing > 0)
        dilation_ = std::clamp(options_.gain * missing, 0.0, faster);
    else if (missing < -dead_zone)
        dilation_ = -options_.slower_max;
    else if (dilation_ > 0 || missing > -dead_zone / 4)
        dilation_ = 0;
}

}  // namespace tidewire::netcode
