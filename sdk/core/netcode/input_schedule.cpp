// The ticks between the one that was due last and the one that the clock is at.
#include "sdk/core/netcode/input_schedule.h"

#include <algorithm>

namespace tidewire::netcode {

InputSchedule::InputSchedule(Duration tick_period) : due_max_(std::max(1, static_cast<int>(catch_up / tick_period))) {}

bool InputSchedule::advance(const TickLead& lead) {
    if (!lead.running()) return false;
    // A clock that was asked to come when a tick is due has it then, whatever the last bits of its position say.
    const Tick reached = static_cast<Tick>(lead.position() + 1e-6);
    if (reached <= newest_) return false;
    // The first tick that there is a clock for is due, none before it.
    const Tick passed = newest_ == 0 ? 1 : reached - newest_;
    due_ = static_cast<int>(std::min<Tick>(static_cast<Tick>(due_) + passed, static_cast<Tick>(due_max_)));
    newest_ = reached;
    return true;
}

}  // namespace tidewire::netcode
