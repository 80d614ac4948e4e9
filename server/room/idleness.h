// How long one player has done nothing, in ticks.
#pragma once

#include <cstdint>

#include "tidewire/state.h"

namespace tidewire::server {

/// IdleOptions in ticks; 0: never.
struct IdleTicks {
    Tick after = 0;
    Tick kick_after = 0;
    Tick hidden_kick_after = 0;
};

class Idleness {
public:
    /// `tick`: it comes, or comes back.
    explicit Idleness(Tick tick) : active_at_(tick) {}

    /// It did something that the tick at hand, or the next one, gets.
    void note_active(Tick tick) { active_at_ = tick; }
    /// Nobody looks at what it is told, or somebody does again, which is doing something.
    void hide(bool hidden, Tick tick) {
        if (hidden && hidden_at_ == 0) hidden_at_ = tick + 1;
        if (hidden) return;
        hidden_at_ = 0;
        active_at_ = tick;
    }

    enum class Change : std::uint8_t { None, Idle, Active, TooLong, HiddenTooLong };
    /// Once a tick. Each change is told once.
    Change advance(Tick tick, const IdleTicks& limits) {
        if (hidden_at_ != 0 && limits.hidden_kick_after != 0 && tick - hidden_at_ >= limits.hidden_kick_after)
            return tell_end(Change::HiddenTooLong);
        const Tick quiet = tick - active_at_;
        if (limits.kick_after != 0 && quiet >= limits.kick_after) return tell_end(Change::TooLong);
        const bool idle = limits.after != 0 && quiet >= limits.after;
        if (idle == idle_) return Change::None;
        idle_ = idle;
        return idle ? Change::Idle : Change::Active;
    }

    bool idle() const { return idle_; }
    Tick active_at() const { return active_at_; }

private:
    Change tell_end(Change change) {
        if (told_end_) return Change::None;
        told_end_ = true;
        return change;
    }

    Tick active_at_;
    Tick hidden_at_ = 0;  // the first tick that nobody saw; 0: somebody looks
    bool idle_ = false;
    bool told_end_ = false;
};

}  // namespace tidewire::server
