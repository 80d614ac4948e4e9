// When a client that has lost its connection tries again: soon, then at random within a growing time, so that all players of a server
// that was gone do not come at once.
#pragma once

#include <cstdint>
#include <optional>

#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"
#include "tidewire/options.h"

namespace tidewire::session {

class Backoff {
public:
    /// `random` is kept.
    Backoff(const ReconnectOptions& options, RandomSource random);

    /// The connection was lost. `retry_after`: the server has said when it is worth a try.
    void begin(TimePoint now, std::optional<Duration> retry_after);
    /// An attempt begins now.
    void note_attempt() { ++attempts_; }
    /// And has failed. `retry_after`: the server has said so.
    void note_failed(TimePoint now, std::optional<Duration> retry_after = std::nullopt);
    /// It has the session again, and the game goes on.
    void end() { lost_at_ = never; }

    /// Of this loss, from 1; 0: none yet.
    std::uint32_t attempts() const { return attempts_; }
    TimePoint lost_at() const { return lost_at_; }
    TimePoint next() const { return next_; }
    TimePoint give_up_at() const { return lost_at_ == never ? never : lost_at_ + told_to_wait_ + options_.give_up_after; }

private:
    /// So long, and a random part of it more.
    Duration wait_as_told(Duration retry_after);
    /// Uniform in [0, most].
    Duration random_up_to(Duration most);

    ReconnectOptions options_;
    RandomSource random_;
    TimePoint lost_at_ = never;
    TimePoint next_ = never;
    Duration told_to_wait_{0};  // by the server, since the loss
    std::uint32_t attempts_ = 0;
};

}  // namespace tidewire::session
