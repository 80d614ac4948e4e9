// One player's inputs on their way to their ticks. An input is for one tick: it is there in time, or it never counts.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/ring_queue.h"
#include "server/room/view_time.h"
#include "tidewire/state.h"

namespace tidewire::server {

struct PlayerInput {
    Tick tick = 0;
    std::uint16_t type = 0;  ///< Place in SchemaInfo::inputs.
    ByteSpan aggregate{};    ///< The queue copies it.
    ViewTime view{};
};

/// How early the inputs since the last report came, told of the worst of them.
struct InputLead {
    Tick newest = 0;     ///< The newest input that has ever come; 0: none yet.
    double ticks = 0;    ///< From the arrival to the tick; negative when the tick had run. 0 when nothing came.
    bool fresh = false;  ///< Something came since the last report.
};

struct InputCounters {
    std::uint64_t consumed = 0;
    std::uint64_t repeated = 0;  ///< Ticks in which the last input stood in for a missing one.
    std::uint64_t neutral = 0;   ///< Ticks in which zeros did.
    std::uint64_t late = 0;      ///< Their tick had run when they came.
    std::uint64_t early = 0;     ///< Further ahead than anything that a clock in order would send.
};

class InputQueue {
public:
    /// `ahead_max`: inputs for ticks further ahead are not taken. `repeats_max`: for so many ticks the last input stands in.
    InputQueue(Tick ahead_max, int repeats_max) : ahead_max_(ahead_max), repeats_max_(repeats_max) {}

    /// `next` is the tick that runs next, `ticks_early` what lies between now and the input's own. Ticks rise from call to call.
    void push(const PlayerInput& input, Tick next, double ticks_early, InputCounters& counters);

    struct Taken {
        Tick tick = 0;  ///< 0: there was none yet.
        std::uint16_t type = 0;
        Bytes aggregate{};
        ViewTime view{};
    };
    /// The input of this tick, or what stands in for it; null where zeros should. Ticks rise from call to call. Valid until the next call
    /// that changes the queue.
    const Taken* take(Tick tick, InputCounters& counters);

    /// Whether the last take() took an input that is not like the one before it.
    bool took_change() const { return changed_; }
    /// The type that the player used last.
    std::uint16_t last_type() const { return last_.type; }
    /// The newest input that was taken; 0: none yet.
    Tick consumed() const { return last_.tick; }
    /// What the player saw for this tick: when it made the last input that was taken, and as long after it as this tick is after that one.
    ViewTime view(Tick tick) const { return last_.view.later(tick - last_.tick); }
    std::size_t size() const { return inputs_.size(); }

    InputLead lead() const { return lead_; }
    /// The report of lead() is on its way.
    void note_reported() { lead_.fresh = false; }

private:
    Tick ahead_max_;
    int repeats_max_;
    RingQueue<Taken> inputs_;  // whose slots keep their bytes for the next
    Taken last_;
    int repeats_ = 0;
    bool changed_ = false;
    InputLead lead_;
};

}  // namespace tidewire::server
