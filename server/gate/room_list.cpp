// A heap of ticks, and a sum that is kept up.
#include "server/gate/room_list.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::server {

HostedRoom& RoomList::add(std::unique_ptr<HostedRoom> room) {
    assert(find(room->number()) == nullptr);
    HostedRoom& added = *room;
    rooms_.push_back(std::move(room));
    by_number_.emplace(added.number(), &added);
    due_.push_back({added.schedule().due(), &added});
    std::push_heap(due_.begin(), due_.end(), later);
    return added;
}

HostedRoom* RoomList::find(RoomNumber number) const {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : found->second;
}

void RoomList::note_ran(const HostedRoom& room) {
    if (room.has_stand() && std::find(stands_.begin(), stands_.end(), room.number()) == stands_.end())
        stands_.push_back(room.number());
    // It is the first, but where somebody runs a room out of its turn.
    if (due_.front().room != &room) return sort_due();
    std::pop_heap(due_.begin(), due_.end(), later);
    due_.back().at = room.schedule().due();
    std::push_heap(due_.begin(), due_.end(), later);
}

std::optional<RoomNumber> RoomList::due_stand(TimePoint now) const {
    return stands_.empty() || next_due() <= now ? std::nullopt : std::optional(stands_.front());
}

HostedRoom* RoomList::take_stand(RoomNumber room) {
    std::erase(stands_, room);
    return find(room);
}

void RoomList::note_times(HostedRoom& room, const StandTimes& times, Duration period) {
    const Duration taken = times.written - times.began;
    shown_in_ += taken - room.shown_in();
    room.note_shown_in(taken);
    room.stand_load().note_tick(taken_ + shown_in_, period, times.written);
}

void RoomList::note_times(HostedRoom& room, const TickTimes& times, bool draining) {
    const Duration before = room.taken();
    room.note_times(times, draining);
    taken_ += room.taken() - before;
    if (&room == heaviest_ && room.taken() < before)
        weigh();
    else if (heaviest_ == nullptr || room.taken() >= heaviest_->taken())
        heaviest_ = &room;
}

void RoomList::weigh() {
    taken_ = Duration{0};
    shown_in_ = Duration{0};
    heaviest_ = nullptr;
    for (const auto& room : rooms_) {
        taken_ += room->taken();
        shown_in_ += room->shown_in();
        if (heaviest_ == nullptr || room->taken() > heaviest_->taken()) heaviest_ = room.get();
    }
}

void RoomList::sort_due() {
    due_.clear();
    for (const auto& room : rooms_) due_.push_back({room->schedule().due(), room.get()});
    std::make_heap(due_.begin(), due_.end(), later);
}

}  // namespace tidewire::server
