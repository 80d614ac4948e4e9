// In time, or never: what comes late is counted and gone, what is missing is the last one for a while.
#include "server/room/input_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::server {

void InputQueue::push(const PlayerInput& input, Tick next, double ticks_early, InputCounters& counters) {
    assert(input.tick > lead_.newest && "the session lets only rising ticks through");
    lead_.ticks = lead_.fresh ? std::min(lead_.ticks, ticks_early) : ticks_early;
    lead_.newest = input.tick;
    lead_.fresh = true;
    if (input.tick < next) {
        ++counters.late;
    } else if (input.tick - next > ahead_max_) {
        ++counters.early;
    } else {
        Taken& slot = inputs_.next_slot();
        slot.tick = input.tick;
        slot.type = input.type;
        slot.aggregate.assign(input.aggregate.begin(), input.aggregate.end());
        slot.view = input.view;
    }
}

const InputQueue::Taken* InputQueue::take(Tick tick, InputCounters& counters) {
    changed_ = false;
    // Nothing older is left, unless ticks were left out.
    while (!inputs_.empty() && inputs_.front().tick < tick) {
        inputs_.pop_front();
        ++counters.late;
    }
    if (!inputs_.empty() && inputs_.front().tick == tick) {
        changed_ = inputs_.front().type != last_.type || inputs_.front().aggregate != last_.aggregate;
        std::swap(last_, inputs_.front());
        inputs_.pop_front();
        repeats_ = 0;
        ++counters.consumed;
        return &last_;
    }
    if (last_.tick != 0 && repeats_ < repeats_max_) {
        ++repeats_;
        ++counters.repeated;
        return &last_;
    }
    ++counters.neutral;
    return nullptr;
}

}  // namespace tidewire::server
