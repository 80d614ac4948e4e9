// One direction of a TCP-like stream in virtual time: bytes come late, in order, in pieces of any size, and a full pipe
// takes no more. Everything that varies comes from the seed.
#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"
#include "sdk/core/base/time.h"

namespace tidewire::test {

struct PipeOptions {
    Duration latency{0};
    Duration jitter{0};  ///< Added to the latency: 0 up to this. Order is kept, so it delays what follows.
    std::size_t capacity = 4 * 1024 * 1024;  ///< Bytes on their way; the writer is told to wait beyond it.
    std::size_t bytes_per_second = 0;        ///< 0: no limit.
    bool short_reads = false;                ///< Pieces of random size instead of what was written.
};

class Pipe {
public:
    Pipe(PipeOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

    /// How many bytes were taken; fewer than given when the pipe is full.
    std::size_t write(std::span<const ByteSpan> parts, TimePoint now);
    /// What has arrived, at most `room.size()` bytes; 0 when there is nothing yet.
    std::size_t read(MutableByteSpan room, TimePoint now);
    /// When the next byte arrives; `never` when none is on its way.
    TimePoint next_arrival() const { return pieces_.empty() ? never : pieces_.front().at; }

    PipeOptions& options() { return options_; }

private:
    struct Piece {
        TimePoint at;
        Bytes bytes;
        std::size_t taken = 0;
    };

    PipeOptions options_;
    SeededRandom random_;
    std::deque<Piece> pieces_;
    std::size_t held_ = 0;
    TimePoint departed_{};  // when the last byte had left the writer's end
    TimePoint arrived_{};   // when the last byte will be there
};

}  // namespace tidewire::test
