// Full jitter: a random part of a bound that doubles.
#include "sdk/core/session/backoff.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace tidewire::session {

Backoff::Backoff(const ReconnectOptions& options, RandomSource random) : options_(options), random_(std::move(random)) {}

void Backoff::begin(TimePoint now, std::optional<Duration> retry_after) {
    lost_at_ = now;
    attempts_ = 0;
    told_to_wait_ = Duration(0);
    next_ = now + (retry_after ? wait_as_told(*retry_after) : random_up_to(options_.first_within));
}

void Backoff::note_failed(TimePoint now, std::optional<Duration> retry_after) {
    if (retry_after) {
        next_ = now + wait_as_told(*retry_after);
        return;
    }
    constexpr std::uint32_t doublings_max = 20;
    const Duration grown = Duration(options_.delay_min) * (1 << std::min(attempts_ - std::min(attempts_, 1U), doublings_max));
    const Duration most = now - lost_at_ < told_to_wait_ + options_.early ? options_.early_delay_max : options_.delay_max;
    next_ = now + random_up_to(std::min<Duration>(grown, most));
}

Duration Backoff::wait_as_told(Duration retry_after) {
    told_to_wait_ += retry_after;
    // Everybody else was told the same.
    return retry_after + random_up_to(std::max<Duration>(retry_after / 2, options_.first_within));
}

Duration Backoff::random_up_to(Duration most) {
    std::array<std::byte, sizeof(std::uint32_t)> bytes{};
    random_(bytes);
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return Duration(static_cast<Duration::rep>(static_cast<double>(most.count()) * (value / 4294967295.0)));
}

}  // namespace tidewire::session
