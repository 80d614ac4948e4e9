// Who is due when: the timers of thousands of clients. An entry that was overtaken by an earlier one stays, and counts for nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "sdk/core/base/time.h"

namespace tidewire::swarm {

class WakeQueue {
public:
    explicit WakeQueue(std::size_t clients) : due_(clients, never) {}

    /// From now on the client is due then; `never`: it is not.
    void set(std::size_t client, TimePoint due) {
        if (std::exchange(due_[client], due) == due || due == never) return;
        queue_.emplace(due, client);
    }

    struct Due {
        std::size_t client;
        TimePoint at;
    };
    /// Of those that are due by `now` the first, once; set() tells when it is due again.
    std::optional<Due> pop(TimePoint now) {
        skip_overtaken();
        if (queue_.empty() || queue_.top().first > now) return std::nullopt;
        const Due due{queue_.top().second, queue_.top().first};
        queue_.pop();
        due_[due.client] = never;
        return due;
    }
    TimePoint poll_timeout() {
        skip_overtaken();
        return queue_.empty() ? never : queue_.top().first;
    }

private:
    using Entry = std::pair<TimePoint, std::size_t>;

    void skip_overtaken() {
        while (!queue_.empty() && due_[queue_.top().second] != queue_.top().first) queue_.pop();
    }

    std::vector<TimePoint> due_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace tidewire::swarm
