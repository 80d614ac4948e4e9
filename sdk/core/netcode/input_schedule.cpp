// The ticks between the one that was due last and the one that the clock is at.
#include "sdk/core/netcode/input_schedule.h"

#include <algorithm>
#include <limits>

namespace tidewire::netcode {

InputSchedule::InputSchedule(Duration tick_period) : due_max_(std::max(1, static_cast<int>(catch_up / tick_period))) {}

namespace {

constexpr Tick last_tick = std::numeric_limits<Tick>::max();

}  // namespace

bool InputSchedule::advance(const TickLead& lead) {
    if (!lead.running()) return false;
    // A clock that was asked to come when a tick is due has it then, whatever the last bits of its position say. A server can put it
    // anywhere, also where there are no ticks.
    const double position = lead.position() + 1e-6;
    const Tick reached = static_cast<Tick>(std::clamp(position, 0.0, static_cast<double>(last_tick)));
    if (reached <= newest_) return false;
    // The first tick that there is a clock for is due, none before it.
    const Tick passed = newest_ == 0 ? 1 : reached - newest_;
    due_ = static_cast<int>(std::min<Tick>(static_cast<Tick>(due_) + passed, static_cast<Tick>(due_max_)));
    newest_ = reached;
    return true;
}

TimePoint InputSchedule::next(const TickLead& lead) const {
    return lead.running() && newest_ != last_tick ? lead.when(newest_ + 1) : never;
}

}  // namespace tidewire::netcode
