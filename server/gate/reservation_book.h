// Which places are kept, until when, and who may have them: whoever brings the text of one. It knows rooms by number alone, and nothing of
// their seats.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/gate/reservation.h"

namespace tidewire::server {

/// One thread at a time, but for may_have_expired().
class ReservationBook {
public:
    explicit ReservationBook(std::size_t reservations_max) : reservations_max_(reservations_max) {}

    bool full() const { return reservations_.size() >= reservations_max_; }
    /// Its text, which `random` makes. Precondition: it is not full().
    std::string add(RoomNumber room, TimePoint until, const RandomSource& random);
    /// Null when there is none; valid until anything changes. All are looked at, whichever of them is right.
    const Reservation* find(std::string_view text) const;
    /// It is not kept any more. Precondition: find() has found it.
    Reservation take(const Reservation& reservation);
    /// One that was taken is kept as before, however many there are; also when its time is over meanwhile, which the next take_expired()
    /// finds.
    void put_back(Reservation reservation);
    /// All of a room, which is over. How many there were.
    std::uint32_t remove_of(RoomNumber room);
    /// Those whose time is over go: the room of each.
    std::vector<RoomNumber> take_expired(TimePoint now);
    /// False: take_expired() would find none. Any thread.
    bool may_have_expired(TimePoint now) const { return now >= next_expiry_.load(); }

private:
    const std::size_t reservations_max_;
    std::vector<Reservation> reservations_;
    std::atomic<TimePoint> next_expiry_ = never;
};

}  // namespace tidewire::server
