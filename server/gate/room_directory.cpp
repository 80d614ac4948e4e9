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
    kind_ = other.kind_;
    return *this;
}

void Seat::give_back() {
    if (RoomDirectory* const directory = std::exchange(directory_, nullptr)) directory->give_back(place_.room, kind_);
}

void RoomDirectory::open(RoomPlace place, std::uint32_t seats, std::uint32_t bots, std::uint32_t spectators) {
    const std::lock_guard lock(mutex_);
    assert(find(place.room) == nullptr && bots <= seats);
    entries_.push_back({.place = place, .players = {.all = seats, .taken = bots}, .spectators = {.all = spectators}});
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

std::optional<Seat> RoomDirectory::take_seat(SeatKind kind) {
    const std::lock_guard lock(mutex_);
    // Who plays wants room; who watches wants something to see.
    const auto better = [kind](const Entry& a, const Entry& b) {
        return kind == SeatKind::Player ? a.players.taken < b.players.taken : a.players.taken > b.players.taken;
    };
    Entry* best = nullptr;
    for (Entry& entry : entries_)
        if (entry.has_seat(kind) && (best == nullptr || better(entry, *best))) best = &entry;
    if (best == nullptr) return std::nullopt;
    ++best->of(kind).taken;
    return Seat(*this, best->place, kind);
}

std::optional<Seat> RoomDirectory::take_seat(RoomNumber room, SeatKind kind) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    if (entry == nullptr || !entry->has_seat(kind)) return std::nullopt;
    ++entry->of(kind).taken;
    return Seat(*this, entry->place, kind);
}

bool RoomDirectory::has(RoomNumber room) const {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = find(room);
    return entry != nullptr && entry->open;
}

std::uint32_t RoomDirectory::taken(RoomNumber room) const {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = find(room);
    return entry == nullptr ? 0 : entry->of(SeatKind::Player).taken;
}

bool RoomDirectory::has_seat(SeatKind kind) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(entries_.begin(), entries_.end(), [kind](const Entry& entry) { return entry.has_seat(kind); });
}

bool RoomDirectory::knows(SeatKind kind) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(entries_.begin(), entries_.end(), [kind](const Entry& entry) { return entry.of(kind).all != 0; });
}

std::string RoomDirectory::why_none(SeatKind kind) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t seats = 0;
    std::uint64_t taken = 0;
    bool behind = false;
    for (const Entry& entry : entries_) {
        if (!entry.open) continue;
        seats += entry.of(kind).all;
        taken += entry.of(kind).taken;
        behind = behind || (!entry.joinable && entry.players.free());
    }
    const std::string how_full = " (" + std::to_string(taken) + " of " + std::to_string(seats);
    if (kind == SeatKind::Spectator && seats == 0)
        return "no room of the server that is open takes spectators";
    if (kind == SeatKind::Spectator) return "no room of the server has a place for another spectator" + how_full + ")";
    if (seats == 0) return "no room of the server is open";
    if (behind) return "the server has more to do than it can, and takes nobody in for a while";
    return "the server is full" + how_full + " players)";
}

std::size_t RoomDirectory::size() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.open; }));
}

void RoomDirectory::give_back(RoomNumber room, SeatKind kind) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    assert(entry != nullptr && entry->of(kind).taken > 0);
    --entry->of(kind).taken;
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
