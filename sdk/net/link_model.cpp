// Departure by rate, arrival by latency, jitter and stalls, never out of order. Both are decided when bytes are written.
#include "sdk/net/link_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tidewire::net {

namespace {

constexpr std::size_t segment_bytes_max = 1448;  // of TCP over Ethernet with time stamps
constexpr std::uint32_t short_piece_max = 512;
constexpr std::uint64_t microseconds = 1'000'000;

/// Mostly of a few bytes, so that heads are torn apart, sometimes of more.
std::size_t short_piece(SeededRandom& random) { return 1 + random.below(random.below(2) == 0 ? 8 : short_piece_max); }

}  // namespace

LinkModel::LinkModel(LinkOptions options, std::uint64_t seed, TimePoint start)
    : options_(options), random_(seed), start_(start), stall_phase_(static_cast<double>(random_.unit())) {}

std::size_t LinkModel::write(std::span<const ByteSpan> parts, TimePoint now) {
    if (shut_ || reset_) return 0;
    std::size_t room = options_.held_bytes_max - std::min(options_.held_bytes_max, held_);
    if (options_.short_writes) room = std::min(room, short_piece(random_));
    std::size_t count = 0;
    Bytes segment;
    for (ByteSpan part : parts) {
        while (!part.empty() && count < room) {
            const ByteSpan piece =
                part.first(std::min({part.size(), room - count, segment_bytes_max - segment.size()}));
            append(segment, piece);
            part = part.subspan(piece.size());
            count += piece.size();
            if (segment.size() == segment_bytes_max) send(std::exchange(segment, {}), now);
        }
    }
    if (!segment.empty()) send(std::move(segment), now);
    return count;
}

void LinkModel::shut(TimePoint now) {
    if (shut_ || reset_) return;
    shut_ = true;
    left_ = std::max(left_, now);
    arrived_ = arrival(left_, 0);
    end_at_ = arrived_;
}

std::size_t LinkModel::read(MutableByteSpan room, TimePoint now) {
    std::size_t limit = room.size();
    if (options_.short_reads) limit = std::min(limit, short_piece(random_));
    if (options_.reset_after) {
        const std::uint64_t left = *options_.reset_after - std::min(*options_.reset_after, read_);
        limit = static_cast<std::size_t>(std::min<std::uint64_t>(limit, left));
        reset_ = reset_ || left == 0;
    }
    std::size_t count = 0;
    while (count < limit && !segments_.empty() && segments_.front().arrives <= now) {
        Segment& segment = segments_.front();
        const std::size_t taken = std::min(limit - count, segment.bytes.size() - segment.taken);
        std::copy_n(segment.bytes.begin() + static_cast<std::ptrdiff_t>(segment.taken), taken,
                    room.begin() + static_cast<std::ptrdiff_t>(count));
        segment.taken += taken;
        count += taken;
        if (segment.taken == segment.bytes.size()) segments_.pop_front();
    }
    held_ -= count;
    read_ += count;
    return count;
}

TimePoint LinkModel::next_arrival() const {
    if (!segments_.empty()) return segments_.front().arrives;
    return end_at_.value_or(never);
}

void LinkModel::set_options(LinkOptions options, TimePoint now) {
    options_ = options;
    const auto waiting =
        std::find_if(segments_.begin(), segments_.end(), [&](const Segment& each) { return each.leaves > now; });
    if (waiting == segments_.end()) return;
    left_ = waiting == segments_.begin() ? now : std::max(now, std::prev(waiting)->leaves);
    arrived_ = waiting == segments_.begin() ? now : std::prev(waiting)->arrives;
    left_rest_ = 0;
    for (auto segment = waiting; segment != segments_.end(); ++segment) schedule(*segment, now);
    if (end_at_) end_at_ = arrived_ = arrival(left_, 0);
}

void LinkModel::stall(TimePoint until) {
    arrived_ = std::max(arrived_, until);
    for (Segment& segment : segments_) segment.arrives = std::max(segment.arrives, until);
    if (end_at_) end_at_ = std::max(*end_at_, until);
}

void LinkModel::send(Bytes bytes, TimePoint now) {
    Segment segment;
    segment.luck = random_.unit();
    held_ += bytes.size();
    segment.bytes = std::move(bytes);
    schedule(segment, now);
    segments_.push_back(std::move(segment));
}

void LinkModel::schedule(Segment& segment, TimePoint now) {
    if (left_ < now) {
        left_ = now;
        left_rest_ = 0;
    }
    if (options_.bytes_per_second > 0) {
        const std::uint64_t parts = segment.bytes.size() * microseconds + left_rest_;
        left_ += Duration(static_cast<std::int64_t>(parts / options_.bytes_per_second));
        left_rest_ = parts % options_.bytes_per_second;
    }
    segment.leaves = left_;
    segment.arrives = arrived_ = arrival(left_, segment.luck);
}

TimePoint LinkModel::arrival(TimePoint leaves, float luck) const {
    const Duration jitter(std::llround(static_cast<double>(options_.jitter.count()) * static_cast<double>(luck)));
    return std::max(arrived_, after_stall(leaves + options_.latency + jitter));
}

TimePoint LinkModel::after_stall(TimePoint at) const {
    if (options_.stall_every <= Duration(0) || options_.stall_for <= Duration(0)) return at;
    const auto phase = static_cast<std::int64_t>(stall_phase_ * static_cast<double>(options_.stall_every.count()));
    const Duration since_first = at - start_ - Duration(phase);
    if (since_first < Duration(0)) return at;
    const Duration into = since_first % options_.stall_every;
    return into < options_.stall_for ? at + (options_.stall_for - into) : at;
}

}  // namespace tidewire::net
