// Few joins a second, and rooms by the thousand at most: a walk over all of them finds the emptiest.
#include "server/gate/room_directory.h"

#include <algorithm>
#include <cassert>

namespace tidewire::server {

Seat& Seat::operator=(Seat&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    directory_ = std::exchange(other.directory_, nullptr);
    place_ = other.place_;
    return *this;
}

void Seat::give_back() {
    if (RoomDirectory* const directory = std::exchange(directory_, nullptr)) directory->give_back(place_.room);
}

void RoomDirectory::open(RoomPlace place, std::uint32_t seats, std::uint32_t bots) {
    const std::lock_guard lock(mutex_);
    assert(find(place.room) == nullptr && bots <= seats);
    entries_.push_back({.place = place, .seats = seats, .taken = bots});
}

void RoomDirectory::close(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = find(room)) entry->open = false;
}

void RoomDirectory::set_joinable(RoomNumber room, bool joinable) {
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = find(room)) entry->joinable = joinable;
}

void RoomDirectory::close_all() {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) entry.open = false;
}

std::optional<Seat> RoomDirectory::take_seat() {
    const std::lock_guard lock(mutex_);
    Entry* best = nullptr;
    for (Entry& entry : entries_)
        if (has_seat(entry) && (best == nullptr || entry.taken < best->taken))
            best = &entry;
    if (best == nullptr) return std::nullopt;
    ++best->taken;
    return Seat(*this, best->place);
}

std::optional<Seat> RoomDirectory::take_seat(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    if (entry == nullptr || !has_seat(*entry)) return std::nullopt;
    ++entry->taken;
    return Seat(*this, entry->place);
}

bool RoomDirectory::has(RoomNumber room) const {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = find(room);
    return entry != nullptr && entry->open;
}

std::uint32_t RoomDirectory::taken(RoomNumber room) const {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = find(room);
    return entry == nullptr ? 0 : entry->taken;
}

bool RoomDirectory::has_seat() const {
    const std::lock_guard lock(mutex_);
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return has_seat(entry); });
}

std::string RoomDirectory::why_none() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t seats = 0;
    std::uint64_t taken = 0;
    bool behind = false;
    for (const Entry& entry : entries_) {
        if (!entry.open) continue;
        seats += entry.seats;
        taken += entry.taken;
        behind = behind || (!entry.joinable && entry.taken < entry.seats);
    }
    if (seats == 0) return "no room of the server is open";
    if (behind) return "the server has more to do than it can, and takes nobody in for a while";
    return "the server is full (" + std::to_string(taken) + " of " + std::to_string(seats) + " players)";
}

std::size_t RoomDirectory::size() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.open; }));
}

void RoomDirectory::give_back(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    assert(entry != nullptr && entry->taken > 0);
    --entry->taken;
}

const RoomDirectory::Entry* RoomDirectory::find(RoomNumber room) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.place.room == room; });
    return found == entries_.end() ? nullptr : &*found;
}

RoomDirectory::Entry* RoomDirectory::find(RoomNumber room) {
    return const_cast<Entry*>(std::as_const(*this).find(room));
}

}  // namespace tidewire::server
