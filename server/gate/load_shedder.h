// What a room leaves out when its shard cannot keep up: first every other tick for all clients, then three of four, then new players.
// The simulation itself is never slowed down for it.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"
#include "tidewire/state.h"

namespace tidewire::server {

enum class LoadLevel : std::uint8_t { Normal, HalfRate, QuarterRate, NoJoins };
/// "normal", "half_rate", "quarter_rate", "no_joins": for metrics and logs.
const char* name_of(LoadLevel level);

struct LoadShedderOptions {
    double busy_max = 0.9;  ///< Of a period that ticks may take: the rest is for reading and for noise.
    /// Below that the level above is tried: what it would take nobody knows, since a tick that is told from the last but one takes more
    /// than half of two.
    double calm_max = 0.8;
    double hiccup_max = 2;  ///< Of a period that one tick counts for at most: a pause of a second is none of load.
    Duration judged_over = std::chrono::seconds(1);  ///< One slow tick is a hiccup.
    Duration calm_for = std::chrono::seconds(5);     ///< Before the level above is tried;
    Duration calm_for_max = std::chrono::seconds(60);  ///< twice as long each time that this was too early, until it was not.
};

class LoadShedder {
public:
    explicit LoadShedder(TimePoint now, LoadShedderOptions options = {});

    /// A tick took so long. True when the level has changed.
    bool note_tick(Duration taken, Duration period, TimePoint now);
    /// Whether clients are told of this tick. Of even ones as long as of any: those are what a client on a slow link gets.
    bool tells(Tick tick) const { return (tick & mask_) == 0; }
    LoadLevel level() const { return level_; }
    /// The mean of taken / period over the last second that was judged.
    double busy() const { return busy_; }

private:
    void step_to(LoadLevel level, TimePoint now);

    LoadShedderOptions options_;
    LoadLevel level_ = LoadLevel::Normal;
    std::uint32_t mask_ = 0;
    double busy_ = 0;
    double sum_ = 0;
    int ticks_ = 0;
    TimePoint judged_from_{};  // the first of ticks_
    TimePoint calm_from_;
    TimePoint stepped_down_at_{};
    Duration calm_for_;
};

}  // namespace tidewire::server
