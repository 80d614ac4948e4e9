// The events of one connection that its stream has not taken yet: how many, and their bytes, which stay until then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "sdk/core/base/ring_queue.h"
#include "server/room/event_outbox.h"

namespace tidewire::server {

class EventBacklog {
public:
    std::size_t count() const { return events_.size(); }
    std::size_t bytes() const { return bytes_; }
    /// The stream was offered what there was, and has not taken all of it.
    bool waits() const { return transmitted_ < offered_; }

    /// Queued in a stream of which `queued` bytes, these among them, are not transmitted yet.
    void push(SharedMessage message, std::size_t queued) {
        bytes_ += message->size();
        events_.push_back({std::move(message), transmitted_ + queued});
    }
    /// The stream may take all that is queued now, which is so many bytes, of whatever.
    void note_offered(std::size_t queued) { offered_ = transmitted_ + queued; }
    /// The stream took so many more bytes, of whatever.
    void note_transmitted(std::size_t bytes) {
        transmitted_ += bytes;
        while (!events_.empty() && events_.front().end <= transmitted_) {
            bytes_ -= events_.front().message->size();
            events_.front().message.reset();
            events_.pop_front();
        }
    }

private:
    struct Queued {
        SharedMessage message;
        std::uint64_t end;  // in bytes of the stream
    };
    RingQueue<Queued> events_;
    std::size_t bytes_ = 0;
    std::uint64_t transmitted_ = 0;
    std::uint64_t offered_ = 0;  // in bytes of the stream
};

}  // namespace tidewire::server
