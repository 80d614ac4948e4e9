// Which ticks the client owes an input: each that its clock has reached. It sends nothing and reads no clock.
#pragma once

#include "sdk/core/base/time.h"
#include "sdk/core/netcode/tick_lead.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

class InputSchedule {
public:
    explicit InputSchedule(Duration tick_period);

    /// Counts what became due as `lead` is now; true when anything did. Of a pause no more than `catch_up` is made good: a server that
    /// lacks inputs repeats the last one for a few ticks, and older ones would only come late.
    bool advance(const TickLead& lead);
    /// Inputs that should have been sent by now: those for first(), first() + 1, …
    int due() const { return due_; }
    Tick first() const { return newest_ - static_cast<Tick>(due_) + 1; }
    /// They were sent, or there was nothing to send.
    void settle() { due_ = 0; }
    /// When the next input becomes due, as `lead` runs now; `never` before it does, and after the last tick that has a number.
    TimePoint next(const TickLead& lead) const;

    static constexpr Duration catch_up = std::chrono::milliseconds(150);

private:
    int due_max_;
    Tick newest_ = 0;  // that became due; a clock that jumps back makes none due twice
    int due_ = 0;
};

}  // namespace tidewire::netcode
