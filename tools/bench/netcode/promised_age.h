// How old the newest state of a client may become whose link carries less than the server would send: what the server's window promises.
#pragma once

#include "sdk/core/base/time.h"
#include "server/gate/snapshot_window.h"

namespace tidewire::bench {

struct ThinLink {
    Duration latency{0};  ///< One way.
    double bytes_per_second = 0;
    Duration tick_interval{0};
};

/// The age of a snapshot when the next one replaces it, in milliseconds, where no tick that is on its way then takes more than `tick_bytes`.
/// The window lets be on its way what arrives within the least round trip, its slack and two ticks (SnapshotWindow::ticks_wanted()). The
/// least round trip is that of a tick alone: twice the latency, its own bytes, and half an interval in which the client waits for an input
/// that its word may go with. One latency and the next tick come behind that.
inline double promised_age_ms(double tick_bytes, const ThinLink& link) {
    const double tick_ms = tick_bytes * 1e3 / link.bytes_per_second;
    const double rtt_ms = to_milliseconds(link.latency * 2 + link.tick_interval / 2) + tick_ms;
    const double window_ms = rtt_ms + to_milliseconds(server::SnapshotWindowOptions{}.slack) + 2 * tick_ms;
    return window_ms + tick_ms + to_milliseconds(link.latency);
}

}  // namespace tidewire::bench
