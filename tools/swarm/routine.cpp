// One switch over the stages of a client's life.
#include "tools/swarm/routine.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tidewire::swarm {

Routine::Routine(const RoutineOptions& options, std::uint64_t seed, TimePoint first_join)
    : options_(options), random_(seed), due_(first_join) {}

std::optional<Routine::Act> Routine::poll(TimePoint now) {
    if (now < due_) return std::nullopt;
    due_ = never;
    switch (stage_) {
        case Stage::Away:
            stage_ = Stage::Joining;
            return Act::Join;
        case Stage::Playing:
            return options_.behaviour == Behaviour::Churn ? leave() : stand_still(now);
        case Stage::Still:
            note_playing(now);
            return Act::GoOn;
        case Stage::Joining:
        case Stage::Leaving:
        case Stage::Over:
            break;
    }
    return std::nullopt;
}

void Routine::note_playing(TimePoint now) {
    stage_ = Stage::Playing;
    if (options_.behaviour == Behaviour::Churn) due_ = now + exponential(options_.stay_mean);
    if (options_.behaviour == Behaviour::Stall) due_ = now + exponential(options_.stall_every_mean);
}

void Routine::note_ended(TimePoint now) {
    const bool left = std::exchange(stage_, Stage::Over) == Stage::Leaving;
    due_ = never;
    if (options_.behaviour != Behaviour::Churn) return;
    stage_ = Stage::Away;
    due_ = left ? now : now + options_.retry_after;
}

/// By inversion: -ln(1 - u).
Duration Routine::exponential(Duration mean) {
    const double uniform = static_cast<double>(random_.next() >> 11) * 0x1p-53;
    return Duration(static_cast<Duration::rep>(-std::log1p(-uniform) * static_cast<double>(mean.count())));
}

Routine::Act Routine::leave() {
    stage_ = Stage::Leaving;
    return random_.below(2) == 0 ? Act::LeaveCleanly : Act::LeaveAbruptly;
}

Routine::Act Routine::stand_still(TimePoint now) {
    stage_ = Stage::Still;
    const Duration span = std::max(options_.stall_max - options_.stall_min, Duration(0));
    due_ =
        now + options_.stall_min +
        Duration(static_cast<Duration::rep>(static_cast<double>(random_.unit()) * static_cast<double>(span.count())));
    return Act::StandStill;
}

}  // namespace tidewire::swarm
