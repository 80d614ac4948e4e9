// One direction of a byte stream in memory, bad the way TCP is bad: bytes come late, in order, no faster than a rate, and
// now and then not at all for a while. Nothing is lost; what TCP must send again holds up all that follows.
// It has no clock: instants are arguments, and everything that varies comes from the seed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"

namespace tidewire::net {

struct LinkOptions {
    Duration latency{0};  ///< One way.
    Duration jitter{0};  ///< Added to each segment's latency: 0 up to this. Order is kept, so it holds up what follows.
    std::size_t bytes_per_second = 0;  ///< 0: no limit.
    /// Written and not yet read; the writer waits beyond it. What kernels hold on both sides of a path by default.
    std::size_t held_bytes_max = 4 * 1024 * 1024;
    /// Every so often nothing arrives for `stall_for`: a segment was lost and is sent again. 0: never. The first stall begins at a
    /// random part of this after the start.
    Duration stall_every{0};
    Duration stall_for{0};
    bool short_reads = false;   ///< Reads return pieces of random size.
    bool short_writes = false;  ///< Writes take pieces of random size.
    /// The stream breaks when the reader has taken so many bytes.
    std::optional<std::uint64_t> reset_after{};
};

class LinkModel {
public:
    LinkModel(LinkOptions options, std::uint64_t seed, TimePoint start = {});

    // Input. Instants never fall.
    /// How many bytes were taken; fewer than given when the link is full, 0 after shut() and after a reset.
    std::size_t write(std::span<const ByteSpan> parts, TimePoint now);
    /// The writer's end of file, behind all that it wrote.
    void shut(TimePoint now);

    // Output.
    /// What has arrived, at most `room.size()` bytes; 0 when there is nothing.
    std::size_t read(MutableByteSpan room, TimePoint now);
    /// The end of file has arrived and everything before it was read.
    bool at_end(TimePoint now) const { return segments_.empty() && end_at_ && *end_at_ <= now; }
    /// The stream broke: both ends see their connection reset.
    bool reset() const { return reset_; }
    /// When there is something to read() or the end of file; `never` when nothing is on its way.
    TimePoint next_arrival() const;
    /// Written and not yet read.
    std::size_t held_bytes() const { return held_; }
    bool full() const { return held_ >= options_.held_bytes_max; }

    // What the link is like, from now on. What has left the writer's end keeps its arrival; what waits there leaves at the new rate.
    const LinkOptions& options() const { return options_; }
    void set_options(LinkOptions options, TimePoint now);
    /// Nothing arrives before `until`, once.
    void stall(TimePoint until);

private:
    /// What one packet carries: it leaves and arrives whole.
    struct Segment {
        TimePoint leaves;
        TimePoint arrives;
        float luck = 0;  // its part of the jitter
        Bytes bytes;
        std::size_t taken = 0;
    };

    void send(Bytes bytes, TimePoint now);
    /// Says when a segment leaves and arrives, behind the one before it.
    void schedule(Segment& segment, TimePoint now);
    TimePoint arrival(TimePoint leaves, float luck) const;
    /// The instant, or the end of the stall that it falls into.
    TimePoint after_stall(TimePoint at) const;

    LinkOptions options_;
    SeededRandom random_;
    TimePoint start_;
    double stall_phase_;  // of stall_every
    std::deque<Segment> segments_;
    std::size_t held_ = 0;
    std::uint64_t read_ = 0;
    TimePoint left_{};             // when the last byte has left the writer's end
    std::uint64_t left_rest_ = 0;  // and the part of a microsecond beyond it, in bytes_per_second-ths
    TimePoint arrived_{};          // when the last byte is there
    std::optional<TimePoint> end_at_;
    bool shut_ = false;
    bool reset_ = false;
};

}  // namespace tidewire::net
