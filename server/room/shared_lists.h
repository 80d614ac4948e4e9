// What all are told who are in step and follow the same groups: listed once a tick.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "server/room/following.h"

namespace tidewire::server {

/// What a client is told in one tick, but for the input that its state contains.
struct Told {
    wire::TickMessage message;       ///< input_tick is 0.
    Bytes head;                      ///< Of the message; see wire::append_tick_head() for the head of one client.
    std::size_t keyframe_bytes = 0;  ///< Of the largest keyframe in it, before it was packed; 0: there is none.
    Demand cost;                     ///< What the client's budget pays for it: all of its bytes.
};

struct SharedList {
    Following following;
    /// At a tick: known are what it will take, or the message itself; or those who follow it are not told the same.
    enum class Stage : std::uint8_t { Expected, Made, Parted };
    Stage stage = Stage::Parted;
    Tick tick = 0;    ///< Of the stage; 0: there was none.
    Demand expected;  ///< What the groups will take.
    Told told;        ///< Whoever is told it is in step afterwards.
};

class SharedLists {
public:
    /// The list of all who follow what `following` does. Shared because clients go without a word, and others stay.
    std::shared_ptr<SharedList> of(const Following& following);
    /// Forgets the lists that nobody holds.
    void drop_unused();
    std::size_t size() const { return lists_.size(); }

private:
    struct Entry {
        std::uint64_t key;  // a hash of what it follows
        std::shared_ptr<SharedList> list;
    };

    std::vector<Entry> lists_;                        // by key
    std::vector<std::shared_ptr<SharedList>> spare_;  // to be used again: whoever moves about follows something else all the time
};

}  // namespace tidewire::server
