// Departure by rate, arrival by latency and jitter, never out of order.
#include "tests/scenario/pipe.h"

#include <algorithm>

namespace tidewire::test {

std::size_t Pipe::write(std::span<const ByteSpan> parts, TimePoint now) {
    Piece piece;
    for (const ByteSpan part : parts) {
        const std::size_t room = options_.capacity - std::min(options_.capacity, held_ + piece.bytes.size());
        append(piece.bytes, part.first(std::min(room, part.size())));
    }
    const std::size_t count = piece.bytes.size();
    if (count == 0) return 0;

    departed_ = std::max(departed_, now);
    if (options_.bytes_per_second > 0)
        departed_ += Duration(static_cast<std::int64_t>(count * 1'000'000 / options_.bytes_per_second));
    const auto jitter = static_cast<std::uint32_t>(options_.jitter.count());
    arrived_ = std::max(arrived_, departed_ + options_.latency + Duration(random_.below(jitter + 1)));
    piece.at = arrived_;
    held_ += count;
    pieces_.push_back(std::move(piece));
    return count;
}

std::size_t Pipe::read(MutableByteSpan room, TimePoint now) {
    std::size_t limit = room.size();
    if (options_.short_reads) limit = std::min<std::size_t>(limit, 1 + random_.below(random_.below(2) == 0 ? 8 : 512));
    std::size_t count = 0;
    while (count < limit && !pieces_.empty() && pieces_.front().at <= now) {
        Piece& piece = pieces_.front();
        const std::size_t taken = std::min(limit - count, piece.bytes.size() - piece.taken);
        std::copy_n(piece.bytes.begin() + static_cast<std::ptrdiff_t>(piece.taken), taken,
                    room.begin() + static_cast<std::ptrdiff_t>(count));
        piece.taken += taken;
        count += taken;
        if (piece.taken == piece.bytes.size()) pieces_.pop_front();
    }
    held_ -= count;
    return count;
}

}  // namespace tidewire::test
