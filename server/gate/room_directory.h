// Which rooms a server has, on which shard each lives, who finds it, and how many of its seats are taken. All shards ask it, and so do the
// program and the list of rooms; nobody knows more of it than this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/core/base/time.h"
#include "server/gate/gate_event.h"
#include "server/gate/reservation.h"
#include "tidewire/identity.h"
#include "tidewire/room_description.h"
#include "tidewire/room_wish.h"

namespace tidewire::server {

/// Where a room is, as of when it was asked.
struct RoomPlace {
    RoomNumber room{};
    std::uint32_t shard = 0;
};

/// What somebody wants in a room: to play, or to watch.
enum class SeatKind : std::uint8_t { Player, Spectator };

class RoomDirectory;

/// A place in a room for one who joins, plays or watches. It is given back when this goes: to be had by anybody, or for who had it kept, if
/// that one has not come in by it.
class Seat {
public:
    Seat() = default;
    Seat(RoomDirectory& directory, RoomPlace place, SeatKind kind = SeatKind::Player)
        : directory_(&directory), place_(place), kind_(kind) {}
    /// One that was kept, to play.
    Seat(RoomDirectory& directory, RoomPlace place, Reservation kept)
        : directory_(&directory), place_(place), kept_(std::make_unique<Reservation>(std::move(kept))) {}
    Seat(Seat&& other) noexcept
        : directory_(std::exchange(other.directory_, nullptr)),
          place_(other.place_),
          kind_(other.kind_),
          kept_(std::move(other.kept_)) {}
    Seat& operator=(Seat&& other) noexcept;
    ~Seat() { give_back(); }

    bool taken() const { return directory_ != nullptr; }
    const RoomPlace& place() const { return place_; }
    SeatKind kind() const { return kind_; }
    /// Its holder has come in: what it was kept by is used up.
    void use() { kept_.reset(); }

private:
    void give_back();

    RoomDirectory* directory_ = nullptr;
    RoomPlace place_;
    SeatKind kind_ = SeatKind::Player;
    std::unique_ptr<Reservation> kept_;  // null: it was not, or that is used up
};

/// A room that is to be opened.
struct NewRoom {
    RoomDescription room{};  ///< Its `seats` are not 0.
    std::uint32_t bots = 0;
    bool is_private = false;  ///< And gets a code, if it has none.
    bool by_client = false;   ///< One of ClientRoomOptions::rooms_max.
};

struct SeatWish {
    SeatKind kind = SeatKind::Player;
    RoomWish room{};
    bool invited = false;                ///< A token names the room: nobody asks for its code.
    const NewRoom* otherwise = nullptr;  ///< What is opened where the wish says so. Null: nothing is.
};

/// What a shard is to do with a room of its own.
struct RoomOrder {
    RoomNumber room{};
    std::optional<NewRoom> open{};  ///< Empty: it is to end, for this `reason`.
    std::string reason{};
};

/// A public room, as others are told of it.
struct RoomListing {
    RoomNumber number{};
    std::string name{};
    RoomProperties properties{};
    std::uint32_t players = 0;  ///< Humans and bots, those who are on the way and whose place is kept.
    std::uint32_t seats = 0;
    std::uint64_t revision = 0;  ///< Another one whenever any of this has changed; it rises.
};

/// Safe to be called from any thread. It must outlive its seats.
class RoomDirectory {
public:
    RoomDirectory() = default;
    virtual ~RoomDirectory() = default;
    RoomDirectory(const RoomDirectory&) = delete;
    RoomDirectory& operator=(const RoomDirectory&) = delete;

    // Rooms.
    /// So many shards run rooms; before it was said, one does.
    virtual void set_shards(std::uint32_t count) = 0;
    /// A shard runs it, and it was not ordered, or not in this process; `by_client` as NewRoom. `bots` take some of its seats, which are not
    /// 0, at once. False, and nothing has changed: another open room has its name. Precondition: the number is not used yet.
    virtual bool open(RoomPlace place, RoomDescription room, std::uint32_t bots, bool by_client = false) = 0;
    /// A shard is yet to open a room of this number: none is ordered under it.
    virtual void keep_number(RoomNumber room) = 0;
    /// A room on the shard with the fewest, which is to see poll_order(): wake it. A Refusal when there cannot be one.
    virtual std::variant<RoomPlace, Refusal> order(NewRoom room) = 0;
    /// The open room of this name is to end. Empty when there is none; wake its shard.
    virtual std::optional<RoomPlace> order_end(std::string_view name, std::string_view reason) = 0;
    /// What this shard is to do next; each once. It costs nearly nothing while there is nothing.
    virtual std::optional<RoomOrder> poll_order(std::uint32_t shard) = 0;
    /// Nobody joins it any more. Seats that are taken are given back as their holders go.
    virtual void close(RoomNumber room) = 0;
    /// The same if nobody but bots has a seat to play in it or is kept one. Whether it is closed.
    virtual bool close_if_empty(RoomNumber room) = 0;
    /// Whether others than those who have a seat may join it: a room that is behind takes nobody in.
    virtual void set_joinable(RoomNumber room, bool joinable) = 0;
    /// Nobody joins anything any more, and no room is opened.
    virtual void close_all() = 0;

    // Seats.
    /// As RoomWish says it, in a room that is there or in a new one, which is then ordered. Who watches gets a place where something is to
    /// be seen: in the room with the most players, whether that takes in others who play or not; no room is opened for it.
    virtual std::variant<Seat, Refusal> take_seat(const SeatWish& wish, TimePoint now) = 0;
    /// In any public room; see why_none() where it is empty.
    std::optional<Seat> take_seat(SeatKind kind = SeatKind::Player);
    /// Keeps a place in the open room of this name until `until`, for who brings the text that this returns as RoomWish::reservation.
    virtual std::variant<std::string, Refusal> reserve(std::string_view name, TimePoint until) = 0;
    /// Gives back what was kept for somebody who has not come. Once a tick is enough.
    virtual void handle_timeout(TimePoint now) = 0;

    // State.
    /// Whether the room is there and open, full or not.
    virtual bool has(std::string_view name) const = 0;
    /// Whether somebody would have a place now, in a room that is there or, to play, in one that clients may open.
    virtual bool has_seat(SeatKind kind = SeatKind::Player) const = 0;
    /// Whether rooms are made for this kind at all, however full they are.
    virtual bool knows(SeatKind kind) const = 0;
    /// Why there is no seat just now, in a sentence for who wanted to come.
    virtual std::string why_none(SeatKind kind = SeatKind::Player) const = 0;
    /// Rooms that are open.
    virtual std::size_t size() const = 0;
    /// Seats to play of a room, open or not, that have a holder or are kept; those of bots are among them.
    virtual std::uint32_t taken(RoomNumber room) const = 0;
    /// Public rooms that are open, by number; the first so many.
    virtual std::vector<RoomListing> list(std::size_t rooms_max) const = 0;

protected:
    friend class Seat;
    /// `unused`: what it was kept by; null: nothing, or that is used up.
    virtual void give_back(RoomNumber room, SeatKind kind, std::unique_ptr<Reservation> unused) = 0;
};

}  // namespace tidewire::server
