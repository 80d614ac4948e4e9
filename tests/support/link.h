// One direction of a byte stream in virtual time, as bad as TCP may be: bytes come late, in order, in pieces of any size,
// no faster than the link's rate. Everything that varies comes from the seed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"

namespace tidewire::test {

struct LinkOptions {
    Duration latency{0};
    Duration jitter{0};  ///< Added to the latency: 0 up to this. Order is kept, so it delays what follows.
    std::size_t bytes_per_second = 0;  ///< 0: no limit.
    bool short_reads = false;          ///< Pieces of random size instead of what was written.
};

class Link {
public:
    Link(LinkOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

    void write(std::span<const ByteSpan> parts, TimePoint now);
    /// The writer's end of file, behind all that it wrote.
    void shut(TimePoint now);
    /// The next piece that has arrived; empty when none has.
    std::optional<Bytes> read(TimePoint now);
    /// True once, when the end of file has arrived and everything before it was read.
    bool read_eof(TimePoint now);
    /// When the next piece or the end of file arrives; `never` when nothing is on its way.
    TimePoint next_arrival() const;

    /// From now on. What is on its way keeps its arrival.
    LinkOptions& options() { return options_; }
    /// Nothing arrives before `until`: a lost packet's retransmission.
    void stall(TimePoint until);

private:
    struct Piece {
        TimePoint at;
        Bytes bytes;
    };

    TimePoint arrival(std::size_t bytes, TimePoint now);

    LinkOptions options_;
    SeededRandom random_;
    std::deque<Piece> pieces_;
    TimePoint departed_{};  // when the last byte had left the writer's end
    TimePoint arrived_{};   // when the last byte is there
    std::optional<TimePoint> eof_at_;
    bool shut_ = false;
};

}  // namespace tidewire::test
