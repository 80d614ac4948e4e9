// Arrival times are decided when bytes are written; reading only looks at them.
#include "tests/support/link.h"

#include <algorithm>

namespace tidewire::test {

void Link::write(std::span<const ByteSpan> parts, TimePoint now) {
    if (shut_) return;
    Bytes all;
    for (const ByteSpan part : parts) append(all, part);
    std::size_t from = 0;
    while (from < all.size()) {
        const std::size_t rest = all.size() - from;
        const std::size_t most = std::min<std::size_t>(rest, 200);
        const std::size_t size = options_.short_reads ? 1 + random_.below(static_cast<std::uint32_t>(most)) : rest;
        const ByteSpan piece = ByteSpan(all).subspan(from, size);
        pieces_.push_back({arrival(size, now), Bytes(piece.begin(), piece.end())});
        from += size;
    }
}

void Link::shut(TimePoint now) {
    if (shut_) return;
    shut_ = true;
    eof_at_ = arrival(0, now);
}

std::optional<Bytes> Link::read(TimePoint now) {
    if (pieces_.empty() || pieces_.front().at > now) return std::nullopt;
    Bytes bytes = std::move(pieces_.front().bytes);
    pieces_.pop_front();
    return bytes;
}

bool Link::read_eof(TimePoint now) {
    if (!pieces_.empty() || !eof_at_ || *eof_at_ > now) return false;
    eof_at_.reset();
    return true;
}

TimePoint Link::next_arrival() const {
    if (!pieces_.empty()) return pieces_.front().at;
    return eof_at_.value_or(never);
}

void Link::stall(TimePoint until) {
    arrived_ = std::max(arrived_, until);
    for (Piece& piece : pieces_) piece.at = std::max(piece.at, until);
    if (eof_at_) eof_at_ = std::max(*eof_at_, until);
}

TimePoint Link::arrival(std::size_t bytes, TimePoint now) {
    departed_ = std::max(departed_, now);
    if (options_.bytes_per_second > 0) {
        const auto micros = bytes * 1'000'000 / options_.bytes_per_second;
        departed_ += Duration(static_cast<std::int64_t>(micros));
    }
    Duration delay = options_.latency;
    if (options_.jitter > Duration(0))
        delay += Duration(random_.below(static_cast<std::uint32_t>(options_.jitter.count()) + 1));
    arrived_ = std::max(arrived_, departed_ + delay);
    return arrived_;
}

}  // namespace tidewire::test
