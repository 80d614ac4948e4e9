// How many bytes of parts may be on their way to one client: so many that its link has no pause, and so few that a message
// behind them waits no longer than a chunk or two take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/base/time.h"

namespace tidewire::server {

struct BulkPaceOptions {
    /// On its way before anything is known of the link, and at each beginning: 130 ms at 1 Mbit/s.
    std::size_t flight_start = 16 * 1024;
    std::size_t flight_max = 256 * 1024;  ///< 20 ms of 100 Mbit/s: more only waits in buffers.
    /// A chunk is what the link delivers in so long, and so long one may wait on the way beyond the least round trip.
    Duration chunk_time = std::chrono::milliseconds(40);
    std::size_t chunk_min = 1024;       ///< Its head is 2 % of it then.
    std::size_t chunk_max = 16 * 1024;  ///< More saves nothing.
    /// Waiting longer than that on the way is no stall: there is less room than was believed.
    Duration standstill = std::chrono::milliseconds(500);
    /// A message of at most a chunk_time goes whole; within these, since most ticks are small, and since a window of ticks has 64 KiB.
    std::size_t whole_min = 4 * 1024;
    std::size_t whole_max = 64 * 1024;
};

class BulkPace {
public:
    /// `rtt_min` is of small messages on the empty link.
    BulkPace(Duration rtt_min, BulkPaceOptions options) : options_(options), rtt_min_(rtt_min) {}

    /// Whether another chunk may be written. `others`: bytes of state on their way, to which parts yield; one chunk may be beside them.
    bool open(std::size_t others) const;
    /// Bytes of the next part.
    std::size_t chunk() const;
    /// A larger message should go in parts.
    std::size_t whole_bytes_max() const;
    void note_written(std::size_t bytes, std::size_t others, TimePoint now);
    /// The client has so many bytes of parts. Precondition: not fewer than before, nor more than written().
    void note_received(std::uint64_t bytes, TimePoint now);

    std::uint64_t written() const { return written_; }
    std::uint64_t received() const { return received_; }
    std::size_t in_flight() const { return static_cast<std::size_t>(written_ - received_); }
    /// The client owes word of parts, and has said nothing new of them since then; empty when it owes none.
    std::optional<TimePoint> waiting_since() const;
    /// Bytes per second that the link has delivered; empty before it is known.
    std::optional<double> rate() const { return rate_; }

private:
    struct Written {
        std::uint64_t end;   // written() with it
        std::size_t flight;  // that was on its way with it, parts and others
        TimePoint at;
        bool full;   // the window was, so that the flight tells the rate
        bool alone;  // nothing else was on its way
    };

    std::size_t window() const;
    bool beginning() const { return received_ < first_end_; }
    void sample(const Written& newest, TimePoint now);

    BulkPaceOptions options_;
    Duration rtt_min_;
    std::optional<double> rate_;
    std::uint64_t written_ = 0;
    std::uint64_t received_ = 0;
    std::vector<Written> flight_;  // parts, in order
    // The first flight after a pause leaves at once: what it takes beyond the least round trip is the time that the link needs for it.
    std::uint64_t first_begin_ = 0;
    std::uint64_t first_end_ = 0;
    TimePoint first_at_{};
    // A round trip, from one part's writing to its arrival.
    std::uint64_t round_end_ = 0;
    double round_best_ = 0;  // of the rates that were seen in it
    TimePoint moved_at_{};   // when something was received, or written into an empty flight
};

}  // namespace tidewire::server
