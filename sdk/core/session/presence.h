// Whether anybody looks at what a client is told: by the program's word, and by the frames that it makes.
#pragma once

#include <optional>

#include "sdk/core/base/time.h"

namespace tidewire::session {

class Presence {
public:
    /// A program without a frame for so long hangs, loads or stands in a debugger: no game is drawn at 1 Hz, unless it has so few ticks.
    static constexpr Duration away_after = std::chrono::seconds(1);
    static constexpr int away_after_ticks = 4;
    /// A program of very slow frames must not come and go faster than a server suffers: one resumption in two seconds.
    static constexpr Duration away_period = std::chrono::seconds(5);

    void suspend() { suspended_ = true; }
    void resume() { suspended_ = false; }
    /// Without a frame it is not known whether the program makes any.
    void note_frame(TimePoint now, Duration tick_period);
    void handle_timeout(TimePoint now);
    TimePoint poll_timeout() const { return away_at_; }
    /// The next who is told knows nothing yet.
    void begin_anew() { told_ = false; }
    /// Nobody is told any more.
    void end() { away_at_ = never; }

    /// By suspend(), or because the program makes no frames.
    bool suspended() const { return suspended_ || away_; }
    /// What the server is to be told of it; empty: it knows.
    std::optional<bool> poll_change();

private:
    bool suspended_ = false;     // by suspend()
    bool away_ = false;          // the program makes no frames
    bool told_ = false;          // what the server was told
    TimePoint away_at_ = never;  // unless a frame comes before
    TimePoint not_away_before_{};
};

}  // namespace tidewire::session
