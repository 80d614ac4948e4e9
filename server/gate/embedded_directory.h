// The rooms of one process, in its memory.
#pragma once

#include <atomic>
#include <mutex>

#include "sdk/core/base/random.h"
#include "server/gate/reservation_book.h"
#include "server/gate/room_directory.h"

namespace tidewire::server {

struct DirectoryLimits {
    std::uint32_t client_rooms_max = 0;  ///< Open at once; 0: clients open none.
    std::uint32_t spectators_max = 0;    ///< In each room, beside its seats.
    std::uint32_t numbers_kept = 0;      ///< Rooms up to this number are opened by their shards, and none is ordered under it.
    std::uint32_t rooms_max = 8192;      ///< All that are open or have somebody on his way out: a walk over them takes some 10 µs.
    std::size_t reservations_max = 4096; ///< Of places that are kept: each is compared with what somebody brings.
};

class EmbeddedDirectory : public RoomDirectory {
public:
    /// `random` makes codes and reservations: without it there are none.
    explicit EmbeddedDirectory(DirectoryLimits limits = {}, RandomSource random = {});

    using RoomDirectory::take_seat;

    void set_shards(std::uint32_t count) override;
    bool open(RoomPlace place, RoomDescription room, std::uint32_t bots, bool by_client = false) override;
    void keep_number(RoomNumber room) override;
    std::variant<RoomPlace, Refusal> order(NewRoom room) override;
    std::optional<RoomPlace> order_end(std::string_view name, std::string_view reason) override;
    std::optional<RoomOrder> poll_order(std::uint32_t shard) override;
    void close(RoomNumber room) override;
    bool close_if_empty(RoomNumber room) override;
    void set_joinable(RoomNumber room, bool joinable) override;
    void close_all() override;
    std::variant<Seat, Refusal> take_seat(const SeatWish& wish, TimePoint now) override;
    std::variant<std::string, Refusal> reserve(std::string_view name, TimePoint until) override;
    void handle_timeout(TimePoint now) override;
    bool has(std::string_view name) const override;
    bool has_seat(SeatKind kind = SeatKind::Player) const override;
    bool knows(SeatKind kind) const override;
    std::string why_none(SeatKind kind = SeatKind::Player) const override;
    std::size_t size() const override;
    std::uint32_t taken(RoomNumber room) const override;
    std::vector<RoomListing> list(std::size_t rooms_max) const override;

private:
    struct Entry {
        RoomPlace place;
        RoomDescription room;
        std::uint32_t bots = 0;
        std::uint32_t taken = 0;  // to play
        std::uint32_t spectators_taken = 0;
        bool by_client = false;
        bool open = true;
        bool joinable = true;
        std::uint64_t revision = 0;
    };
    struct ShardOrder {
        std::uint32_t shard;
        RoomOrder order;
    };
    struct Search {
        Entry* best = nullptr;  // that has a place free
        bool fits = false;      // one is as it was wished, though it may be full
        bool behind = false;    // and takes nobody in
    };

    // With the mutex held.
    void give_back(RoomNumber room, SeatKind kind, std::unique_ptr<Reservation> unused) override;
    void take(Entry& entry, SeatKind kind);
    void release(Entry& entry, SeatKind kind);
    Search search(const SeatWish& wish);
    std::variant<Seat, Refusal> redeem(const SeatWish& wish);
    std::variant<RoomPlace, Refusal> add(NewRoom room);
    std::uint32_t emptiest_shard() const;
    const Entry* find(RoomNumber room) const;
    Entry* find(RoomNumber room) { return const_cast<Entry*>(std::as_const(*this).find(room)); }
    const Entry* find(std::string_view name) const;
    Entry* find(std::string_view name) { return const_cast<Entry*>(std::as_const(*this).find(name)); }
    void close(Entry& entry);
    void forget_if_gone(RoomNumber room);
    void expire(TimePoint now);
    void note_change(Entry& entry);
    std::string new_code();
    std::size_t count_client_rooms() const;
    std::string say_why_none(SeatKind kind) const;

    const DirectoryLimits limits_;
    RandomSource random_;
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;  // by number
    ReservationBook reservations_;
    std::vector<ShardOrder> orders_;
    std::uint32_t shards_ = 1;
    std::uint32_t number_;  // the highest that was used, or is kept
    bool closed_ = false;
    std::uint64_t revision_ = 0;  // of the list, at its last change
    std::atomic<std::size_t> order_count_ = 0;  // of orders_, to be read without the mutex
};

}  // namespace tidewire::server
