// How many events one client may send: a rate with a burst, of messages and of bytes.
#pragma once

namespace tidewire {

/// Tokens come back with time; each event or request takes one, and as many as it has bytes of the other kind.
struct EventRate {
    double per_second = 0;
    double burst = 0;
    double bytes_per_second = 0;
    double bytes_burst = 0;
};

}  // namespace tidewire
