// Values stay where they are when lists grow and shrink: only the records move.
#include "sdk/client/event_inbox.h"

#include <algorithm>
#include <utility>

namespace tidewire {

void EventList::add(session::ReceivedEvent event) {
    records_.push_back({.type = event.type,
                        .tick = event.tick,
                        .player = event.player,
                        .predicted = event.kind != session::ReceivedEvent::Kind::Arrived,
                        .value = event.value.get()});
    events_.push_back(std::move(event));
}

void EventList::begin_frame() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const std::size_t looked = looked_[events_[i].type];
        if (looked == not_looked || i < looked) continue;
        if (i != kept) {
            events_[kept] = std::move(events_[i]);
            records_[kept] = records_[i];
        }
        ++kept;
    }
    events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(kept), events_.end());
    records_.resize(kept);
    std::fill(looked_.begin(), looked_.end(), not_looked);
}

std::span<const EventRecord> EventList::look(std::uint16_t type) {
    looked_[type] = records_.size();
    return records_;
}

void EventInbox::begin_frame() {
    arrived_.begin_frame();
    retracted_.begin_frame();
}

void EventInbox::add(std::vector<session::ReceivedEvent>& events) {
    for (session::ReceivedEvent& event : events)
        (event.kind == session::ReceivedEvent::Kind::Retracted ? retracted_ : arrived_).add(std::move(event));
    events.clear();
}

}  // namespace tidewire
