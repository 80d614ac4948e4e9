// When the next frame should begin. The time until then belongs to the network. Knows nothing of windows and does not wait.
#pragma once

#include <chrono>
#include <optional>

namespace arena {

class Pacer {
public:
    using Clock = std::chrono::steady_clock;
    using Duration = std::chrono::nanoseconds;

    struct Options {
        int fps = 60;  ///< At most.
        /// Of the display that showing a frame waits for; empty: showing waits for nothing.
        std::optional<Duration> refresh;
    };
    Pacer(const Options& options, Clock::time_point now);

    /// A frame begins.
    void begun(Clock::time_point now);
    /// It was shown; with a display's refresh it waited for that.
    void shown(Clock::time_point now);
    /// The next frame should begin then.
    Clock::time_point due() const { return due_; }

private:
    Duration period_;
    /// Set where the display is what limits: frames then begin just early enough for its next refresh.
    std::optional<Duration> refresh_;
    Duration lead_;  // before the refresh
    std::optional<Clock::time_point> shown_;
    Clock::time_point due_;
};

}  // namespace arena
