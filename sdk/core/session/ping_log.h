// The pings that one side has sent and not yet seen answered: whose answer counts, and once only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sdk/core/base/time.h"
#include "sdk/core/wire/message.h"

namespace tidewire::session {

/// Remembers the last 64: at 4 Hz more than the ten seconds after which a silent peer is given up.
class PingLog {
public:
    wire::Ping next(TimePoint now) {
        ++id_;
        ++unanswered_;
        if (sent_[id_ % sent_.size()].id != 0) --unanswered_;
        sent_[id_ % sent_.size()] = {id_, now};
        return {.id = id_, .sent_us = now.time_since_epoch().count()};
    }

    /// When the answered ping left, by our own note: the peer's copy proves nothing. Empty for answers to pings that were
    /// never sent, were answered before or are forgotten.
    std::optional<TimePoint> take(const wire::Pong& pong) {
        Sent& sent = sent_[pong.id % sent_.size()];
        if (sent.id == 0 || sent.id != pong.id) return std::nullopt;
        sent.id = 0;
        --unanswered_;
        return sent.at;
    }

    std::uint32_t count() const { return id_; }
    /// Of those that it remembers.
    std::size_t unanswered() const { return unanswered_; }

private:
    struct Sent {
        std::uint32_t id = 0;  // from 1
        TimePoint at{};
    };

    std::uint32_t id_ = 0;
    std::size_t unanswered_ = 0;
    std::array<Sent, 64> sent_{};
};

}  // namespace tidewire::session
