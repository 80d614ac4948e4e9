// One rung at a time, and each has its time to show whether it holds.
#include "server/gate/delivery_ladder.h"

#include <algorithm>

namespace tidewire::server {

const char* name_of(Rung rung) {
    switch (rung) {
        case Rung::Full:
            return "full";
        case Rung::Reduced:
            return "reduced";
        case Rung::Keyframe:
            return "keyframe";
        case Rung::Suspended:
            break;
    }
    return "suspended";
}

DeliveryLadder::DeliveryLadder(TimePoint now, DeliveryLadderOptions options)
    : options_(options),
      up_after_(options.up_after),
      judged_from_(now),
      refused_last_(now),
      written_last_(now),
      acknowledged_at_(now) {}

bool DeliveryLadder::due(Tick tick, TimePoint now) const {
    switch (rung_) {
        case Rung::Full:
            return true;
        case Rung::Reduced:
            return tick % 2 == 0;
        case Rung::Keyframe:
            return now - written_last_ >= options_.keyframe_interval;
        case Rung::Suspended:
            break;
    }
    return false;
}

void DeliveryLadder::note_window(bool open, TimePoint now) {
    // A link that stands still says nothing of how much it carries.
    if (!open && now - acknowledged_at_ > options_.standstill) return begin_judging(now);
    ++due_;
    if (open) {
        written_last_ = now;
    } else {
        ++refused_;
        refused_last_ = now;
    }
    // A rung of few ticks is judged by more than one of them.
    constexpr int due_min = 3;
    if (now - judged_from_ >= options_.down_after && due_ >= due_min) {
        const bool too_often = refused_ * 100 > due_ * options_.refused_percent_max;
        if (too_often && rung_ == Rung::Full) return step_to(Rung::Reduced, now);
        if (too_often && rung_ == Rung::Reduced) return step_to(Rung::Keyframe, now);
        begin_judging(now);
    }
    if (rung_ == Rung::Full && now - refused_last_ >= options_.up_after_max) up_after_ = options_.up_after;
    if (now - refused_last_ < up_after_) return;
    if (rung_ != Rung::Reduced && rung_ != Rung::Keyframe) return;
    up_after_ = std::min(up_after_ * 2, options_.up_after_max);
    step_to(rung_ == Rung::Reduced ? Rung::Full : Rung::Reduced, now);
}

void DeliveryLadder::note_acknowledged(TimePoint now) {
    acknowledged_at_ = now;
    if (rung_ == Rung::Suspended && !asked_) step_to(before_silence_, now);
}

void DeliveryLadder::note_unacknowledged_since(TimePoint since, TimePoint now) {
    if (rung_ == Rung::Suspended || now - since < options_.suspend_after) return;
    before_silence_ = rung_;
    step_to(Rung::Suspended, now);
}

void DeliveryLadder::suspend(TimePoint now) {
    asked_ = true;
    step_to(Rung::Suspended, now);
}

void DeliveryLadder::resume(TimePoint now) {
    if (!asked_) return;
    asked_ = false;
    step_to(Rung::Full, now);
}

void DeliveryLadder::step_to(Rung rung, TimePoint now) {
    rung_ = rung;
    refused_last_ = now;
    begin_judging(now);
}

void DeliveryLadder::begin_judging(TimePoint now) {
    judged_from_ = now;
    due_ = refused_ = 0;
}

}  // namespace tidewire::server
