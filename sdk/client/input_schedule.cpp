// A grid of instants and a count of those that have passed.
#include "sdk/client/input_schedule.h"

#include <algorithm>
#include <cassert>

namespace tidewire {

InputSchedule::InputSchedule(int tick_rate, TimePoint start)
    : tick_rate_(tick_rate),
      due_max_(std::max(1, static_cast<int>(tick_rate * catch_up / Duration(std::chrono::seconds(1))))),
      start_(start) {
    assert(tick_rate > 0);
}

bool InputSchedule::advance(TimePoint now) {
    if (now < next()) return false;
    // The estimate may be one too few, because instants are rounded down.
    std::int64_t passed = (now - start_).count() * tick_rate_ / 1'000'000 + 1;
    while (instant(passed) <= now) ++passed;
    due_ = static_cast<int>(std::min<std::int64_t>(due_ + passed - counted_, due_max_));
    counted_ = passed;
    return true;
}

}  // namespace tidewire
