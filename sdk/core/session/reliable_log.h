// Events, requests and replies that one end has sent and the other may not have yet: they are sent again when a client comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/ring_queue.h"

namespace tidewire::session {

/// Broadcast ones are shared by the logs of all who get them.
using ReliableMessage = std::shared_ptr<const Bytes>;

struct ReliableLogLimits {
    std::size_t messages_max = 256;
    std::size_t bytes_max = 64 * 1024;
};

class ReliableLog {
public:
    /// `sent`: so many went before, and the other end has them.
    explicit ReliableLog(ReliableLogLimits limits, std::uint32_t sent = 0) : limits_(limits), sent_(sent) {}

    /// How many there were since the session began.
    std::uint32_t sent() const { return sent_; }
    /// Beyond the limits the oldest goes: whoever comes back without it cannot go on.
    void push(ReliableMessage message) {
        ++sent_;
        bytes_ += message->size();
        messages_.push_back(std::move(message));
        while (messages_.size() > limits_.messages_max || bytes_ > limits_.bytes_max) pop();
    }
    /// Whether one more of so many bytes is kept, and nothing older goes for it.
    bool has_room(std::size_t bytes) const {
        return messages_.size() < limits_.messages_max && bytes_ + bytes <= limits_.bytes_max;
    }
    /// Whether the other end can have received so many, and the next ones are here.
    bool can_go_on_from(std::uint32_t received) const { return received <= sent_ && received >= sent_ - messages_.size(); }
    /// The other end has so many. Of no use when it cannot have, or had more before.
    void acknowledge(std::uint32_t received) {
        while (!messages_.empty() && received <= sent_ && sent_ - messages_.size() < received) pop();
    }
    std::size_t waiting() const { return messages_.size(); }
    std::size_t bytes() const { return bytes_; }
    /// From the oldest that may be missing.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const ReliableMessage& each : messages_) visit(each);
    }

private:
    void pop() {
        bytes_ -= messages_.front()->size();
        messages_.front().reset();
        messages_.pop_front();
    }

    ReliableLogLimits limits_;
    RingQueue<ReliableMessage> messages_;
    std::size_t bytes_ = 0;
    std::uint32_t sent_;
};

}  // namespace tidewire::session
