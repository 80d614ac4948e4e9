// The rooms of one gate: by number, by when their next tick is due, and by how much of the shard's time they take. None of these is a walk
// over all of them, for a shard may have a thousand.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sdk/core/base/time.h"
#include "server/gate/hosted_room.h"
#include "server/gate/tick_times.h"

namespace tidewire::server {

class RoomList {
public:
    /// Precondition: none has its number.
    HostedRoom& add(std::unique_ptr<HostedRoom> room);
    /// Null when there is none.
    HostedRoom* find(RoomNumber number) const;
    /// Takes out those of which `over` is true, and hands each to `remove` before it goes.
    template <class Over, class Remove>
    void remove_if(const Over& over, const Remove& remove);

    std::size_t size() const { return rooms_.size(); }
    bool empty() const { return rooms_.empty(); }
    /// In the order in which they were added.
    auto begin() const { return rooms_.begin(); }
    auto end() const { return rooms_.end(); }
    HostedRoom& front() const { return *rooms_.front(); }

    /// Whose next tick is due first. Precondition: there is one.
    HostedRoom& first_due() const { return *due_.front().room; }
    TimePoint next_due() const { return due_.empty() ? never : due_.front().at; }
    /// Its schedule has gone on.
    void note_ran(const HostedRoom& room);
    /// The first room whose spectators have not been told since it ran. Empty while a tick is due: players come first.
    std::optional<RoomNumber> due_stand(TimePoint now) const;
    /// Their turn has come. Null when the room is gone.
    HostedRoom* take_stand(RoomNumber room);

    /// What its last tick took.
    void note_times(HostedRoom& room, const TickTimes& times, bool draining);
    /// And the turn of its spectators: these are left out of it as soon as all turns of all rooms are too much together.
    void note_times(HostedRoom& room, const StandTimes& times, Duration period);
    /// What the last ticks of all took together.
    Duration taken() const { return taken_; }
    bool takes_most(const HostedRoom& room) const { return &room == heaviest_; }

private:
    struct Due {
        TimePoint at;
        HostedRoom* room;
    };
    static bool later(const Due& a, const Due& b) {
        return a.at != b.at ? a.at > b.at : a.room->number() > b.room->number();
    }

    void weigh();
    void sort_due();

    std::vector<std::unique_ptr<HostedRoom>> rooms_;
    std::unordered_map<RoomNumber, HostedRoom*> by_number_;
    std::vector<Due> due_;  // a heap
    std::vector<RoomNumber> stands_;  // whose turn is to come
    Duration taken_{0};
    Duration shown_in_{0};  // and by the stands
    HostedRoom* heaviest_ = nullptr;
};

template <class Over, class Remove>
void RoomList::remove_if(const Over& over, const Remove& remove) {
    const std::size_t before = rooms_.size();
    for (std::size_t i = 0; i < rooms_.size();) {
        HostedRoom& room = *rooms_[i];
        if (!over(room)) {
            ++i;
            continue;
        }
        remove(room);
        by_number_.erase(room.number());
        rooms_.erase(rooms_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (rooms_.size() == before) return;
    sort_due();
    weigh();
}

}  // namespace tidewire::server
