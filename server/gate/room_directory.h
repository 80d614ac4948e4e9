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

/// What somebody wants in a room: to play, or to watch.
enum class SeatKind : std::uint8_t { Player, Spectator };

class RoomDirectory;

/// A place in a room for one who joins, plays or watches. It is given back when this goes.
class Seat {
public:
    Seat() = default;
    Seat(RoomDirectory& directory, RoomPlace place, SeatKind kind = SeatKind::Player)
        : directory_(&directory), place_(place), kind_(kind) {}
    Seat(Seat&& other) noexcept
        : directory_(std::exchange(other.directory_, nullptr)), place_(other.place_), kind_(other.kind_) {}
    Seat& operator=(Seat&& other) noexcept;
    ~Seat() { give_back(); }

    bool taken() const { return directory_ != nullptr; }
    const RoomPlace& place() const { return place_; }
    SeatKind kind() const { return kind_; }

private:
    void give_back();

    RoomDirectory* directory_ = nullptr;
    RoomPlace place_;
    SeatKind kind_ = SeatKind::Player;
};

/// Safe to be called from any thread. It must outlive its seats.
class RoomDirectory {
public:
    /// `seats` are of everybody who plays, `bots` take some of them at once; whoever watches has others. Precondition: the number is not
    /// used yet.
    void open(RoomPlace place, std::uint32_t seats, std::uint32_t bots, std::uint32_t spectators = 0);
    /// Nobody joins it any more. Seats that are taken are given back as their holders go.
    void close(RoomNumber room);
    /// Whether others than those who have a seat may join it: a room that is behind takes nobody in.
    void set_joinable(RoomNumber room, bool joinable);
    /// Nobody joins anything any more.
    void close_all();

    /// In the room with the fewest players, of two the first; to watch, in the one with the most. Empty when there is none; see why_none().
    std::optional<Seat> take_seat(SeatKind kind = SeatKind::Player);
    /// In this room; empty when it has none.
    std::optional<Seat> take_seat(RoomNumber room, SeatKind kind = SeatKind::Player);
    /// Whether the room is there and open, full or not.
    bool has(RoomNumber room) const;
    /// Whether take_seat() would have one now.
    bool has_seat(SeatKind kind = SeatKind::Player) const;
    /// Whether any room is made for this kind, however full.
    bool knows(SeatKind kind) const;
    /// Why take_seat() had none just now, in a sentence for who wanted to come.
    std::string why_none(SeatKind kind = SeatKind::Player) const;
    /// Rooms that are open.
    std::size_t size() const;
    /// Seats of a room, open or not, that have a holder; those of bots are among them.
    std::uint32_t taken(RoomNumber room) const;

private:
    friend class Seat;

    struct Entry {
        /// Of one kind.
        struct Places {
            std::uint32_t all = 0;
            std::uint32_t taken = 0;
            bool free() const { return taken < all; }
        };
        RoomPlace place;
        Places players{};
        Places spectators{};
        bool open = true;
        bool joinable = true;

        Places& of(SeatKind kind) { return kind == SeatKind::Player ? players : spectators; }
        const Places& of(SeatKind kind) const { return kind == SeatKind::Player ? players : spectators; }
        /// A room that is behind takes in nobody who plays; whoever watches is left out of what it cannot do.
        bool has_seat(SeatKind kind) const {
            return open && (joinable || kind == SeatKind::Spectator) && of(kind).free();
        }
    };

    void give_back(RoomNumber room, SeatKind kind);
    Entry* find(RoomNumber room);
    const Entry* find(RoomNumber room) const;

    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

}  // namespace tidewire::server
