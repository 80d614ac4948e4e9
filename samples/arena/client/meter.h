// Measures what the overlay and the summary show: rates from the client's counters, frame times, and averages of a whole run.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "tidewire/client.h"

namespace arena {

/// What the meter reads each frame.
struct Sample {
    std::chrono::steady_clock::time_point now;
    tidewire::ClientFigures figures;
    tidewire::Latency latency;
};

/// Over the last second.
struct Rates {
    double bytes_in = 0;
    double bytes_out = 0;
    double snapshots = 0;
    double frames = 0;
};

class Meter {
public:
    /// Once a frame while playing.
    void frame(const Sample& sample);

    Rates rates() const;
    const tidewire::ClientFigures& figures() const { return last_.figures; }
    const tidewire::Latency& latency() const { return last_.latency; }
    /// Since the first frame, in seconds.
    double played() const;

    struct Counts {
        std::size_t fighters = 0;
        std::size_t shots = 0;
    };
    /// The whole run in one line of JSON.
    std::string summary(const Counts& seen) const;

private:
    std::optional<Sample> first_;
    Sample last_{};
    std::deque<Sample> second_;  // the samples of the last second
    std::uint64_t frames_ = 0;
    double snapshot_age_sum_ms_ = 0;
};

}  // namespace arena
