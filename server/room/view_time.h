// What a player saw when it made an input, as its client tells it and as the server makes of it.
#pragma once

#include <bitset>
#include <cstddef>

#include "tidewire/rewind.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// In ticks, with fractions. All 0: the client has seen nothing yet.
struct ViewTime {
    double told = 0;    ///< By the client; 0: it tells nothing.
    double likely = 0;  ///< By what the server knows of the link; 0: the client has acknowledged nothing yet.
    Tick newest = 0;    ///< That the client had acknowledged by then.

    /// What is seen so many ticks later: for a tick that an input stands in for.
    ViewTime later(Tick ticks) const;
};

/// The ticks that were written to one client, as far back as anybody may look.
class WrittenTicks {
public:
    /// Half a second at 128 Hz twice over: a client that gets every other tick has its last one before where it looks.
    static constexpr std::size_t held = 128;

    /// Ticks rise.
    void note(Tick tick);
    /// 0: none yet.
    Tick newest() const { return newest_; }
    /// The last one at or before `tick`, and the first one after it; 0 where it is not known, or there is none.
    Tick at_or_before(Tick tick) const;
    Tick after(Tick tick) const;

private:
    bool has(Tick tick) const;

    Tick newest_ = 0;
    std::bitset<held> ticks_;  // bit i: newest_ - i
};

/// How far back that is, in ticks.
double rewind_ticks(const RewindOptions& options, int tick_rate);

/// What a player is taken to have seen. `now` is the tick that runs, `written` the newest one that was written to its client.
/// Whatever the client says, the tick is no older than rewind_ticks() and no newer than `written`; it is `now` where the client has seen
/// nothing.
RewindReport judge(const ViewTime& view, Tick now, Tick written, const RewindOptions& options, int tick_rate);

}  // namespace tidewire::server
