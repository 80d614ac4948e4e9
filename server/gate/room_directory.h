// Which rooms a server has, on which shard each lives, and how many of its seats are taken. All shards ask it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/gate/gate_event.h"

namespace tidewire::server {

/// Where a room is, as of when it was asked.
struct RoomPlace {
    RoomNumber room{};
    std::uint32_t shard = 0;
};

class RoomDirectory;

/// A place in a room for one who joins or plays. It is given back when this goes.
class Seat {
public:
    Seat() = default;
    Seat(RoomDirectory& directory, RoomPlace place) : directory_(&directory), place_(place) {}
    Seat(Seat&& other) noexcept : directory_(std::exchange(other.directory_, nullptr)), place_(other.place_) {}
    Seat& operator=(Seat&& other) noexcept;
    ~Seat() { give_back(); }

    bool taken() const { return directory_ != nullptr; }
    const RoomPlace& place() const { return place_; }

private:
    void give_back();

    RoomDirectory* directory_ = nullptr;
    RoomPlace place_;
};

/// Safe to be called from any thread. It must outlive its seats.
class RoomDirectory {
public:
    /// `seats` are of everybody, `bots` take some of them at once. Precondition: the number is not used yet.
    void open(RoomPlace place, std::uint32_t seats, std::uint32_t bots);
    /// Nobody joins it any more. Seats that are taken are given back as their holders go.
    void close(RoomNumber room);
    /// Whether others than those who have a seat may join it: a room that is behind takes nobody in.
    void set_joinable(RoomNumber room, bool joinable);
    /// Nobody joins anything any more.
    void close_all();

    /// In the room with the fewest players, of two the first. Empty when there is none; see why_none().
    std::optional<Seat> take_seat();
    /// In this room; empty when it has none.
    std::optional<Seat> take_seat(RoomNumber room);
    /// Whether the room is there and open, full or not.
    bool has(RoomNumber room) const;
    /// Whether take_seat() would have one now.
    bool has_seat() const;
    /// Why take_seat() had none just now, in a sentence for who wanted to join.
    std::string why_none() const;
    /// Rooms that are open.
    std::size_t size() const;
    /// Seats of a room, open or not, that have a holder; those of bots are among them.
    std::uint32_t taken(RoomNumber room) const;

private:
    friend class Seat;

    struct Entry {
        RoomPlace place;
        std::uint32_t seats = 0;
        std::uint32_t taken = 0;
        bool open = true;
        bool joinable = true;
    };

    void give_back(RoomNumber room);
    Entry* find(RoomNumber room);
    const Entry* find(RoomNumber room) const;
    static bool has_seat(const Entry& entry) { return entry.open && entry.joinable && entry.taken < entry.seats; }

    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

}  // namespace tidewire::server
