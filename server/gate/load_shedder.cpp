// One verdict a second, by the mean of its ticks.
#include "server/gate/load_shedder.h"

#include <algorithm>

namespace tidewire::server {

const char* name_of(LoadLevel level) {
    switch (level) {
        case LoadLevel::Normal:
            return "normal";
        case LoadLevel::HalfRate:
            return "half_rate";
        case LoadLevel::QuarterRate:
            return "quarter_rate";
        case LoadLevel::NoJoins:
            return "no_joins";
    }
    return "";
}

LoadShedder::LoadShedder(TimePoint now, LoadShedderOptions options)
    : options_(options), calm_from_(now), calm_for_(options.calm_for) {}

bool LoadShedder::note_tick(Duration taken, Duration period, TimePoint now) {
    if (ticks_ == 0) judged_from_ = now;
    sum_ += std::min(static_cast<double>(taken.count()) / static_cast<double>(period.count()), options_.hiccup_max);
    ++ticks_;
    if (now - judged_from_ < options_.judged_over) return false;
    busy_ = sum_ / ticks_;
    sum_ = 0;
    ticks_ = 0;
    if (busy_ > options_.calm_max) calm_from_ = now;
    const LoadLevel before = level_;
    if (busy_ > options_.busy_max) {
        if (level_ == LoadLevel::NoJoins) return false;
        if (stepped_down_at_ != TimePoint{} && now - stepped_down_at_ < options_.calm_for_max)
            calm_for_ = std::min(calm_for_ * 2, options_.calm_for_max);
        step_to(static_cast<LoadLevel>(static_cast<int>(level_) + 1), now);
    } else if (level_ != LoadLevel::Normal && now - calm_from_ >= calm_for_) {
        step_to(static_cast<LoadLevel>(static_cast<int>(level_) - 1), now);
        stepped_down_at_ = now;
    } else if (level_ == LoadLevel::Normal && now - stepped_down_at_ >= options_.calm_for_max) {
        calm_for_ = options_.calm_for;
    }
    return level_ != before;
}

void LoadShedder::step_to(LoadLevel level, TimePoint now) {
    level_ = level;
    mask_ = level == LoadLevel::Normal ? 0U : level == LoadLevel::HalfRate ? 1U : 3U;
    calm_from_ = now;
}

}  // namespace tidewire::server
