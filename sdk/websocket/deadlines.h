// Which connection has to be looked at when: a heap of instants. Nobody walks over all connections to find the few that are due.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "sdk/core/base/time.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

class Deadlines {
public:
    void add(TimePoint time, ConnectionId connection) {
        heap_.push_back({time, connection});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    TimePoint next() const { return heap_.empty() ? never : heap_.front().time; }

    struct Deadline {
        TimePoint time;
        ConnectionId connection;
    };
    /// The earliest that is not after `now`.
    std::optional<Deadline> take(TimePoint now) {
        if (next() > now || heap_.empty()) return std::nullopt;
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const Deadline due = heap_.back();
        heap_.pop_back();
        return due;
    }

private:
    static bool later(const Deadline& a, const Deadline& b) { return a.time > b.time; }

    std::vector<Deadline> heap_;
};

}  // namespace tidewire::websocket
