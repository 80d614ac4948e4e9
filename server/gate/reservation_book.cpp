// Few, and in no order.
#include "server/gate/reservation_book.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "server/gate/base64url.h"
#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

namespace {

constexpr std::size_t reservation_bytes = 16;

}  // namespace

std::string ReservationBook::add(RoomNumber room, TimePoint until, const RandomSource& random) {
    std::array<std::byte, reservation_bytes> bytes{};
    random(bytes);
    put_back({to_base64url(bytes), room, until});
    return reservations_.back().text;
}

const Reservation* ReservationBook::find(std::string_view text) const {
    const Reservation* found = nullptr;
    for (const Reservation& each : reservations_)
        if (equal_in_constant_time(as_bytes(each.text), as_bytes(text))) found = &each;
    return found;
}

Reservation ReservationBook::take(const Reservation& reservation) {
    const auto at = reservations_.begin() + (&reservation - reservations_.data());
    Reservation taken = std::move(*at);
    reservations_.erase(at);
    return taken;
}

void ReservationBook::put_back(Reservation reservation) {
    next_expiry_ = std::min(next_expiry_.load(), reservation.until);
    reservations_.push_back(std::move(reservation));
}

std::uint32_t ReservationBook::remove_of(RoomNumber room) {
    return static_cast<std::uint32_t>(
        std::erase_if(reservations_, [&](const Reservation& each) { return each.room == room; }));
}

std::vector<RoomNumber> ReservationBook::take_expired(TimePoint now) {
    std::vector<RoomNumber> rooms;
    if (!may_have_expired(now)) return rooms;
    TimePoint next = never;
    std::erase_if(reservations_, [&](const Reservation& each) {
        if (each.until > now) {
            next = std::min(next, each.until);
            return false;
        }
        rooms.push_back(each.room);
        return true;
    });
    next_expiry_ = next;
    return rooms;
}

}  // namespace tidewire::server
