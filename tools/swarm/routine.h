// When one client comes, stands still, leaves and comes back. A schedule: it touches no socket, and the same seed is the same life.
#pragma once

#include <cstdint>
#include <optional>

#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"
#include "tools/swarm/behaviour.h"

namespace tidewire::swarm {

struct RoutineOptions {
    Behaviour behaviour = Behaviour::Wander;
    /// Of Churn: how long a client stays on average; the lengths are exponential, so joins come as they do from a crowd.
    Duration stay_mean = std::chrono::seconds(10);
    /// Of Churn: whoever could not join or was sent away tries again after so long; a full server is not to be hammered.
    Duration retry_after = std::chrono::seconds(1);
    /// Of Stall: from one to the next on average, and how long they last. A connection is given up after 10 s of silence.
    Duration stall_every_mean = std::chrono::seconds(10);
    Duration stall_min = std::chrono::seconds(1);
    Duration stall_max = std::chrono::seconds(8);
};

class Routine {
public:
    enum class Act : std::uint8_t {
        Join,
        LeaveCleanly,   ///< With a goodbye.
        LeaveAbruptly,  ///< The stream just ends.
        StandStill,
        GoOn,  ///< It stands still no more.
    };

    Routine(const RoutineOptions& options, std::uint64_t seed, TimePoint first_join);

    /// What is to be done now, once; empty when nothing is due.
    std::optional<Act> poll(TimePoint now);
    TimePoint poll_timeout() const { return due_; }

    /// It is in the game.
    void note_playing(TimePoint now);
    /// Its connection is over, whoever ended it.
    void note_ended(TimePoint now);
    /// Nothing is due any more: it came for the last time.
    bool over() const { return stage_ == Stage::Over; }

private:
    enum class Stage : std::uint8_t { Away, Joining, Playing, Still, Leaving, Over };

    Duration exponential(Duration mean);
    Act leave();
    Act stand_still(TimePoint now);

    RoutineOptions options_;
    SeededRandom random_;
    Stage stage_ = Stage::Away;
    TimePoint due_;
};

}  // namespace tidewire::swarm
